"""A cart for each visitor, with aiohttp-session and aiohttp-security."""

from __future__ import annotations

import os
import sys

import aiohttp_security
from aiohttp import web
from aiohttp_security.abc import AbstractAuthorizationPolicy
from aiohttp_security.session_identity import SessionIdentityPolicy
from aiohttp_session import get_session, new_session

from cookiesession_adapters.aiohttp_session import setup
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")
routes = web.RouteTableDef()


class Users(AbstractAuthorizationPolicy):
    """Every name is a user. A real application looks into its database."""

    async def authorized_userid(self, identity: str) -> str:
        """Return the user's id."""
        return identity

    async def permits(
        self,
        identity: str | None,
        permission: object,  # noqa: ARG002
        context: object = None,  # noqa: ARG002
    ) -> bool:
        """Permit everything to a visitor who has logged in."""
        return identity is not None


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """Show the cart."""
    session = await get_session(request)
    user = await aiohttp_security.authorized_userid(request) or "nobody"
    return web.Response(text=f"{user}: {', '.join(session.get('cart', []))}")


@routes.post("/log-in/{user}")
async def log_in(request: web.Request) -> web.Response:
    """Begin a session. A real application checks a password first."""
    user = request.match_info["user"]
    await new_session(request)
    response = web.Response(text=f"hello, {user}")
    await aiohttp_security.remember(request, response, user)
    return response


@routes.post("/cart/{item}")
async def add(request: web.Request) -> web.Response:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    item = request.match_info["item"]
    (await get_session(request)).setdefault("cart", []).append(item)
    return web.Response(text=item)


@routes.get("/account")
async def account(request: web.Request) -> web.Response:
    """Show what only a logged-in user may see: anybody else gets 401."""
    user = await aiohttp_security.check_authorized(request)
    return web.Response(text=f"the account of {user}")


@routes.post("/log-out")
async def log_out(request: web.Request) -> web.Response:
    """End the session."""
    (await get_session(request)).invalidate()
    return web.Response(text="bye")


def make_app() -> web.Application:
    """Build the application."""
    app = web.Application()
    setup(app, sessions)
    aiohttp_security.setup(app, SessionIdentityPolicy(), Users())
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(sys.argv[1]))

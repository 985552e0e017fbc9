"""A cart for each visitor, with aiohttp."""

from __future__ import annotations

import os
import sys

from aiohttp import web

from cookiesession_adapters.aiohttp import get_session, setup
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")
routes = web.RouteTableDef()


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """Show the cart."""
    session = get_session(request)
    return web.Response(
        text=f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"
    )


@routes.post("/log-in/{user}")
async def log_in(request: web.Request) -> web.Response:
    """Begin a session. A real application checks a password first."""
    user = request.match_info["user"]
    get_session(request).replace({"user": user, "cart": []})
    return web.Response(text=f"hello, {user}")


@routes.post("/cart/{item}")
async def add(request: web.Request) -> web.Response:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    item = request.match_info["item"]
    get_session(request).setdefault("cart", []).append(item)
    return web.Response(text=item)


@routes.get("/account")
async def account(request: web.Request) -> web.Response:
    """Show what only a logged-in user may see."""
    session = get_session(request)
    if "user" not in session:
        raise web.HTTPUnauthorized(text="Log in first.")
    return web.Response(text=f"the account of {session['user']}")


@routes.post("/log-out")
async def log_out(request: web.Request) -> web.Response:
    """End the session."""
    get_session(request).destroy()
    return web.Response(text="bye")


def make_app() -> web.Application:
    """Build the application."""
    app = web.Application()
    setup(app, sessions)
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=int(sys.argv[1]))

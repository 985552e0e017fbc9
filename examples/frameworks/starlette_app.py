"""A cart for each visitor, with Starlette."""

from __future__ import annotations

import os

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")


async def home(request: Request) -> PlainTextResponse:
    """Show the cart."""
    session = request.session
    return PlainTextResponse(
        f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"
    )


async def log_in(request: Request) -> PlainTextResponse:
    """Begin a session. A real application checks a password first."""
    user = request.path_params["user"]
    get_session(request.scope).replace({"user": user, "cart": []})
    return PlainTextResponse(f"hello, {user}")


async def add(request: Request) -> PlainTextResponse:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    item = request.path_params["item"]
    request.session.setdefault("cart", []).append(item)
    return PlainTextResponse(item)


async def account(request: Request) -> PlainTextResponse:
    """Show what only a logged-in user may see."""
    if "user" not in request.session:
        raise HTTPException(401, "Log in first.")
    return PlainTextResponse(f"the account of {request.session['user']}")


async def log_out(request: Request) -> PlainTextResponse:
    """End the session."""
    get_session(request.scope).destroy()
    return PlainTextResponse("bye")


app = Starlette(
    routes=[
        Route("/", home),
        Route("/log-in/{user}", log_in, methods=["POST"]),
        Route("/cart/{item}", add, methods=["POST"]),
        Route("/account", account),
        Route("/log-out", log_out, methods=["POST"]),
    ]
)
application = CookieSessionMiddleware(app, sessions)

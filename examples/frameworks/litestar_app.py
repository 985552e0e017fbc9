"""A cart for each visitor, with Litestar."""

from __future__ import annotations

import os
from typing import Any

from litestar import Litestar, MediaType, Request, get, post
from litestar.exceptions import NotAuthorizedException

from cookiesession_adapters.litestar import CookieSessionConfig
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")
config = CookieSessionConfig(sessions)
AnyRequest = Request[Any, Any, Any]


@get("/", media_type=MediaType.TEXT)
async def home(request: AnyRequest) -> str:
    """Show the cart."""
    session = request.session
    return f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"


@post("/log-in/{user:str}", media_type=MediaType.TEXT)
async def log_in(request: AnyRequest) -> str:
    """Begin a session. A real application checks a password first."""
    user = request.path_params["user"]
    request.set_session({"user": user, "cart": []})
    return f"hello, {user}"


@post("/cart/{item:str}", media_type=MediaType.TEXT)
async def add(request: AnyRequest) -> str:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    item: str = request.path_params["item"]
    request.session.setdefault("cart", []).append(item)
    return item


@get("/account", media_type=MediaType.TEXT)
async def account(request: AnyRequest) -> str:
    """Show what only a logged-in user may see."""
    if "user" not in request.session:
        raise NotAuthorizedException(detail="Log in first.")
    return f"the account of {request.session['user']}"


@post("/log-out", media_type=MediaType.TEXT)
async def log_out(request: AnyRequest) -> str:
    """End the session."""
    request.clear_session()
    return "bye"


app = Litestar([home, log_in, add, account, log_out], middleware=[config.middleware])

"""A cart for each visitor, with FastAPI."""

from __future__ import annotations

import os
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, Session, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")


app = FastAPI(default_response_class=PlainTextResponse)
app.add_middleware(CookieSessionMiddleware, sessions=sessions)


async def session_of(request: Request) -> Session:
    """Return the request's session, for routes that depend on it."""
    return get_session(request)


CurrentSession = Annotated[Session, Depends(session_of)]


async def logged_in_user(session: CurrentSession) -> str:
    """Return the user, for routes that need one. Nobody else gets to them."""
    if "user" not in session:
        raise HTTPException(401, "Log in first.")
    user: str = session["user"]
    return user


CurrentUser = Annotated[str, Depends(logged_in_user)]


@app.get("/")
async def home(session: CurrentSession) -> str:
    """Show the cart."""
    return f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"


@app.post("/log-in/{user}")
async def log_in(user: str, session: CurrentSession) -> str:
    """Begin a session. A real application checks a password first."""
    session.replace({"user": user, "cart": []})
    return f"hello, {user}"


@app.post("/cart/{item}")
async def add(item: str, session: CurrentSession) -> str:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    session.setdefault("cart", []).append(item)
    return item


@app.get("/account")
async def account(user: CurrentUser) -> str:
    """Show what only a logged-in user may see."""
    return f"the account of {user}"


@app.post("/log-out")
async def log_out(session: CurrentSession) -> str:
    """End the session."""
    session.destroy()
    return "bye"

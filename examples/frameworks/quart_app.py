"""A cart for each visitor, with Quart."""

from __future__ import annotations

import os

from quart import Quart, request

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, Session, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")

app = Quart(__name__)
app.asgi_app = CookieSessionMiddleware(app.asgi_app, sessions)


def current_session() -> Session:
    """Return the session of the current request."""
    return get_session(request.scope)


@app.get("/")
async def home() -> str:
    """Show the cart."""
    session = current_session()
    return f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"


@app.post("/log-in/<user>")
async def log_in(user: str) -> str:
    """Begin a session. A real application checks a password first."""
    current_session().replace({"user": user, "cart": []})
    return f"hello, {user}"


@app.post("/cart/<item>")
async def add(item: str) -> str:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    current_session().setdefault("cart", []).append(item)
    return item


@app.post("/log-out")
async def log_out() -> str:
    """End the session."""
    current_session().destroy()
    return "bye"

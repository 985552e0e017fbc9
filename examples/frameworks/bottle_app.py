"""A cart for each visitor, with Bottle."""

from __future__ import annotations

import os

from bottle import Bottle, abort, request

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, Session, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")
app = Bottle()


def current_session() -> Session:
    """Return the session of the current request."""
    return get_session(request.environ)


@app.get("/")
def home() -> str:
    """Show the cart."""
    session = current_session()
    return f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"


@app.post("/log-in/<user>")
def log_in(user: str) -> str:
    """Begin a session. A real application checks a password first."""
    current_session().replace({"user": user, "cart": []})
    return f"hello, {user}"


@app.post("/cart/<item>")
def add(item: str) -> str:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    current_session().setdefault("cart", []).append(item)
    return item


@app.get("/account")
def account() -> str:
    """Show what only a logged-in user may see."""
    session = current_session()
    if "user" not in session:
        abort(401, "Log in first.")
    return f"the account of {session['user']}"


@app.post("/log-out")
def log_out() -> str:
    """End the session."""
    current_session().destroy()
    return "bye"


application = CookieSessionMiddleware(app, sessions)

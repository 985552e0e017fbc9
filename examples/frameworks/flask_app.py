"""A cart for each visitor, with Flask."""

from __future__ import annotations

import os

from flask import Flask, abort, session

from cookiesession_adapters.flask import setup
from cookiesession_core import parse_keys

app = Flask(__name__)
app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
setup(app, keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")))


@app.get("/")
def home() -> str:
    """Show the cart."""
    return f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"


@app.post("/log-in/<user>")
def log_in(user: str) -> str:
    """Begin a session. A real application checks a password first."""
    session.clear()
    session.update(user=user, cart=[])
    return f"hello, {user}"


@app.post("/cart/<item>")
def add(item: str) -> str:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    session.setdefault("cart", []).append(item)
    return item


@app.get("/account")
def account() -> str:
    """Show what only a logged-in user may see."""
    if "user" not in session:
        abort(401, "Log in first.")
    return f"the account of {session['user']}"


@app.post("/log-out")
def log_out() -> str:
    """End the session."""
    session.clear()
    return "bye"

"""A cart for each visitor, with Pyramid."""

from __future__ import annotations

import os

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPUnauthorized
from pyramid.request import Request

from cookiesession_adapters.pyramid import setup
from cookiesession_core import CookieSession, CookieSessionError, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")


def home(request: Request) -> str:
    """Show the cart."""
    session = request.session
    return f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"


def log_in(request: Request) -> str:
    """Begin a session. A real application checks a password first."""
    user = request.matchdict["user"]
    request.session.replace({"user": user, "cart": []})
    return f"hello, {user}"


def add(request: Request) -> str:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    item: str = request.matchdict["item"]
    request.session.setdefault("cart", []).append(item)
    return item


def account(request: Request) -> str:
    """Show what only a logged-in user may see."""
    if "user" not in request.session:
        raise HTTPUnauthorized(detail="Log in first.")
    return f"the account of {request.session['user']}"


def log_out(request: Request) -> str:
    """End the session."""
    request.session.invalidate()
    return "bye"


def not_saved(_error: CookieSessionError, request: Request) -> str:
    """Say that the session cannot be sent: the cart is too large."""
    request.response.status = 500
    return "This does not fit into your cart."


with Configurator() as config:
    setup(config, sessions)
    for pattern, method, view in (
        ("/", "GET", home),
        ("/log-in/{user}", "POST", log_in),
        ("/cart/{item}", "POST", add),
        ("/account", "GET", account),
        ("/log-out", "POST", log_out),
    ):
        config.add_route(pattern, pattern)
        config.add_view(view, route_name=pattern, request_method=method, renderer="string")
    config.add_exception_view(not_saved, context=CookieSessionError, renderer="string")
    application = config.make_wsgi_app()

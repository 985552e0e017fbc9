"""A cart for each visitor, with Pyramid."""

from __future__ import annotations

import os

from pyramid.config import Configurator
from pyramid.request import Request

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, Session, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")


def session_of(request: Request) -> Session:
    """Return the request's session. Views find it as ``request.cookie_session``."""
    return get_session(request.environ)


def home(request: Request) -> str:
    """Show the cart."""
    session = request.cookie_session
    return f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}"


def log_in(request: Request) -> str:
    """Begin a session. A real application checks a password first."""
    user = request.matchdict["user"]
    request.cookie_session.replace({"user": user, "cart": []})
    return f"hello, {user}"


def add(request: Request) -> str:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    item: str = request.matchdict["item"]
    request.cookie_session.setdefault("cart", []).append(item)
    return item


def log_out(request: Request) -> str:
    """End the session."""
    request.cookie_session.destroy()
    return "bye"


with Configurator() as config:
    config.add_request_method(session_of, "cookie_session", reify=True)
    for pattern, method, view in (
        ("/", "GET", home),
        ("/log-in/{user}", "POST", log_in),
        ("/cart/{item}", "POST", add),
        ("/log-out", "POST", log_out),
    ):
        config.add_route(pattern, pattern)
        config.add_view(view, route_name=pattern, request_method=method, renderer="string")
    application = CookieSessionMiddleware(config.make_wsgi_app(), sessions)

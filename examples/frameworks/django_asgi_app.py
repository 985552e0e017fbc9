"""A cart for each visitor, with Django under ASGI. The whole project is in this file."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")

# settings.py
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "testserver"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="Django's own, not a session key",
)
django.setup()


# views.py
async def home(request: ASGIRequest) -> HttpResponse:
    """Show the cart."""
    session = get_session(request.scope)
    return HttpResponse(f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}")


@require_POST
async def log_in(request: ASGIRequest, user: str) -> HttpResponse:
    """Begin a session. A real application checks a password first."""
    get_session(request.scope).replace({"user": user, "cart": []})
    return HttpResponse(f"hello, {user}")


@require_POST
async def add(request: ASGIRequest, item: str) -> HttpResponse:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    get_session(request.scope).setdefault("cart", []).append(item)
    return HttpResponse(item)


async def account(request: ASGIRequest) -> HttpResponse:
    """Show what only a logged-in user may see."""
    session = get_session(request.scope)
    if "user" not in session:
        return HttpResponse("Log in first.", status=401)
    return HttpResponse(f"the account of {session['user']}")


@require_POST
async def log_out(request: ASGIRequest) -> HttpResponse:
    """End the session."""
    get_session(request.scope).destroy()
    return HttpResponse("bye")


# urls.py
urlpatterns = [
    path("", home),
    path("log-in/<user>", log_in),
    path("cart/<item>", add),
    path("account", account),
    path("log-out", log_out),
]

# asgi.py
application = CookieSessionMiddleware(get_asgi_application(), sessions)

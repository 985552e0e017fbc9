"""A cart for each visitor, with Django. The whole project is in this file."""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from cookiesession_core import parse_keys

# settings.py
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1", "testserver"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="Django's own, not a session key",
    MIDDLEWARE=["cookiesession_adapters.django.SessionMiddleware"],
    SESSION_ENGINE="cookiesession_adapters.django",
    COOKIESESSION={"keys": parse_keys(os.environ.get("COOKIESESSION_KEYS"))},
)
django.setup()


# views.py
def home(request: HttpRequest) -> HttpResponse:
    """Show the cart."""
    session = request.session
    return HttpResponse(f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}")


@require_POST
def log_in(request: HttpRequest, user: str) -> HttpResponse:
    """Begin a session. A real application checks a password first."""
    request.session.flush()
    request.session.update({"user": user, "cart": []})
    return HttpResponse(f"hello, {user}")


@require_POST
def add(request: HttpRequest, item: str) -> HttpResponse:
    """Put an item into the cart. A change inside a list is saved like any other change."""
    request.session.setdefault("cart", []).append(item)
    return HttpResponse(item)


def account(request: HttpRequest) -> HttpResponse:
    """Show what only a logged-in user may see."""
    session = request.session
    if "user" not in session:
        return HttpResponse("Log in first.", status=401)
    return HttpResponse(f"the account of {session['user']}")


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    request.session.flush()
    return HttpResponse("bye")


# urls.py
urlpatterns = [
    path("", home),
    path("log-in/<user>", log_in),
    path("cart/<item>", add),
    path("account", account),
    path("log-out", log_out),
]

# wsgi.py
application = get_wsgi_application()

from __future__ import annotations

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from cookiesession_adapters.legacy.django import DjangoReader
from tests.support.keys import KEYS

from . import LEGACY_KEY, OURS

WITH_DJANGOS_OWN = {
    "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
    "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware"],
}
WITH_OURS = {
    "SESSION_ENGINE": "cookiesession_adapters.django",
    "MIDDLEWARE": ["cookiesession_adapters.django.SessionMiddleware"],
    "COOKIESESSION": {"keys": KEYS, "legacy": [DjangoReader(LEGACY_KEY)]},
}
settings.configure(
    ROOT_URLCONF=__name__,
    SECRET_KEY="of everything else in Django" if OURS else LEGACY_KEY,
    ALLOWED_HOSTS=["127.0.0.1"],
    **(WITH_OURS if OURS else WITH_DJANGOS_OWN),
)
django.setup()


def log_in(request: HttpRequest, user: str) -> HttpResponse:
    request.session["user"] = user
    return HttpResponse("welcome")


def show_user(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.session.get("user")))


def count(request: HttpRequest) -> HttpResponse:
    request.session["views"] = request.session.get("views", 0) + 1
    return HttpResponse(str(request.session["views"]))


def log_out(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponse("bye")


urlpatterns = [
    path("log-in/<user>", log_in),
    path("user", show_user),
    path("count", count),
    path("log-out", log_out),
]

application = get_wsgi_application()

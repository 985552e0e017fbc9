"""Django's ``signed_cookies`` sessions: the store, and the middleware around a view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.http.cookie import parse_cookie

from benchmarks import drivers
from benchmarks.contender import (
    FUNCTIONS,
    LOAD,
    READ,
    ROUND_TRIP,
    SAVE,
    UNTOUCHED,
    Contender,
    Operation,
)
from benchmarks.floor import WsgiApp
from benchmarks.payloads import KEY, Payload, as_request

if not settings.configured:
    settings.configure(
        SECRET_KEY=KEY,
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        SESSION_COOKIE_NAME="session",
    )

RESPONSE = HttpResponse()
View = Callable[[Any], HttpResponse]


def load(header: str) -> Any:
    """Find, verify, decode."""
    return SessionStore(parse_cookie(header).get("session")).load()


def save(contents: dict[str, Any]) -> list[str]:
    """Encode, sign, format; as the middleware does."""
    store = SessionStore()
    store.update(contents)
    store.save()
    RESPONSE.set_cookie(
        "session", store.session_key, max_age=1_209_600, path="/", httponly=True, samesite="Lax"
    )
    return [RESPONSE.cookies["session"].OutputString()]


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the store and the middleware are measured by."""
    contents = payload.contents
    cookie = as_request(save(contents))

    def round_trip() -> list[str]:
        store = SessionStore(parse_cookie(cookie).get("session"))
        store["views"] = store.get("views", 0) + 1
        store.save()
        RESPONSE.set_cookie(
            "session", store.session_key, max_age=1_209_600, path="/", httponly=True, samesite="Lax"
        )
        return [RESPONSE.cookies["session"].OutputString()]

    yield Operation(FUNCTIONS, LOAD, lambda: load(cookie), lambda result: result)
    yield Operation(FUNCTIONS, SAVE, lambda: save(contents), _saved)
    yield Operation(FUNCTIONS, ROUND_TRIP, round_trip, _saved)
    for name, view in ((ROUND_TRIP, _bump), (UNTOUCHED, _bare), (READ, _read)):
        app = _served(SessionMiddleware(view))
        yield drivers.wsgi_operation(name, app, cookie, load, bare=_served(_bare))


def _served(view: View) -> WsgiApp:
    """Return a view as what ``WSGIHandler`` makes of it, without URLs and exceptions."""

    def app(environ: Any, start_response: Any) -> Any:
        response = view(WSGIRequest(environ))
        headers = list(response.items())
        headers += [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
        start_response("200 OK", headers)
        return response

    return app


def _bare(request: Any) -> HttpResponse:
    del request
    return HttpResponse(b"ok")


def _read(request: Any) -> HttpResponse:
    drivers.SEEN["views"] = request.session["views"]
    return HttpResponse(b"ok")


def _bump(request: Any) -> HttpResponse:
    request.session["views"] = request.session.get("views", 0) + 1
    return HttpResponse(b"ok")


def _saved(set_cookies: list[str]) -> Any:
    return load(as_request(set_cookies))


CONTENDER = Contender(
    name="django",
    title="Django signed_cookies",
    differs="HMAC-SHA256; signs a timestamp and checks the age; compresses where that helps; "
    "sets max-age and expires; the view is called without Django's URLs and exception pages",
    operations=operations,
    packages=("Django",),
)

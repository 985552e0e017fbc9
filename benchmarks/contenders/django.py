"""Django's sessions with ``signed_cookies``: the middleware around a view, without URLs."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse

from benchmarks.apps import WSGI, View, titled
from benchmarks.contenders import Framework
from benchmarks.payloads import KEY, Fields

settings.configure(
    SECRET_KEY=KEY,
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    SESSION_COOKIE_NAME="session",
)


def _view(view: View | None, fields: Fields) -> Callable[[Any], HttpResponse]:
    headers = titled(fields)

    def respond(request: Any) -> HttpResponse:
        if view is not None:
            view(request.session)
        response = HttpResponse(b"ok")
        for name, value in headers:
            response[name] = value
        return response

    return respond


def _served(respond: Callable[[Any], Any]) -> Any:
    def app(environ: Any, start_response: Any) -> Any:
        response = respond(WSGIRequest(environ))
        cookies = [("Set-Cookie", morsel.OutputString()) for morsel in response.cookies.values()]
        start_response("200 OK", [*response.items(), *cookies])
        return response

    return app


CONTENDER = Framework(
    "Django",
    WSGI,
    lambda view, fields: _served(SessionMiddleware(_view(view, fields))),
    lambda fields: _served(_view(None, fields)),
)

"""Django's own ``request.session`` under waitress."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from functools import partial
from http.cookies import Morsel
from typing import TYPE_CHECKING

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import re_path

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session, SessionView
from tests.conformance.script import HEADER, Script, perform

from .targets import Feature, Setup, Target
from .wsgi import between, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SETTINGS = {
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "MIDDLEWARE": ["cookiesession_adapters.django.SessionMiddleware"],
    "ROOT_URLCONF": __name__,
    "SESSION_COOKIE_NAME": "session",
    "SESSION_ENGINE": "cookiesession_adapters.django",
}


class Verbatim(Morsel[str]):
    """A cookie whose text is that of the script."""

    def __init__(self, line: str) -> None:
        super().__init__()
        name, _, value = line.partition(";")[0].partition("=")
        self.set(name, value, value)
        self.line = line

    def OutputString(self, attrs: object = None) -> str:  # noqa: ARG002, N802 - as Morsel
        return self.line


def find(request: HttpRequest, name: str | None) -> Session | SessionView:
    """Return what Django has, or the session of another name that is beside it."""
    session: SessionView = request.session
    if name is None or get_session(request, name) is session.core:
        return session
    return get_session(request, name)


def view(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Perform the request's script."""
    script = Script.load(request.headers[HEADER])
    body = script.perform(partial(find, request))
    response = HttpResponse(body, status=script.reply.status)
    if script.reply.chunks:
        stream = script.stream(partial(find, request))
        response = StreamingHttpResponse(stream, status=script.reply.status)
    for name, value in script.reply.headers:
        if name == "Set-Cookie":
            response.cookies[value.partition("=")[0]] = Verbatim(value)
        else:
            response[name] = value
    for name in script.reply.deletes:
        response.delete_cookie(name)
    return response


def handler500(request: HttpRequest) -> HttpResponse:
    """Make the error page."""
    perform(Script.load(request.headers[HEADER]).reply.sorry, partial(find, request))
    return HttpResponse("sorry", status=500)


urlpatterns = [re_path("", view)]


@contextlib.contextmanager
def serve(setup: Setup) -> Iterator[str]:
    """Serve the script handler."""
    if not settings.configured:
        settings.configure()
        django.setup()
    *outer, own = setup.all()
    with override_settings(**SETTINGS, COOKIESESSION=own):
        handler = WSGIHandler()

        def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            # Other servers of this process have other settings, and no request at this time.
            if settings.COOKIESESSION is not own:
                settings.COOKIESESSION = own
                setting_changed.send(None, setting="COOKIESESSION", value=own, enter=True)
            body: Iterable[bytes] = handler(environ, start_response)
            return body

        wrapped: WSGIApplication = application
        for sessions in outer:
            wrapped = CookieSessionMiddleware(between(wrapped), sessions)
        with serving(wrapped) as url:
            yield url


LIMITS = {
    *(Feature.WEBSOCKET, Feature.REFUSAL, Feature.CANCELLATION, Feature.SILENCE),
    *(Feature.FAILURE, Feature.UNDONE),
}
TARGET = Target("Django", frozenset(Feature) - LIMITS, serve)

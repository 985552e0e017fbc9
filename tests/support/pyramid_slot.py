"""Pyramid's ``request.session`` under waitress."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from pyramid.config import Configurator
from pyramid.response import Response

from cookiesession_adapters.pyramid import setup
from cookiesession_core import CookieTooLargeError, SessionEncodeError, SessionView
from tests.conformance.script import HEADER, Script, ScriptedError, perform

from .targets import Feature, Setup, Target
from .wsgi import serving


def handle(request: Any) -> Response:
    """Perform the request's script."""

    def find(_name: str | None) -> SessionView:
        session: SessionView = request.session
        return session

    script = Script.load(request.headers[HEADER])
    body = script.perform(find)
    parts: Iterable[bytes] = script.stream(find) if script.reply.chunks else [body]
    response = Response(status=script.reply.status, app_iter=parts)
    response.headerlist = [*script.reply.headers]
    for name in script.reply.deletes:
        response.delete_cookie(name)
    return response


def say_sorry(_error: Exception, request: Any) -> Response:
    """Make the page for an exception."""
    script = Script.load(request.headers[HEADER])
    perform(script.reply.sorry, lambda _: request.session)
    return Response("sorry", status=500)


@contextlib.contextmanager
def serve(setup_: Setup) -> Iterator[str]:
    """Serve the script handler."""
    (sessions,) = setup_.all()
    with Configurator() as config:
        setup(config, sessions)
        config.add_route("home", "/")
        config.add_view(handle, route_name="home")
        for error in (ScriptedError, CookieTooLargeError, SessionEncodeError):
            config.add_exception_view(say_sorry, context=error)
        application = config.make_wsgi_app()
    with serving(application) as url:
        yield url


LIMITS = {
    *(Feature.WEBSOCKET, Feature.REFUSAL, Feature.CANCELLATION, Feature.SILENCE),
    *(Feature.TWO_SESSIONS, Feature.LAYERS),
}
TARGET = Target("Pyramid", frozenset(Feature) - LIMITS, serve)

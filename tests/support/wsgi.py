"""The WSGI adapter under waitress."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from waitress.server import create_server

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from tests.conformance.script import Script, UncaughtError, perform

from .targets import Feature, Setup, Target, listening, serving_in_a_thread

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Perform the request's script, with an error page as frameworks have."""
    find = partial(get_session, environ)
    script = Script.load(environ["HTTP_X_SCRIPT"])
    try:
        body = script.perform(find)
        if script.reply.unanswered:
            return [body]
        status = HTTPStatus(script.reply.status)
        start_response(f"{status.value} {status.phrase}", script.headers())
    except UncaughtError:
        raise
    except Exception:  # noqa: BLE001 - this is the error page
        perform(script.reply.sorry, find)
        start_response("500 Internal Server Error", [], sys.exc_info())
        return [b"sorry"]
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return script.stream(find) if script.reply.chunks else [body]


def between(app: WSGIApplication) -> WSGIApplication:
    """Perform a part of the script before ``app``, inside an outer layer that has a session."""

    def performing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        script = Script.load(environ["HTTP_X_SCRIPT"])
        perform(script.between, partial(get_session, environ))
        return app(environ, start_response)

    return performing


@contextlib.contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Serve an application by waitress in a thread; gives the URL of its root."""
    with listening() as (listener, url):
        server = create_server(
            app,
            sockets=[listener],
            map={},
            threads=8,
            trusted_proxy="127.0.0.1",
            trusted_proxy_headers="x-forwarded-proto",
            clear_untrusted_proxy_headers=True,
        )

        def stop() -> None:
            server.task_dispatcher.shutdown(timeout=0.5)
            server.trigger.pull_trigger(server.close)

        with serving_in_a_thread(server.run, stop):
            yield url


def serve(setup: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    *outer, sessions = setup.all()
    wrapped: WSGIApplication = CookieSessionMiddleware(app, sessions)
    for sessions in outer:
        wrapped = CookieSessionMiddleware(between(wrapped), sessions)
    return serving(wrapped)


LIMITS = {Feature.WEBSOCKET, Feature.REFUSAL, Feature.CANCELLATION}
TARGET = Target("WSGI", frozenset(Feature) - LIMITS, serve)

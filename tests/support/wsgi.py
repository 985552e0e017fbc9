"""The WSGI adapter under waitress."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from waitress.server import create_server

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from tests.conformance.script import Script

from .targets import Feature, Setup, Target, listening, serving_in_a_thread

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Perform the request's script, with an error page as frameworks have."""
    find = partial(get_session, environ)
    script = Script.load(environ["HTTP_X_SCRIPT"])
    try:
        body = script.perform(find)
        status = HTTPStatus(script.reply.status)
        start_response(f"{status.value} {status.phrase}", list(script.reply.headers))
    except Exception:  # noqa: BLE001 - this is the error page
        start_response("500 Internal Server Error", [], sys.exc_info())
        return [b"sorry"]
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return script.stream(find) if script.reply.chunks else [body]


@contextlib.contextmanager
def serve(setup: Setup) -> Iterator[str]:
    """Serve the script handler."""
    wrapped: WSGIApplication = app
    for sessions in reversed(setup.all()):
        wrapped = CookieSessionMiddleware(wrapped, sessions)
    with listening() as (listener, url):
        server = create_server(
            wrapped,
            sockets=[listener],
            map={},
            threads=8,
            trusted_proxy="127.0.0.1",
            trusted_proxy_headers="x-forwarded-proto",
            clear_untrusted_proxy_headers=True,
        )

        def stop() -> None:
            server.task_dispatcher.shutdown()
            server.trigger.pull_trigger(server.close)

        with serving_in_a_thread(server.run, stop):
            yield url


TARGET = Target("WSGI", frozenset(Feature) - {Feature.WEBSOCKET}, serve)

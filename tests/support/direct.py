"""The core without an adapter, in a server of its own: an example of a custom server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cookiesession_core import (
    CookieSession,
    CookieSessionError,
    Session,
    commit_headers,
    end_request,
    log_late_writes,
)
from tests.conformance.script import HEADER, Script, ScriptedError, perform

from .targets import Feature, Setup, Target, serving_in_a_thread


def commit(opened: list[Session], fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the header fields with all sessions, the innermost first."""
    for session in reversed(opened):
        fields = commit_headers(session, fields)
    return fields


class Handler(BaseHTTPRequestHandler):
    """Performs the script of each request."""

    sessions: list[CookieSession]

    def do_GET(self) -> None:
        """Serve one request."""
        https = self.headers["X-Forwarded-Proto"] == "https"
        cookies = self.headers.get_all("Cookie", [])
        opened = [each.open(cookies, https=https) for each in self.sessions]
        by_name = {each.name: session for each, session in zip(self.sessions, opened, strict=True)}

        def find(name: str | None) -> Session:
            return opened[-1] if name is None else by_name[name]

        script = Script.load(self.headers[HEADER])
        status, fields = script.reply.status, script.headers()
        try:
            body = script.perform(find)
        except ScriptedError:
            perform(script.reply.sorry, find)
            status, fields, body = 500, [], b"sorry"
        try:
            fields = commit(opened, fields)
        except CookieSessionError:
            status, fields, body = 500, commit(opened, []), b"sorry"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            for session in opened:
                log_late_writes(session)
        self.answer(status, fields)
        streams = script.reply.chunks and status == script.reply.status
        if self.command != "HEAD":
            for chunk in script.stream(find) if streams else [body]:
                self.wfile.write(chunk)
        for session in opened:
            end_request(session, "the server sent no response")

    def answer(self, status: int, fields: list[tuple[str, str]]) -> None:
        """Send the head of a response."""
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        """Log no request."""


class Server(ThreadingHTTPServer):
    """A server that lets clients go away."""

    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Log no client that went away."""


@contextlib.contextmanager
def serve(setup: Setup) -> Iterator[str]:
    """Serve the script handler."""
    handler = type("Handler", (Handler,), {"sessions": setup.all()})
    with (
        Server(("127.0.0.1", 0), handler) as server,
        serving_in_a_thread(partial(server.serve_forever, 0.02), server.shutdown),
    ):
        yield f"http://127.0.0.1:{server.server_port}"


LIMITS = {
    *(Feature.WEBSOCKET, Feature.REFUSAL),
    *(Feature.LAYERS, Feature.SILENCE, Feature.CANCELLATION),
}
TARGET = Target("core", frozenset(Feature) - LIMITS, serve)

"""Small applications, and calls of them without a server.

A view is a function of the session. An application without a view leaves the session alone.
"""

import io
from collections.abc import Callable
from typing import Any, NamedTuple
from wsgiref.util import setup_testing_defaults

from .payloads import Fields

View = Callable[[Any], object]
BROWSER = {
    "host": "www.example.org",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "accept-language": "en-GB,en;q=0.5",
    "accept-encoding": "gzip, deflate, br, zstd",
    "referer": "https://www.example.org/catalogue",
    "connection": "keep-alive",
    "upgrade-insecure-requests": "1",
    "priority": "u=0, i",
}
"""The header fields that a browser sends beside ``Cookie``."""


def bump(session: Any) -> None:
    """Count one more view."""
    session["views"] = session.get("views", 0) + 1


VIEWS: dict[str, View | None] = {
    "round trip": bump,
    "read": lambda session: session["views"],
    "untouched": None,
}
"""Views by the operation that they are measured as."""


def asgi(view: View | None, fields: Fields) -> Any:
    """Return an ASGI application that responds with ``fields``."""

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the protocol's
        if view is not None:
            view(scope["session"])
        await send({"type": "http.response.start", "status": 200, "headers": [*fields]})
        await send({"type": "http.response.body", "body": b"ok"})

    return app


def call_asgi(app: Any, cookie: str) -> Callable[[], Any]:
    """Return a call of ``app`` with one request; it returns the response's header fields."""
    headers = [(name.encode(), value.encode()) for name, value in BROWSER.items()]
    headers.append((b"cookie", cookie.encode("latin-1")))
    scope = {"type": "http", "method": "GET", "scheme": "https", "path": "/", "headers": headers}
    sent: list[Fields] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            sent[:] = [message["headers"]]

    def call() -> Any:
        run(app(scope.copy(), None, send))
        return sent[0]

    return call


def run(coroutine: Any) -> Any:
    """Run a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    message = "the coroutine waits, and there is nothing to wait for"
    raise RuntimeError(message)


def titled(fields: Fields) -> list[tuple[str, str]]:
    """Return header fields as WSGI gives them."""
    return [(name.decode().title(), value.decode()) for name, value in fields]


def wsgi(view: View | None, fields: Fields) -> Any:
    """Return a WSGI application that responds with ``fields``."""
    headers = titled(fields)

    def app(environ: Any, start_response: Any) -> list[bytes]:
        if view is not None:
            view(environ["cookiesession.session"])
        start_response("200 OK", [*headers])
        return [b"ok"]

    return app


def call_wsgi(app: Any, cookie: str) -> Callable[[], Any]:
    """Return a call of ``app`` with one request; it returns the response's header fields."""
    environ: dict[str, Any] = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in BROWSER.items()
    }
    setup_testing_defaults(environ)
    environ |= {"HTTP_COOKIE": cookie, "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO()}
    sent: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        del status, exc_info
        sent[:] = [headers]

    def call() -> Any:
        for _ in app(environ.copy(), start_response):
            pass
        return sent[0]

    return call


class Protocol(NamedTuple):
    """How applications of one kind are made and called."""

    name: str
    application: Callable[[View | None, Fields], Any]
    call: Callable[[Any, str], Callable[[], Any]]


ASGI, WSGI = Protocol("ASGI", asgi, call_asgi), Protocol("WSGI", wsgi, call_wsgi)


def set_cookies(fields: Any) -> list[str]:
    """Return the ``Set-Cookie`` values for the session among a response's header fields."""
    if fields and isinstance(fields[0][0], bytes):
        fields = titled(fields)
    found = [value for name, value in fields if name.lower() == "set-cookie"]
    return [value for value in found if value.startswith("session")]

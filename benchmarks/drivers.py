"""Applications to be wrapped, and a server without sockets to call them.

What a contender costs is the time of an application that it wraps, minus the time of the same
application alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from .contender import ASGI, READ, ROUND_TRIP, UNTOUCHED, WSGI, Operation
from .floor import AsgiApp, WsgiApp
from .payloads import as_request, cookie_header

SEEN: dict[str, Any] = {}
"""Where the applications that read leave what they have read."""

FIELDS = (
    ("host", "www.example.org"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("accept-language", "en-GB,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("referer", "https://www.example.org/catalogue"),
    ("connection", "keep-alive"),
    ("upgrade-insecure-requests", "1"),
    ("priority", "u=0, i"),
)
"""What browsers send besides ``Cookie``."""


# --- ASGI --------------------------------------------------------------------------------------


async def _receive() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


class _Send:
    """Keep the message that carries the headers."""

    def __init__(self) -> None:
        self.start: dict[str, Any] = {}

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.start = message


def asgi_call(app: AsgiApp, cookie: str) -> Callable[[], dict[str, Any]]:
    """Return a call of ``app`` with one request; it gives the message that starts the response."""
    headers = [(name.encode(), value.encode()) for name, value in FIELDS]
    headers.append((b"cookie", cookie.encode("latin-1")))
    request = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }
    send = _Send()

    def call() -> dict[str, Any]:
        coroutine: Any = app(request.copy(), _receive, send)
        try:
            coroutine.send(None)
        except StopIteration:
            return send.start
        message = "the application waited, and there is nothing to wait for"
        raise RuntimeError(message)

    return call


async def _asgi_respond(send: Any) -> None:
    start = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/plain"), (b"content-length", b"2")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": b"ok"})


async def asgi_bare(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the protocol's
    """Respond, and know of no session."""
    await _asgi_respond(send)


async def _asgi_read(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - as above
    SEEN["views"] = scope["session"]["views"]
    await _asgi_respond(send)


async def _asgi_bump(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - as above
    session = scope["session"]
    session["views"] = session.get("views", 0) + 1
    await _asgi_respond(send)


ASGI_APPS: dict[str, AsgiApp] = {
    ROUND_TRIP: _asgi_bump,
    UNTOUCHED: asgi_bare,
    READ: _asgi_read,
}
"""Applications by what they do with their session."""


def asgi_set_cookies(start: dict[str, Any]) -> list[str]:
    """Return the ``Set-Cookie`` values of a response."""
    return [value.decode("latin-1") for name, value in start["headers"] if name == b"set-cookie"]


# --- WSGI --------------------------------------------------------------------------------------


def environ_of(cookie: str) -> dict[str, Any]:
    """Return the environ of one request."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": None,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    environ.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in FIELDS})
    environ["HTTP_COOKIE"] = cookie
    return environ


class _Start:
    """Keep the headers of the response."""

    def __init__(self) -> None:
        self.headers: list[tuple[str, str]] = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        del status, exc_info
        self.headers = headers


def wsgi_call(app: WsgiApp, cookie: str) -> Callable[[], list[tuple[str, str]]]:
    """Return a call of ``app`` with one request; it gives the headers of the response."""
    environ, start = environ_of(cookie), _Start()

    def call() -> list[tuple[str, str]]:
        for _ in app(environ.copy(), start):
            pass
        return start.headers

    return call


KEY_IN_ENVIRON = "cookiesession.session"


def wsgi_bare(environ: Any, start_response: Any) -> list[bytes]:
    """Respond, and know of no session."""
    del environ
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def _wsgi_read(environ: Any, start_response: Any) -> list[bytes]:
    SEEN["views"] = environ[KEY_IN_ENVIRON]["views"]
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def _wsgi_bump(environ: Any, start_response: Any) -> list[bytes]:
    session = environ[KEY_IN_ENVIRON]
    session["views"] = session.get("views", 0) + 1
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


WSGI_APPS: dict[str, WsgiApp] = {
    ROUND_TRIP: _wsgi_bump,
    UNTOUCHED: wsgi_bare,
    READ: _wsgi_read,
}
"""Applications by what they do with their session."""


def wsgi_set_cookies(headers: list[tuple[str, str]]) -> list[str]:
    """Return the ``Set-Cookie`` values of a response."""
    return [value for name, value in headers if name.lower() == "set-cookie"]


# --- operations --------------------------------------------------------------------------------


def asgi_operation(
    name: str, app: AsgiApp, cookie: str, load: Callable[[str], Any], bare: AsgiApp = asgi_bare
) -> Operation:
    """Return the operation of an ASGI application with a session.

    Args:
        name: what the application does with its session.
        app: the application, wrapped in what gives it the session.
        cookie: the session's cookies.
        load: reads the contents from cookies that were sent.
        bare: the application without a session.
    """
    header = _header(name, cookie)

    def outcome(start: dict[str, Any]) -> Any:
        return _outcome(name, asgi_set_cookies(start), load)

    return Operation(ASGI, name, asgi_call(app, header), outcome, without=asgi_call(bare, header))


def wsgi_operation(
    name: str, app: WsgiApp, cookie: str, load: Callable[[str], Any], bare: WsgiApp = wsgi_bare
) -> Operation:
    """Return the operation of a WSGI application with a session; as :func:`asgi_operation`."""
    header = _header(name, cookie)

    def outcome(headers: list[tuple[str, str]]) -> Any:
        return _outcome(name, wsgi_set_cookies(headers), load)

    return Operation(WSGI, name, wsgi_call(app, header), outcome, without=wsgi_call(bare, header))


def _header(name: str, cookie: str) -> str:
    return cookie_header(cookie, foreign=10) if name == UNTOUCHED else cookie


def _outcome(name: str, set_cookies: list[str], load: Callable[[str], Any]) -> Any:
    if set_cookies:
        return load(as_request(set_cookies))
    return SEEN.pop("views", None) if name == READ else None

"""Each adapter called as its server would call it, without a server and without a network.

A path takes a request's Cookie header and the acts of the application with its session. It
returns the Set-Cookie values of the response.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Coroutine, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from tornado import httputil
from tornado.concurrent import Future
from tornado.web import Application, RequestHandler

from cookiesession_adapters import aiohttp, asgi, tornado, wsgi
from cookiesession_core import CookieSession, Session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Act = Callable[[Session], object]
"""The acts of the application with its session."""

Path = Callable[[str | None, Act], list[str]]
"""Serves one plain request with that Cookie header; each byte is a character of latin-1."""


def core(sessions: CookieSession) -> Path:
    """Return the path of a server that calls the core itself."""

    def serve(cookies: str | None, act: Act) -> list[str]:
        session = sessions.open(cookies)
        act(session)
        return session.commit()

    return serve


def through_wsgi(sessions: CookieSession) -> Path:
    """Return the path through the WSGI adapter."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["act"](wsgi.get_session(environ))
        start_response("200 OK", [])
        return [b""]

    wrapped = wsgi.CookieSessionMiddleware(app, sessions)

    def serve(cookies: str | None, act: Act) -> list[str]:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "act": act,
        }
        if cookies is not None:
            environ["HTTP_COOKIE"] = cookies
        sent: list[tuple[str, str]] = []

        def start_response(_: str, headers: list[tuple[str, str]], *__: Any) -> Any:
            sent.extend(headers)

        list(wrapped(environ, start_response))
        return [value for name, value in sent if name == "Set-Cookie"]

    return serve


def through_asgi(sessions: CookieSession) -> Path:
    """Return the path through the ASGI adapter."""

    async def app(scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
        scope["act"](asgi.get_session(scope))
        await send({"type": "http.response.start", "status": 200, "headers": []})

    wrapped = asgi.CookieSessionMiddleware(app, sessions)

    def serve(cookies: str | None, act: Act) -> list[str]:
        headers = [] if cookies is None else [(b"cookie", cookies.encode("latin-1"))]
        sent: list[tuple[bytes, bytes]] = []

        async def send(message: Mapping[str, Any]) -> None:
            sent.extend(message["headers"])

        scope = {"type": "http", "scheme": "http", "headers": headers, "act": act}
        run(wrapped(scope, None, send))
        return [value.decode("latin-1") for name, value in sent if name == b"set-cookie"]

    return serve


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError


def through_aiohttp(sessions: CookieSession, loop: asyncio.AbstractEventLoop) -> Path:
    """Return the path through the aiohttp adapter: its middleware and its signal."""
    act: list[Act] = []

    async def handle(request: web.Request) -> web.Response:
        act[0](aiohttp.get_session(request))
        return web.Response()

    app = web.Application()
    aiohttp.setup(app, sessions)
    app.router.add_get("/", handle)
    app.freeze()

    async def answer(cookies: str | None) -> list[str]:
        headers = CIMultiDict[str]()
        if cookies is not None:
            headers["Cookie"] = cookies
        request = make_mocked_request("GET", "/", headers, app=app)
        # The mock encodes text as UTF-8; a server has the bytes.
        raw = tuple((name.encode(), value.encode("latin-1")) for name, value in headers.items())
        request._message = request._message._replace(raw_headers=raw)
        response = await app._handle(request)
        await response.prepare(request)
        return response.headers.getall("Set-Cookie", [])

    def serve(cookies: str | None, do: Act) -> list[str]:
        act[:] = [do]
        return loop.run_until_complete(answer(cookies))

    return serve


class Connection(httputil.HTTPConnection):
    """Keeps the headers of the response that is written to it."""

    def __init__(self) -> None:
        self.set_cookies: list[str] = []
        self.finished = asyncio.Event()
        self.no_keep_alive = True
        self.context = type("Context", (), {"remote_ip": "127.0.0.1", "protocol": "http"})

    def set_close_callback(self, callback: object) -> None:
        pass

    def write_headers(
        self, start_line: Any, headers: httputil.HTTPHeaders, chunk: bytes | None = None
    ) -> Future[None]:
        assert start_line.code == 200
        self.set_cookies = headers.get_list("Set-Cookie")
        return self.write(chunk or b"")

    def write(self, _: bytes) -> Future[None]:
        done = Future[None]()
        done.set_result(None)
        return done

    def finish(self) -> None:
        self.finished.set()


def through_tornado(sessions: CookieSession, loop: asyncio.AbstractEventLoop) -> Path:
    """Return the path through the Tornado adapter: its handler and its connection."""

    class Handler(RequestHandler):
        def get(self) -> None:
            act[0](tornado.get_session(self))
            self.finish()

    act: list[Act] = []
    application = Application([("/", Handler)], log_function=lambda _: None)
    tornado.setup(application, sessions)

    async def answer(cookies: str | None) -> list[str]:
        headers = httputil.HTTPHeaders({"Host": "localhost"})
        if cookies is not None:
            headers["Cookie"] = cookies
        connection = Connection()
        line = httputil.RequestStartLine("GET", "/", "HTTP/1.1")
        request = httputil.HTTPServerRequest(
            headers=headers, connection=connection, start_line=line
        )
        application(request)
        await connection.finished.wait()
        return connection.set_cookies

    def serve(cookies: str | None, do: Act) -> list[str]:
        act[:] = [do]
        return loop.run_until_complete(answer(cookies))

    return serve

"""A small application for each adapter, which reports in JSON what its server handed over.

A plain request only reads its session. A WebSocket also writes to it, before it is accepted.
``python -m tests.live.servers.applications KIND PORT`` serves an application by a server that has
no command of its own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import make_server

from aiohttp import web
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from cookiesession_adapters import aiohttp, asgi, tornado, wsgi
from cookiesession_core import CookieSession, Session
from tests.support.keys import KEYS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
SESSIONS = CookieSession(keys=KEYS)


def report(session: Session, cookies: list[str]) -> str:
    """Return the report of a plain request."""
    outcome = session.outcome.name
    return json.dumps({"cookies": cookies, "user": session.get("user"), "outcome": outcome})


def report_handshake(session: Session, asgi_versions: dict[str, str] | None = None) -> str:
    """Return the report of a WebSocket that is accepted."""
    written = session.written and session.written.name
    answer = {"user": session["user"], "written": written, **(asgi_versions or {})}
    return json.dumps(answer)


def under_wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Serve a request."""
    cookies = [environ["HTTP_COOKIE"]] if "HTTP_COOKIE" in environ else []
    body = report(wsgi.get_session(environ), cookies).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


async def under_asgi(scope: Any, receive: Any, send: Any) -> None:
    """Serve a request, a WebSocket, or the start of the server."""
    await receive()
    if scope["type"] == "lifespan":
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    session = asgi.get_session(scope)
    if scope["type"] == "websocket":
        session["views"] = 1
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": report_handshake(session, scope["asgi"])})
        await send({"type": "websocket.close"})
        return
    cookies = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": report(session, cookies).encode()})


wsgi_application = wsgi.CookieSessionMiddleware(under_wsgi, SESSIONS)
asgi_application = asgi.CookieSessionMiddleware(under_asgi, SESSIONS)


def serve_by_wsgiref(port: int) -> None:
    """Serve by the server of the standard library."""
    with make_server(HOST, port, wsgi_application) as server:
        server.serve_forever()


def serve_by_aiohttp(port: int) -> None:
    """Serve by aiohttp's own server."""

    async def handle(request: web.Request) -> web.StreamResponse:
        session = aiohttp.get_session(request)
        if "Upgrade" in request.headers:
            session["views"] = 1
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.send_str(report_handshake(session))
            await socket.close()
            return socket
        fields = request.raw_headers
        cookies = [value.decode("latin-1") for name, value in fields if name == b"Cookie"]
        return web.Response(text=report(session, cookies))

    app = web.Application()
    aiohttp.setup(app, SESSIONS)
    app.router.add_get("/", handle)
    web.run_app(app, host=HOST, port=port, print=None, access_log=None)


def serve_by_tornado(port: int) -> None:
    """Serve by Tornado's own server."""

    class Handler(WebSocketHandler):
        async def get(self) -> None:
            session = tornado.get_session(self)
            if "Upgrade" in self.request.headers:
                session["views"] = 1
                await super().get()
            else:
                self.finish(report(session, self.request.headers.get_list("Cookie")))

        async def open(self, *_args: str, **_kwargs: str) -> None:
            await self.write_message(report_handshake(tornado.get_session(self)))
            self.close()

    async def serve() -> None:
        app = Application([("/", Handler)], log_function=lambda _: None)
        tornado.setup(app, SESSIONS)
        app.listen(port, HOST)
        await asyncio.Event().wait()

    asyncio.run(serve())


KINDS = {"wsgiref": serve_by_wsgiref, "aiohttp": serve_by_aiohttp, "tornado": serve_by_tornado}

if __name__ == "__main__":
    kind, port = sys.argv[1:]
    KINDS[kind](int(port))

"""One instance of the fleet, on an event loop: ``python -m tests.live.fleet.instance KIND PORT``.

The options of the session are Node's, as JSON in ``SESSION_OPTIONS``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import uvicorn
from aiohttp import web
from tornado.web import Application, RequestHandler

from cookiesession_adapters import aiohttp, asgi, tornado
from cookiesession_core import CookieSession, Session
from tests.live.wsgi_app import respond, sessions_from

HOST = "127.0.0.1"


ROUTES = ("/count", "/read", "/destroy")


def answer(method: str, path: str, session: Session) -> str:
    """Count a view, read, or end the session; answer as all instances do."""
    return json.dumps(respond(f"{method} {path}", b"", session))


def serve_asgi(sessions: CookieSession, port: int) -> None:
    """Serve by uvicorn."""

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        body = answer(scope["method"], scope["path"], asgi.get_session(scope)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    wrapped = asgi.CookieSessionMiddleware(app, sessions)
    uvicorn.run(wrapped, host=HOST, port=port, lifespan="off", log_level="warning")


def serve_aiohttp(sessions: CookieSession, port: int) -> None:
    """Serve by aiohttp."""

    async def handle(request: web.Request) -> web.Response:
        text = answer(request.method, request.path, aiohttp.get_session(request))
        return web.Response(text=text)

    app = web.Application()
    aiohttp.setup(app, sessions)
    for route in ROUTES:
        app.router.add_route("*", route, handle)
    web.run_app(app, host=HOST, port=port, print=None, access_log=None)


def serve_tornado(sessions: CookieSession, port: int) -> None:
    """Serve by Tornado."""

    class Handler(RequestHandler):
        def get(self) -> None:
            request = self.request
            self.finish(answer(str(request.method), request.path, tornado.get_session(self)))

        post = get

    async def serve() -> None:
        app = Application([(each, Handler) for each in ROUTES], log_function=lambda _: None)
        tornado.setup(app, sessions)
        app.listen(port, HOST)
        await asyncio.Event().wait()

    asyncio.run(serve())


KINDS = {"asgi": serve_asgi, "aiohttp": serve_aiohttp, "tornado": serve_tornado}

if __name__ == "__main__":
    kind, port = sys.argv[1:]
    KINDS[kind](sessions_from(json.loads(os.environ["SESSION_OPTIONS"])), int(port))

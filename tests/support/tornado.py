"""The Tornado adapter under Tornado's own server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from cookiesession_adapters.tornado import get_session, setup
from tests.conformance.script import HEADER, Script, perform

from .targets import Feature, Setup, Target, serving_in_a_loop


class Handler(WebSocketHandler):
    """Performs the script of a request, a plain one or a WebSocket's."""

    async def get(self) -> None:
        """Serve one request."""
        find = partial(get_session, self)
        script = Script.load(self.request.headers[HEADER])
        self.body = script.perform(find)
        await asyncio.sleep(0)
        for name, value in script.reply.headers:
            self.add_header(name, value)
        if len(script.reply.deletes) > 1:
            self.clear_all_cookies()
        elif script.reply.deletes:
            self.clear_cookie(*script.reply.deletes)
        if "Upgrade" in self.request.headers and not script.reply.deny:
            await super().get()
            return
        self.set_status(403 if script.reply.deny else script.reply.status)
        if not script.reply.chunks:
            self.finish(self.body or None)
            return
        for chunk in script.stream(find):
            self.write(chunk)
            await self.flush()
        self.finish()

    head = get

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Make the error page of an application that writes to the session there."""
        sorry = Script.load(self.request.headers[HEADER]).reply.sorry
        if sorry:
            perform(sorry, partial(get_session, self))
            self.finish("sorry")
        else:
            super().write_error(status_code, **kwargs)

    async def open(self, *_args: str, **_kwargs: str) -> None:
        """Perform the operations after the handshake."""
        script = Script.load(self.request.headers[HEADER])
        await self.write_message(self.body.decode())
        await self.write_message(json.dumps(perform(script.reply.late, partial(get_session, self))))
        self.close()


def serve(configuration: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    app = Application([("/", Handler)], log_function=lambda _: None)
    for sessions in configuration.all():
        setup(app, sessions)

    @contextlib.asynccontextmanager
    async def application(listener: socket.socket) -> AsyncIterator[None]:
        server = HTTPServer(app, xheaders=True)
        server.add_sockets([listener])
        yield
        server.stop()
        await server.close_all_connections()

    return serving_in_a_loop(application)


# A newer Tornado makes an error page for a cancelled handler.
LIMITS = {Feature.LAYERS, Feature.SILENCE, Feature.CANCELLATION, Feature.REFUSAL}
TARGET = Target("Tornado", frozenset(Feature) - LIMITS, serve)

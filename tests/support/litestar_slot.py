"""Litestar's own place for a session, under uvicorn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from litestar import HttpMethod, Litestar, Request, Response, WebSocket, head, route, websocket
from litestar.response import Stream

from cookiesession_adapters.asgi import App, get_session
from cookiesession_adapters.litestar import CookieSessionConfig
from cookiesession_core import Session
from tests.conformance.script import HEADER, Script, ScriptedError, perform

from .asgi import between, script_of, serving, start
from .targets import Feature, Setup, Target

AnyRequest = Request[Any, Any, Any]
AnySocket = WebSocket[Any, Any, Any]


def find(connection: AnyRequest | AnySocket, name: str | None) -> Session:
    """Return the session of Litestar's own place, or the session of a name."""
    session: Any = connection.session if name is None else get_session(connection, name)
    return session  # type: ignore[no-any-return]


@route("/", http_method=[HttpMethod.GET, HttpMethod.POST])
async def handle(request: AnyRequest) -> Response[Any]:
    """Perform the request's script."""
    script = Script.load(request.headers[HEADER])
    body = script.perform(partial(find, request))
    await asyncio.sleep(0)
    status, content = script.reply.status, body or None
    if script.reply.chunks:
        stream = Stream(script.stream(partial(find, request)), status_code=status)
        return deleting(stream, script)
    return deleting(Response(content, status_code=status, media_type="text/plain"), script)


@head("/")
async def handle_head(request: AnyRequest) -> Response[None]:
    """Perform the script of a request without a body."""
    script = Script.load(request.headers[HEADER])
    script.perform(partial(find, request))
    return deleting(Response(None, status_code=script.reply.status), script)


def deleting(response: Response[Any], script: Script) -> Response[Any]:
    """Delete the cookies that the script names, by Litestar's own means."""
    for name in script.reply.deletes:
        response.delete_cookie(name)
    return response


def with_headers(app: App) -> App:
    """Add the header fields of the script: a response of Litestar has one field of each name."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                fields = raw(script_of(scope).reply.headers)
                message = {**message, "headers": [*message["headers"], *fields]}
            await send(message)

        await app(scope, receive, send_with_headers)

    return serve


def raw(fields: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return header fields as ASGI has them."""
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in fields]


@websocket("/")
async def shake_hands(socket: AnySocket) -> None:
    """Answer a WebSocket handshake, and perform the late operations."""
    script = Script.load(socket.headers[HEADER])
    body = script.perform(partial(find, socket))
    fields: Any = raw(script.headers())
    if script.reply.close:
        await socket.close()
        return
    if script.reply.deny:
        send: Any = socket.send
        await send(start("websocket.http", 403, fields))
        await send({"type": "websocket.http.response.body", "body": body})
        return
    await socket.accept(headers=fields)
    await socket.send_text(body.decode())
    await socket.send_text(json.dumps(perform(script.reply.late, partial(find, socket))))
    await socket.close()


def say_sorry(request: AnyRequest, _: ScriptedError) -> Response[str]:
    """Make the error page of an application that writes to the session there."""
    perform(Script.load(request.headers[HEADER]).reply.sorry, partial(find, request))
    return Response("sorry", status_code=500, media_type="text/plain")


def serve(setup: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    *outer, sessions = setup.all()
    middleware: list[Any] = []
    for each in outer:
        middleware += [CookieSessionConfig(each).middleware, between]
    app = Litestar(
        [handle, handle_head, shake_hands],
        middleware=[*middleware, CookieSessionConfig(sessions).middleware, with_headers],
        exception_handlers={ScriptedError: say_sorry},
        logging_config=None,
    )
    return serving(app, lifespan="off")


LIMITS = {Feature.SILENCE, Feature.KEPT_EMPTY, Feature.FAILED_HANDSHAKE}
TARGET = Target("Litestar", frozenset(Feature) - LIMITS, serve)

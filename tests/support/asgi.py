"""The ASGI adapter under uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import uvicorn

from cookiesession_adapters.asgi import App, CookieSessionMiddleware, Message, get_session
from tests.conformance.script import HEADER, Script, UncaughtError, perform

from .targets import Feature, Setup, Target, serving_in_a_loop

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def script_of(scope: Scope) -> Script:
    """Return the script that a connection carries."""
    return Script.load(dict(scope["headers"])[HEADER.lower().encode()].decode())


def between(app: App) -> App:
    """Perform a part of the script before ``app``, inside an outer layer that has a session."""

    async def performing(scope: Scope, receive: Receive, send: Send) -> None:
        perform(script_of(scope).between, partial(get_session, scope))
        await app(scope, receive, send)

    return performing


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Perform the request's script, with an error page as frameworks have."""
    find = partial(get_session, scope)
    script = script_of(scope)
    fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in script.headers()]
    if scope["type"] == "websocket":
        await shake_hands(script, scope, receive, send, fields)
        return
    try:
        body = script.perform(find)
        await asyncio.sleep(0)
        if script.reply.unanswered:
            return
        await send(start("http", script.reply.status, fields))
    except UncaughtError:
        raise
    except Exception:  # noqa: BLE001 - this is the error page
        perform(script.reply.sorry, find)
        await send(start("http", 500, []))
        await send({"type": "http.response.body", "body": b"sorry"})
        return
    for chunk in script.stream(find) if script.reply.chunks else [body]:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body"})


async def shake_hands(
    script: Script, scope: Scope, receive: Receive, send: Send, fields: list[tuple[bytes, bytes]]
) -> None:
    """Perform the script of a WebSocket: before the handshake and after it."""
    find = partial(get_session, scope)
    await receive()
    body = script.perform(find)
    if script.reply.close:
        await send({"type": "websocket.close"})
        return
    if script.reply.deny:
        await send(start("websocket.http", 403, fields))
        await send({"type": "websocket.http.response.body", "body": body})
        return
    await send({"type": "websocket.accept", "headers": fields})
    await send({"type": "websocket.send", "text": body.decode()})
    late = json.dumps(perform(script.reply.late, find))
    await send({"type": "websocket.send", "text": late})
    await send({"type": "websocket.close"})


def start(kind: str, status: int, fields: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    """Return the message that starts a response."""
    return {"type": f"{kind}.response.start", "status": status, "headers": fields}


def serving(app: App, **options: Any) -> AbstractContextManager[str]:
    """Serve an application by uvicorn in a thread; gives the URL of its root."""

    @contextlib.asynccontextmanager
    async def application(listener: socket.socket) -> AsyncIterator[None]:
        config = uvicorn.Config(app, log_config=None, access_log=False, **options)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield
        server.should_exit = True
        await task

    return serving_in_a_loop(application)


def serve(setup: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    *outer, sessions = setup.all()
    wrapped: App = CookieSessionMiddleware(app, sessions)
    for sessions in outer:
        wrapped = CookieSessionMiddleware(between(wrapped), sessions)
    return serving(wrapped, lifespan="off")


TARGET = Target("ASGI", frozenset(Feature), serve)

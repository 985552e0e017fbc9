"""Quart's own session under uvicorn."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from typing import Any

from quart import Quart, Response, has_websocket_context, request, session, websocket
from quart import stream_with_context as keeping_the_context

from cookiesession_adapters.asgi import App, CookieSessionMiddleware, get_session
from cookiesession_adapters.quart import setup as set_up
from cookiesession_core import Session, SessionView
from tests.conformance.script import HEADER, Script, UncaughtError, perform

from .asgi import between, serving
from .targets import Feature, Setup, Target


def find(name: str | None) -> Session | SessionView:
    """Return what Quart has, or the session of another name that is beside it."""
    own: Any = session
    view: SessionView = own._get_current_object()
    scope = websocket.scope if has_websocket_context() else request.scope
    if name is None or get_session(scope, name) is view.core:
        return view
    return get_session(scope, name)


async def view() -> Response:
    """Perform the request's script."""
    script = Script.load(request.headers[HEADER])
    body: Any = script.perform(find)
    if script.reply.chunks:

        @keeping_the_context
        async def chunks() -> AsyncIterator[bytes]:
            for chunk in script.stream(find):
                yield chunk

        body = chunks()
    response = Response(body, script.reply.status, list(script.reply.headers))  # type: ignore[arg-type]
    for name in script.reply.deletes:
        response.delete_cookie(name)
    return response


async def shake_hands() -> Any:
    """Perform the script of a WebSocket: before the handshake and after it."""
    script = Script.load(websocket.headers[HEADER])
    body = script.perform(find)
    if script.reply.close:
        await websocket.close(1000)
        return None
    if script.reply.deny:
        return Response(body, 403, list(script.reply.headers))  # type: ignore[arg-type]
    await websocket.accept(headers=dict(script.reply.headers))
    await websocket.send(body.decode())
    await websocket.send(json.dumps(perform(script.reply.late, find)))
    return None


async def sorry(error: Exception) -> tuple[str, int]:
    """Make the error page, but for the exceptions that leave the application."""
    original = getattr(error, "original_exception", error)
    if isinstance(original, UncaughtError):
        raise original
    perform(Script.load(request.headers[HEADER]).reply.sorry, find)
    return "sorry", 500


def serve(setup: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    *outer, sessions = setup.all()
    app = Quart(__name__)
    app.add_url_rule("/", "view", view, methods=["GET", "HEAD", "POST"])
    app.add_websocket("/", "shake_hands", shake_hands)
    app.register_error_handler(Exception, sorry)
    set_up(app, sessions)
    wrapped: App = app
    for sessions in outer:
        wrapped = CookieSessionMiddleware(between(wrapped), sessions, scope_key=None)
    return serving(wrapped, lifespan="off")


LIMITS = {Feature.SILENCE, Feature.KEPT_EMPTY}
TARGET = Target("Quart", frozenset(Feature) - LIMITS, serve)

"""The aiohttp adapter under aiohttp's own server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

from cookiesession_adapters.aiohttp import get_session, setup
from tests.conformance.script import HEADER, Find, Script, ScriptedError, perform

from .targets import Feature, Setup, Target, serving_in_a_loop

Finder = Callable[[web.Request], Awaitable[Find]]
FINDER: web.AppKey[Finder] = web.AppKey("finder")
"""How an application finds the session of a request."""


async def finder(request: web.Request) -> Find:
    """Return what finds the sessions of a request."""
    return await request.app[FINDER](request)


async def beside(request: web.Request) -> Find:
    """Return what finds the sessions of our own adapter."""
    return partial(get_session, request)


@web.middleware
async def believe_the_proxy(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the scheme that the proxy tells: aiohttp leaves this to the application."""
    return await handler(
        request.clone(scheme=request.headers.get("X-Forwarded-Proto", request.scheme))
    )


@web.middleware
async def between(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Perform a part of the script, inside an outer layer that has a session."""
    script = Script.load(request.headers[HEADER])
    perform(script.between, await finder(request))
    return await handler(request)


@web.middleware
async def say_sorry(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Make the error page of an application that writes to the session there."""
    script = Script.load(request.headers[HEADER])
    try:
        return await handler(request)
    except ScriptedError:
        if not script.reply.sorry:
            raise
        perform(script.reply.sorry, await finder(request))
        return web.Response(status=500, text="sorry")


async def handle(request: web.Request) -> web.StreamResponse:
    """Perform the request's script."""
    find = await finder(request)
    script = Script.load(request.headers[HEADER])
    headers = CIMultiDict(script.reply.headers)
    body = script.perform(find)
    await asyncio.sleep(0)
    if "Upgrade" in request.headers and not script.reply.deny:
        return await shake_hands(request, script, headers, body)
    status = 403 if script.reply.deny else script.reply.status
    if not script.reply.chunks:
        plain = web.Response(status=status, headers=headers, body=body)
        for name in script.reply.deletes:
            plain.del_cookie(name)
        return plain
    response = web.StreamResponse(status=status, headers=headers)
    await response.prepare(request)
    for chunk in script.stream(find):
        await response.write(chunk)
    return response


async def shake_hands(
    request: web.Request, script: Script, headers: CIMultiDict[str], body: bytes
) -> web.StreamResponse:
    """Answer a WebSocket handshake, and perform the late operations."""
    socket = web.WebSocketResponse()
    socket.headers.extend(headers)
    await socket.prepare(request)
    await socket.send_str(body.decode())
    await socket.send_str(json.dumps(perform(script.reply.late, await finder(request))))
    await socket.close()
    return socket


def application(
    configuration: Setup,
    set_up: Callable[..., None],
    find: Callable[[web.Request], Awaitable[Find]],
) -> web.Application:
    """Return the application of the script handler, with sessions that are set up in one way."""
    app = web.Application(middlewares=[believe_the_proxy])
    app[FINDER] = find
    *outer, sessions = configuration.all()
    for each in outer:
        set_up(app, each)
        app.middlewares.append(between)
    set_up(app, sessions)
    app.middlewares.append(say_sorry)
    app.router.add_get("/", handle)
    return app


def serve(configuration: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    return serving(application(configuration, setup, beside))


def serving(app: web.Application) -> AbstractContextManager[str]:
    """Serve an application; gives the URL of its root."""

    @contextlib.asynccontextmanager
    async def running(listener: socket.socket) -> AsyncIterator[None]:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield
        await runner.cleanup()

    return serving_in_a_loop(running)


LIMITS = {Feature.SILENCE, Feature.REFUSAL}
TARGET = Target("aiohttp", frozenset(Feature) - LIMITS, serve)

"""Starlette's ``SessionMiddleware``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.middleware.sessions import SessionMiddleware

from benchmarks import drivers
from benchmarks.contender import ROUND_TRIP, Contender, Operation
from benchmarks.payloads import KEY, Payload, as_request

SERVED = SessionMiddleware(drivers.ASGI_APPS[ROUND_TRIP], secret_key=KEY)
"""For a real server."""


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the middleware is measured by."""
    sent = cookie(payload.contents)
    for name, app in drivers.ASGI_APPS.items():
        wrapped = SessionMiddleware(app, secret_key=KEY)
        yield drivers.asgi_operation(name, wrapped, sent, _load)


def cookie(contents: dict[str, Any]) -> str:
    """Return the header of a client with these contents."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"].update(contents)
        await drivers.asgi_bare(scope, receive, send)

    call = drivers.asgi_call(SessionMiddleware(app, secret_key=KEY), "none=1")
    return as_request(drivers.asgi_set_cookies(call()))


def _load(header: str) -> Any:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope["session"])
        await drivers.asgi_bare(scope, receive, send)

    drivers.asgi_call(SessionMiddleware(app, secret_key=KEY), header)()
    return seen


CONTENDER = Contender(
    name="starlette",
    title="Starlette SessionMiddleware",
    differs="signs a timestamp and checks the age (HMAC-SHA1); loads the session at every request",
    operations=operations,
    packages=("starlette", "itsdangerous"),
)

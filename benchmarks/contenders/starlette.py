"""Starlette's ``SessionMiddleware``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from starlette.middleware.sessions import SessionMiddleware

from benchmarks import drivers
from benchmarks.contender import READ, ROUND_TRIP, UNTOUCHED, Contender, Operation
from benchmarks.payloads import KEY, Payload, as_request, cookie_header


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the middleware is measured by."""
    cookie = _cookie(payload.contents)
    crowded = cookie_header(cookie, foreign=10)
    for name in (ROUND_TRIP, UNTOUCHED, READ):
        around = partial(SessionMiddleware, secret_key=KEY)
        yield drivers.asgi_operation(name, around, cookie, crowded, _load)


def _cookie(contents: dict[str, Any]) -> str:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"].update(contents)
        await drivers.asgi_bare(scope, receive, send)

    call = drivers.asgi_call(SessionMiddleware(app, secret_key=KEY), "none=1")
    return as_request(drivers.asgi_set_cookies(call()))


def _load(cookie: str) -> Any:
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope["session"])
        await drivers.asgi_bare(scope, receive, send)

    drivers.asgi_call(SessionMiddleware(app, secret_key=KEY), cookie)()
    return seen


CONTENDER = Contender(
    name="starlette",
    title="Starlette SessionMiddleware",
    differs="signs a timestamp and checks the age (HMAC-SHA1); loads the session at every request",
    operations=operations,
    packages=("starlette", "itsdangerous"),
)

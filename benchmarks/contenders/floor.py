"""The floor, as plain functions and between a server and an application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks import drivers, floor
from benchmarks.contender import (
    FUNCTIONS,
    LEND,
    LOAD,
    READ,
    ROUND_TRIP,
    SAVE,
    UNTOUCHED,
    Contender,
    Operation,
)
from benchmarks.payloads import Payload, as_request


def operations(payload: Payload) -> Iterator[Operation]:
    """Return everything that the floor is measured by."""
    contents, nested = payload.contents, payload.nested
    cookie = as_request(floor.save(contents))

    yield Operation(FUNCTIONS, LOAD, lambda: floor.load(cookie), unchanged)
    yield Operation(FUNCTIONS, SAVE, lambda: floor.save(contents), saved)
    yield Operation(FUNCTIONS, ROUND_TRIP, lambda: floor.round_trip(cookie), saved)
    yield Operation(FUNCTIONS, READ, lambda: floor.read(cookie), unchanged)
    if nested is not None:
        yield Operation(FUNCTIONS, LEND, lambda: floor.lend(cookie, nested), unchanged)

    for name, around_asgi, around_wsgi in (
        (ROUND_TRIP, floor.AsgiRoundTrip, floor.WsgiRoundTrip),
        (UNTOUCHED, floor.AsgiPassThrough, floor.WsgiPassThrough),
        (READ, floor.AsgiRead, floor.WsgiRead),
    ):
        yield drivers.asgi_operation(name, around_asgi(drivers.ASGI_APPS[name]), cookie, floor.load)
        yield drivers.wsgi_operation(name, around_wsgi(drivers.WSGI_APPS[name]), cookie, floor.load)


def unchanged(result: Any) -> Any:
    """Return the result itself."""
    return result


def saved(set_cookies: list[str]) -> Any:
    """Return what the next request would find."""
    return floor.load(as_request(set_cookies))


CONTENDER = Contender(
    name="floor",
    title="floor",
    differs="plain functions of the standard library, one key, nothing checked; untouched: a "
    "middleware that wraps the response and does nothing",
    operations=operations,
)

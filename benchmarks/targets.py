"""What we want to reach, as data: every row a ratio of two figures of one run, and its limits.

The limits leave slack above what a careful prototype reached: 10 to 25 % for small and typical
sessions, less for large ones.
"""

from __future__ import annotations

import attrs

from .contender import (
    ASGI,
    FUNCTIONS,
    LEND,
    LOAD,
    MIDDLEWARE,
    READ,
    ROUND_TRIP,
    SAVE,
    SESSION,
    UNTOUCHED,
    WSGI,
)

Which = tuple[str, str, str]
"""Contender, layer, operation."""


@attrs.frozen(eq=False)
class Target:
    """``ours`` is to take at most ``limits[size]`` times as long as ``other``."""

    ours: Which
    other: Which
    limits: dict[str, float]
    or_ns: float | None = None
    """So many nanoseconds are good enough, whatever the ratio."""


def _all(limit: float) -> dict[str, float]:
    return dict.fromkeys("STL", limit)


def _floor(
    layer: str,
    operation: str,
    limits: dict[str, float],
    base: str = FUNCTIONS,
    or_ns: float | None = None,
) -> Target:
    return Target(("ours", layer, operation), ("floor", base, operation), limits, or_ns)


def _peer(name: str, layer: str, ours: str, **limits: float) -> list[Target]:
    """Return targets for a typical session; the operations are keywords, ``_`` for a space."""
    return [
        Target(("ours", ours, operation), (name, layer, operation), {"T": limit})
        for operation, limit in ((key.replace("_", " "), value) for key, value in limits.items())
    ]


FLOOR = [
    _floor(FUNCTIONS, LOAD, {"S": 1.35, "T": 1.25, "L": 1.10}),
    _floor(FUNCTIONS, SAVE, {"S": 1.25, "T": 1.20, "L": 1.25}),
    _floor(SESSION, LOAD, {"S": 1.6, "T": 1.4, "L": 1.10}),
    _floor(SESSION, SAVE, {"S": 1.5, "T": 1.4, "L": 1.25}),
    _floor(SESSION, ROUND_TRIP, {"S": 1.45, "T": 1.3, "L": 1.25}),
    _floor(SESSION, READ, {"S": 1.6, "T": 1.45, "L": 1.10}),
    _floor(SESSION, LEND, {"T": 1.4, "L": 1.10}),
    _floor(ASGI, UNTOUCHED, _all(2.0), ASGI, or_ns=800),
    _floor(WSGI, UNTOUCHED, _all(2.6), WSGI, or_ns=600),
    _floor(ASGI, ROUND_TRIP, {"S": 1.4, "T": 1.3, "L": 1.25}, ASGI),
]
"""Untouched: against a wrapper that does nothing. A large session is written within 1.25, for
what JavaScript writes otherwise has to be looked for in the whole of it.
"""

PEERS = [
    Target(("ours", ASGI, ROUND_TRIP), ("starlette", ASGI, ROUND_TRIP), {"T": 0.40, "L": 0.85}),
    Target(("ours", ASGI, UNTOUCHED), ("starlette", ASGI, UNTOUCHED), {"T": 0.08}),
    Target(("ours", ASGI, READ), ("starlette", ASGI, READ), {"T": 0.50, "L": 1.0}),
    *_peer("itsdangerous", FUNCTIONS, SESSION, load=0.35, save=0.30, round_trip=0.33),
    *_peer("django", FUNCTIONS, SESSION, load=0.33, save=0.20, round_trip=0.25),
    *_peer("tornado", FUNCTIONS, SESSION, load=0.5, save=0.33, round_trip=0.40),
    *_peer("aiohttp_encrypted", FUNCTIONS, SESSION, load=0.25, save=0.20, round_trip=0.20),
    *_peer("pyramid", WSGI, WSGI, round_trip=0.20, read=0.25),
    *_peer("flask", WSGI, WSGI, round_trip=0.06, untouched=0.02, read=0.12),
    *_peer("naive", FUNCTIONS, SESSION, load=0.6, save=0.75, round_trip=0.65),
    Target(("ours", SESSION, LOAD), ("node", MIDDLEWARE, LOAD), {"T": 0.5, "L": 1.6}),
    Target(("ours", SESSION, SAVE), ("node", MIDDLEWARE, SAVE), {"T": 0.75, "L": 1.5}),
    Target(("ours", ASGI, ROUND_TRIP), ("node", MIDDLEWARE, ROUND_TRIP), {"T": 0.65, "L": 1.1}),
    Target(("ours", ASGI, UNTOUCHED), ("node", MIDDLEWARE, UNTOUCHED), {"T": 2.0}),
    Target(("ours", ASGI, READ), ("node", MIDDLEWARE, READ), {"T": 0.55, "L": 1.2}),
]
"""An untouched session costs Pyramid less than can be told apart from nothing: no ratio to that.
Node is a process and a harness of its own: to be read with a grain of salt, and no gate."""

FAST = [
    Target(("fast", SESSION, ROUND_TRIP), ("floor", FUNCTIONS, ROUND_TRIP), {"L": 0.6}),
    *(
        Target(("fast", SESSION, operation), ("node", MIDDLEWARE, operation), _all(1.0))
        for operation in (LOAD, SAVE, ROUND_TRIP, READ)
    ),
]

TARGETS = [*FLOOR, *PEERS, *FAST]

"""This library: the configuration's functions, the session object, and two middlewares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks import drivers
from benchmarks.contender import (
    FUNCTIONS,
    LEND,
    LOAD,
    READ,
    ROUND_TRIP,
    SAVE,
    SESSION,
    UNTOUCHED,
    Contender,
    Operation,
)
from benchmarks.floor import TAIL
from benchmarks.payloads import KEY, Payload, as_request, cookie_header
from cookiesession_adapters import asgi, wsgi
from cookiesession_core import CookieSession, Session

SESSIONS = CookieSession(keys=[KEY])
SERVED = asgi.CookieSessionMiddleware(drivers.ASGI_APPS[ROUND_TRIP], SESSIONS)
"""For a real server."""


def operations(payload: Payload, sessions: CookieSession = SESSIONS) -> Iterator[Operation]:
    """Return everything that this library is measured by."""
    pairs = [f"{name}={value}" for name, value in sessions.encode(payload.contents).items()]
    cookie = cookie_header(*pairs)
    yield from _functions(sessions, payload.contents, cookie)
    yield from _session(sessions, payload, cookie)
    for name, asgi_app in drivers.ASGI_APPS.items():
        app = asgi.CookieSessionMiddleware(asgi_app, sessions)
        yield drivers.asgi_operation(name, app, cookie, sessions.decode)
    for name, wsgi_app in drivers.WSGI_APPS.items():
        wrapped = wsgi.CookieSessionMiddleware(wsgi_app, sessions)
        yield drivers.wsgi_operation(name, wrapped, cookie, sessions.decode)


def _functions(
    sessions: CookieSession, contents: dict[str, Any], cookie: str
) -> Iterator[Operation]:
    def save(contents: dict[str, Any] = contents) -> list[str]:
        value, signature = sessions.encode(contents).values()
        return [f"session={value}{TAIL}", f"session.sig={signature}{TAIL}"]

    def round_trip() -> list[str]:
        loaded = sessions.decode(cookie) or {}
        loaded["views"] = loaded.get("views", 0) + 1
        return save(loaded)

    yield Operation(FUNCTIONS, LOAD, lambda: sessions.decode(cookie), _same)
    yield Operation(FUNCTIONS, SAVE, save, _saved)
    yield Operation(FUNCTIONS, ROUND_TRIP, round_trip, _saved)


def _session(sessions: CookieSession, payload: Payload, cookie: str) -> Iterator[Operation]:
    contents, nested = payload.contents, payload.nested
    crowded = cookie_header(cookie, foreign=10)

    def load() -> Session:
        session = sessions.open(cookie)
        len(session)  # the first touch
        return session

    def save() -> list[str]:
        session = sessions.open()
        session.replace(contents)
        return session.commit()

    def round_trip() -> list[str]:
        session = sessions.open(cookie)
        session["views"] = session.get("views", 0) + 1
        return session.commit()

    def untouched() -> Any:
        return sessions.open(crowded).commit() or None

    def read(key: str) -> Any:
        session = sessions.open(cookie)
        value = session[key]
        return session.commit() or value

    yield Operation(SESSION, LOAD, load, dict)
    yield Operation(SESSION, SAVE, save, _saved)
    yield Operation(SESSION, ROUND_TRIP, round_trip, _saved)
    yield Operation(SESSION, UNTOUCHED, untouched, _same)
    yield Operation(SESSION, READ, lambda: read("views"), _same)
    if nested is not None:
        yield Operation(SESSION, LEND, lambda: read(nested), _same)


def _same(result: Any) -> Any:
    return result


def _saved(set_cookies: list[str]) -> Any:
    return SESSIONS.decode(as_request(set_cookies))


CONTENDER = Contender(
    name="ours",
    title="cookiesession",
    differs="the format of Node's cookie-session: base64 of JSON, HMAC-SHA1 in a second cookie",
    operations=operations,
)

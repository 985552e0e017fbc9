"""Tornado's signed value, with JSON inside, as an application keeps a session there."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

from tornado.escape import json_decode, json_encode
from tornado.httputil import parse_cookie
from tornado.web import create_signed_value, decode_signed_value

from benchmarks.contender import FUNCTIONS, LOAD, ROUND_TRIP, SAVE, Contender, Operation
from benchmarks.payloads import KEY, Payload, as_request


def load(header: str) -> Any:
    """Find, verify, decode; as ``RequestHandler.get_signed_cookie``."""
    value = decode_signed_value(KEY, "session", parse_cookie(header)["session"])
    return json_decode(value) if value is not None else None


def save(contents: dict[str, Any]) -> list[str]:
    """Encode, sign, format; as ``RequestHandler.set_signed_cookie`` and the end of a response."""
    value = create_signed_value(KEY, "session", json_encode(contents))
    cookie = SimpleCookie()
    cookie["session"] = value.decode()
    cookie["session"]["path"] = "/"
    cookie["session"]["httponly"] = True
    return [morsel.OutputString() for morsel in cookie.values()]


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the signed value is measured by."""
    contents = payload.contents
    cookie = as_request(save(contents))

    def round_trip() -> list[str]:
        loaded = load(cookie)
        loaded["views"] = loaded.get("views", 0) + 1
        return save(loaded)

    yield Operation(FUNCTIONS, LOAD, lambda: load(cookie), lambda result: result)
    yield Operation(FUNCTIONS, SAVE, lambda: save(contents), _saved)
    yield Operation(FUNCTIONS, ROUND_TRIP, round_trip, _saved)


def _saved(set_cookies: list[str]) -> Any:
    return load(as_request(set_cookies))


CONTENDER = Contender(
    name="tornado",
    title="Tornado signed value",
    differs="no session of its own, so JSON in a signed value; HMAC-SHA256; signs a timestamp and "
    "a key version and checks the age; cookie by the standard library's http.cookies",
    operations=operations,
    packages=("tornado",),
)

"""Tornado's signed value with JSON inside: Tornado has no session of its own."""

from http.cookies import SimpleCookie
from typing import Any

from tornado.escape import json_decode, json_encode
from tornado.httputil import parse_cookie
from tornado.web import create_signed_value, decode_signed_value

from benchmarks.contenders import Library
from benchmarks.payloads import KEY


def load(header: str) -> Any:
    """Find, verify, decode; as ``RequestHandler.get_signed_cookie``."""
    value = decode_signed_value(KEY, "session", parse_cookie(header)["session"])
    return json_decode(value) if value is not None else None


def save(contents: Any) -> list[str]:
    """Encode, sign, format; as ``RequestHandler.set_signed_cookie`` and the end of a response."""
    cookie = SimpleCookie()
    cookie["session"] = create_signed_value(KEY, "session", json_encode(contents)).decode()
    cookie["session"]["path"] = "/"
    cookie["session"]["httponly"] = True
    return [morsel.OutputString() for morsel in cookie.values()]


CONTENDER = Library("Tornado", load, save)

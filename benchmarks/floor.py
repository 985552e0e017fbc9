"""The floor: the same octets in and out with the standard library's fastest parts, and no more.

Plain functions for one key, one name and one set of attributes, all fixed beforehand. Nothing is
checked that a visitor's own cookies would not need: no options, no errors, no second candidate,
none of the few numbers that JavaScript writes otherwise. No library can do all of its work in
this time; how near it comes is what the benchmarks tell.
"""

from __future__ import annotations

import hashlib
import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Awaitable, Callable, Iterable
from hmac import compare_digest
from json import encoder as json_encoder
from typing import Any

from .payloads import KEY

TAIL = "; path=/; httponly"

_KEY_BLOCK = KEY.encode().ljust(64, b"\0")
_INNER = hashlib.sha1(bytes(octet ^ 0x36 for octet in _KEY_BLOCK))  # noqa: S324 - the wire format's
_OUTER = hashlib.sha1(bytes(octet ^ 0x5C for octet in _KEY_BLOCK))  # noqa: S324 - as above
_URL_SAFE = bytes.maketrans(b"+/", b"-_")

_internal: Any = json_encoder
_encode: Callable[[Any, int], tuple[str, ...]] = _internal.c_make_encoder(
    *(None, None, _internal.c_encode_basestring),  # markers, default, encoder
    *(None, ":", ","),  # indent and separators
    *(False, False, False),  # sort_keys, skipkeys, allow_nan
)
_join = "".join
_decoder: Any = json.JSONDecoder()
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once


def load(header: str) -> dict[str, Any] | None:
    """Return the contents of the session in a ``Cookie`` header: find, verify, decode."""
    pair = _find(header, "session=")
    signature = _find(header, "session.sig=")
    if not compare_digest(_sign(pair.encode()), signature[12:].encode()):
        return None
    contents: dict[str, Any] = _scan(a2b_base64(pair[8:]).decode(), 0)[0]
    return contents


def save(contents: dict[str, Any]) -> list[str]:
    """Return the two ``Set-Cookie`` values for ``contents``: encode, sign, format."""
    text = b2a_base64(_join(_encode(contents, 0)).encode(), newline=False)
    pair = b"session=" + text
    return [f"{pair.decode()}{TAIL}", f"session.sig={_sign(pair).decode()}{TAIL}"]


def round_trip(header: str) -> list[str]:
    """Load, count one more view, save."""
    contents = load(header)
    if contents is None:
        return []
    contents["views"] = contents.get("views", 0) + 1
    return save(contents)


def read(header: str) -> Any:
    """Load and read one value."""
    contents = load(header)
    return None if contents is None else contents["views"]


def lend(header: str, key: str) -> Any:
    """Load, hand out a list, and find by writing everything again that nobody changed it."""
    pair = _find(header, "session=")
    signature = _find(header, "session.sig=")
    if not compare_digest(_sign(pair.encode()), signature[12:].encode()):
        return None
    loaded = a2b_base64(pair[8:])
    contents = _scan(loaded.decode(), 0)[0]
    value = contents[key]
    return value if _join(_encode(contents, 0)).encode() == loaded else None


def _find(header: str, needle: str) -> str:
    start = header.find(needle)
    while start > 0 and header[start - 2 : start] != "; ":
        start = header.find(needle, start + 1)
    end = header.find(";", start)
    return header[start:] if end < 0 else header[start:end]


def _sign(pair: bytes) -> bytes:
    inner = _INNER.copy()
    inner.update(pair)
    outer = _OUTER.copy()
    outer.update(inner.digest())
    return b2a_base64(outer.digest(), newline=False).translate(_URL_SAFE, b"=")


# --- the same between a server and an application ----------------------------------------------
#
# Objects that are called, as every middleware is that can be configured, and all that the two
# specifications ask of what wraps an application.

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]
WsgiApp = Callable[[Any, Any], Iterable[bytes]]


class AsgiPassThrough:
    """Wrap ``send`` and do nothing in it: what any middleware costs that sees the response."""

    def __init__(self, app: AsgiApp) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""

        async def wrapped(message: Any) -> None:
            await send(message)

        await self.app(scope, receive, wrapped)


class AsgiRead(AsgiPassThrough):
    """Load the session, and say that the response depends on it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        for name, value in scope["headers"]:
            if name == b"cookie":
                scope["session"] = load(value.decode("latin-1"))
                break

        async def wrapped(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"vary", b"Cookie"))
            await send(message)

        await self.app(scope, receive, wrapped)


class AsgiRoundTrip(AsgiPassThrough):
    """Load the session, save it, and say that the response depends on it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        for name, value in scope["headers"]:
            if name == b"cookie":
                scope["session"] = load(value.decode("latin-1"))
                break

        async def wrapped(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                for line in save(scope["session"]):
                    headers.append((b"set-cookie", line.encode("latin-1")))
                headers.append((b"vary", b"Cookie"))
            await send(message)

        await self.app(scope, receive, wrapped)


class WsgiPassThrough:
    """Wrap ``start_response`` and do nothing in it."""

    def __init__(self, app: WsgiApp) -> None:
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Serve one request."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, headers, exc_info)

        return self.app(environ, start)


class WsgiRead(WsgiPassThrough):
    """Load the session, and say that the response depends on it."""

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        environ["cookiesession.session"] = load(environ["HTTP_COOKIE"])

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("Vary", "Cookie")], exc_info)

        return self.app(environ, start)


class WsgiRoundTrip(WsgiPassThrough):
    """Load the session, save it, and say that the response depends on it."""

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        session = environ["cookiesession.session"] = load(environ["HTTP_COOKIE"])

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            lines = [("Set-Cookie", line) for line in save(session or {})]
            return start_response(status, [*headers, *lines, ("Vary", "Cookie")], exc_info)

        return self.app(environ, start)

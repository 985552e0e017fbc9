"""Start a server and find out how it behaves. A plain request is sent byte for byte."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

from websockets.sync.client import connect

from tests.support import servers
from tests.support.cookies import header

from .applications import HOST
from .table import DROPPED, LAST, LOADED, LOGGED, LOST, NONE, SENT, Behaviour, Server

LIMIT = 10
"""Seconds that an answer may take."""

_LINES = {
    ("a=1", "b=2"): "both arrive",
    ("a=1; b=2",): "joined by a semicolon and a space",
    ("a=1;b=2",): "joined by a semicolon",
    ("a=1, b=2",): "joined by a comma and a space",
    ("a=1,b=2",): "joined by a comma",
    ("a=1",): "the first one arrives",
    ("b=2",): "the last one arrives",
}
_BESIDE = {
    (True, True, True): LOADED,
    (True, False, False): "loaded from the first line",
    (False, True, False): LAST,
    (False, False, False): LOST,
}
_NOT_ASCII = (b"theme=\xf6", b"theme=\xc3\xb6")
"""One letter, in latin-1 and in UTF-8."""


def measure(server: Server) -> Behaviour:
    """Start a server, and return its behaviour."""
    with servers.running([servers.PYTHON, *server.arguments]) as running:
        pair = header({"user": "Ada"}).encode()
        value, signature = pair.split(b"; ")
        lines = tuple(_get(running.port, b"a=1", b"b=2")["cookies"])
        beside = (
            _is_loaded(running.port, pair, b"a=1"),
            _is_loaded(running.port, b"a=1", pair),
            _is_loaded(running.port, value, signature),
        )
        not_ascii = {
            _beyond_ascii(running.port, line)
            for each in _NOT_ASCII
            for line in (each + b"; " + pair, pair + b"; " + each)
        }
        version, handshake = NONE, NONE
        if server.adapter != "WSGI":
            version, handshake = _shake_hands(running)
    return Behaviour(
        _LINES.get(lines, repr(lines)),
        _BESIDE.get(beside, repr(beside)),
        ", ".join(sorted(not_ascii)),
        version,
        handshake,
    )


def _is_loaded(port: int, *lines: bytes) -> bool:
    """Whether a session is loaded from these ``Cookie`` lines."""
    return bool(_get(port, *lines)["user"] == "Ada")


def _beyond_ascii(port: int, line: bytes) -> str:
    report = _get(port, line)
    if report["user"] == "Ada":
        return LOADED
    return DROPPED if report["outcome"] == "ABSENT" and "".join(report["cookies"]) == "" else LOST


def _get(port: int, *lines: bytes) -> Any:
    """Send a request with these ``Cookie`` lines, and return the report."""
    request = [b"GET / HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close"]
    request += [b"Cookie: " + line for line in lines]
    with socket.create_connection((HOST, port), LIMIT) as connection:
        connection.sendall(b"\r\n".join([*request, b"", b""]))
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == http.HTTPStatus.OK
        return json.loads(response.read())


def _shake_hands(running: servers.Server) -> tuple[str, str]:
    """Open a WebSocket; return the version, and what happened to the session."""
    visitor = {"Cookie": header({"user": "Ada"})}
    with connect(
        f"ws://{HOST}:{running.port}/", additional_headers=visitor, open_timeout=LIMIT
    ) as client:
        assert client.response is not None
        sent = client.response.headers.get_all("Set-Cookie")
        report = json.loads(client.recv(LIMIT))
    assert "Ada" == report["user"]
    version = report.get("spec_version", "none" if "version" in report else NONE)
    if sent:
        assert ["session", "session.sig"] == [each.partition("=")[0] for each in sent]
        assert "SAVED" == report["written"]
        return version, SENT
    if report["written"] == "REFUSED":
        assert running.writes("'session' was not sent: this server sends no headers")
        return version, LOGGED
    return version, LOST

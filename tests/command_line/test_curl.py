"""The command with curl and a real server, as the documentation recommends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from tests.command_line.terminal import VARIABLE, WORDS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Silent(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: Any) -> None:
        pass


def count(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    session = get_session(environ)
    session["views"] = session.get("views", 0) + 1
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d views\n" % session["views"]]


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server that counts views."""
    application = CookieSessionMiddleware(count, keys=WORDS)
    with make_server("127.0.0.1", 0, application, handler_class=Silent) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_curl_is_logged_in_and_its_exchange_inspected(curl: str, url: str) -> None:
    script = (
        """echo '{"views": 41}' | cookiesession encode | sed 's/^/Cookie: /' |"""
        f" {curl} -sv -H @- {url} 2>&1 | cookiesession inspect"
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = subprocess.run(
        ["/bin/bash", "-c", script],
        env={"PATH": path, **VARIABLE},
        capture_output=True,
        timeout=60,
        check=True,
    )
    request, response = shell.stdout.decode().split("session, from ")[1:]

    assert request.startswith("a Cookie header\nverified with the newest of 2 keys\n")
    assert response.startswith("Set-Cookie values\nverified with the newest of 2 keys\n")
    assert '"views": 41' in request
    assert '"views": 42' in response
    assert "a browser takes session.sig" in response

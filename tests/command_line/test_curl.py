"""The command with curl and a real server, as the documentation recommends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from tests.command_line.terminal import VARIABLE, WORDS, run
from tests.command_line.test_documentation import PAGE

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


def output(script: str) -> str:
    """Return what a script in a shell prints. The shell has keys, and finds the command."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shell = subprocess.run(
        ["/bin/bash", "-c", script],
        env={"PATH": path, **VARIABLE},
        capture_output=True,
        timeout=60,
        check=True,
    )
    return shell.stdout.decode()


@pytest.mark.usefixtures("curl")
@pytest.mark.parametrize("flags", [("--help",), ("encode", "--help")])
def test_curl_is_logged_in_by_the_command_in_the_help(flags: tuple[str, ...], url: str) -> None:
    (command,) = re.findall(r"echo .*cookiesession encode \|.*\n +curl .*", run(*flags).out)
    script = command.replace('{"user": 7}', '{"views": 41}').replace("https://example.com/", url)

    assert "42 views\n" == output(script)


@pytest.mark.usefixtures("curl")
def test_curl_is_logged_in_by_the_command_on_the_page(url: str) -> None:
    (command,) = re.findall(r"`(cookiesession encode \|[^`]* curl [^`]*)`", PAGE.read_text("utf-8"))

    script = f"""echo '{{"views": 41}}' | {command.replace("https://example.com/", url)}"""
    assert "42 views\n" == output(script)


def test_curl_is_logged_in_and_its_exchange_inspected(curl: str, url: str) -> None:
    request, response = output(
        """echo '{"views": 41}' | cookiesession encode | sed 's/^/Cookie: /' |"""
        f" {curl} -sv -H @- {url} 2>&1 | cookiesession inspect"
    ).split("session, from ")[1:]

    assert request.startswith("a Cookie header\nverified with the newest of 2 keys\n")
    assert response.startswith("Set-Cookie values\nverified with the newest of 2 keys\n")
    assert '"views": 41' in request
    assert '"views": 42' in response
    assert "a browser takes session.sig" in response

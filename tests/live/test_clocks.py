"""The table of docs/expiry.md about wrong clocks, and what Chromium and curl do."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cookiesession_core import CookieSession
from tests.support.browser import chromium as started
from tests.support.keys import KEYS
from tests.support.servers import ROOT
from tests.support.user_agent import CookieJar

PAGE = (ROOT / "docs" / "expiry.md").read_text("utf-8").split("## If a clock is wrong")[1]
URL = "http://127.0.0.1/"
LIFETIME = 3600
NOW = 1_700_000_000
OFF = {"slow": -1, "fast": 1}
ROWS = re.findall(r"^\| (both right|the server.*) \| (\d+) seconds \|$", PAGE, re.MULTILINE)
CLOCKS = [("server", 0, LIFETIME)] + [
    (side, OFF[way] * int(seconds), int(kept))
    for words, kept in ROWS
    for side, seconds, way in re.findall(r"the (server|browser) (\d+) seconds (slow|fast)", words)
]


def set_cookies(clock: float) -> list[str]:
    """Return what a server with this clock sends for a new session."""
    session = CookieSession(keys=KEYS, max_age=LIFETIME, clock=lambda: clock).open(None)
    session["user"] = 7
    return session.commit()


def kept_for(jar: CookieJar, clock: int) -> int:
    """Return the number of seconds for which a browser keeps all cookies, from ``clock`` on."""
    expires = [each.expires for each in jar.cookies(clock)]
    return 0 if not expires else min(int(each or 0) for each in expires) - clock


def test_the_table_has_every_kind_of_clock() -> None:
    assert 4 == len(ROWS)
    assert 7 == len(CLOCKS)
    assert ("both right", str(LIFETIME)) in ROWS
    assert f"`max_age={LIFETIME}` keeps" in PAGE


@pytest.mark.parametrize(("side", "off", "kept"), CLOCKS)
def test_a_wrong_clock_changes_the_lifetime_as_the_table_says(
    side: str, off: int, kept: int
) -> None:
    server, browser = (NOW + off, NOW) if side == "server" else (NOW, NOW + off)
    jar = CookieJar()
    for value in set_cookies(server):
        jar.store(value, URL, now=browser)

    assert kept == kept_for(jar, browser)


@pytest.fixture
def slow_server() -> Iterator[str]:
    """Serve a session whose lifetime is over by the clock of everybody else."""

    class Handler(BaseHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(timestamp or time.time() - 2 * LIFETIME, usegmt=True)

        def do_GET(self) -> None:
            self.send_response(204)
            for value in set_cookies(time.time() - 2 * LIFETIME):
                self.send_header("Set-Cookie", value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_chromium_corrects_the_date_by_the_date_of_the_response(
    chromium: str, chromedriver: str, slow_server: str
) -> None:
    with started(chromium, chromedriver) as browser:
        browser.open(slow_server)
        cookies = browser.cookies("127.0.0.1")

    assert {"session", "session.sig"} == {cookie.name for cookie in cookies}
    for cookie in cookies:
        assert cookie.expires is not None
        assert cookie.expires > time.time()


def test_curl_does_not_correct_the_date(curl: str, slow_server: str) -> None:
    command = [curl, "-s", "-c", "-", slow_server]
    jar = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout

    assert b"# Netscape HTTP Cookie File" in jar
    assert b"session" not in jar

"""Sessions that Litestar has split into several cookies, read by the reader in the how-to."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Litestar, Request, get
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.testing import TestClient

from cookiesession_adapters.litestar import CookieSessionConfig
from cookiesession_core import CookieOptions, CookieSession, Outcome
from tests.legacy.test_migrate_page import PAGE, block
from tests.support.keys import KEYS
from tests.support.user_agent import CookieJar

SECRET = b"the-secret-of-Litestar--32-bytes"
SECTION = PAGE.split("### Sessions in several cookies")[1]
URL = "http://127.0.0.1/"
NOW = 1_700_000_000.0


def sent_by_litestar(contents: dict[str, Any]) -> CookieJar:
    """Return the cookies of a visitor whose session an application of Litestar has written."""

    @get("/", sync_to_thread=False)
    def log_in(request: Request[Any, Any, Any]) -> str:
        request.set_session(contents)
        return "welcome"

    config = CookieBackendConfig(secret=SECRET)
    with TestClient(Litestar([log_in], middleware=[config.middleware])) as client:
        lines = client.get("/").headers.get_list("Set-Cookie")
    jar = CookieJar()
    for line in lines:
        jar.store(line, URL, now=NOW)
    return jar


def reader() -> Any:
    """Return the reader that the page shows."""
    shown: dict[str, Any] = {"CookieOptions": CookieOptions}
    exec(block(SECTION, "```python").partition("\n\nreader = ")[0], shown)
    return shown["LitestarReader"](SECRET)


@pytest.mark.parametrize("length", [10, 4000, 9000])
def test_a_session_of_litestar_is_migrated_and_its_cookies_end(length: int) -> None:
    contents = {"user": 7, "text": "x" * length}
    jar = sent_by_litestar(contents)
    names = [cookie.name for cookie in jar.cookies(NOW)]
    sessions = CookieSession(keys=KEYS, legacy=[reader()], name="ours", max_cookie_size=None)

    session = sessions.open("; ".join(f"{each.name}={each.value}" for each in jar.cookies(NOW)))
    assert contents == session
    for line in session.commit():
        jar.store(line, URL, now=NOW)

    assert (length > 1000) == (names[0] == "session-0")
    left = {cookie.name for cookie in jar.cookies(NOW)}
    assert left <= {"ours", "ours.sig"}  # the largest does not fit into a browser
    assert "ours.sig" in left


@pytest.mark.parametrize("name", ["session", "ours"])
def test_an_application_of_litestar_changes_to_ours_and_keeps_its_visitors(name: str) -> None:
    @get("/", sync_to_thread=False)
    def home(request: Request[Any, Any, Any]) -> str:
        return str(request.session.get("user"))

    jar = sent_by_litestar({"user": 7})
    config = CookieSessionConfig(keys=KEYS, name=name, legacy=[reader()])
    with TestClient(Litestar([home], middleware=[config.middleware])) as client:
        for cookie in jar.cookies(NOW):
            client.cookies.set(cookie.name, cookie.value, domain="testserver.local")
        first, second = client.get("/").text, client.get("/")

        assert ("7", "7", []) == (first, second.text, second.headers.get_list("Set-Cookie"))
        assert {name, f"{name}.sig"} == set(client.cookies)


def test_chunks_with_a_gap_are_no_session() -> None:
    jar = sent_by_litestar({"text": "x" * 9000})
    cookies = [f"{each.name}={each.value}" for each in jar.cookies(NOW)]
    sessions = CookieSession(keys=KEYS, legacy=[reader()])

    assert len(cookies) > 2
    assert Outcome.ABSENT is sessions.open("; ".join(cookies[:1] + cookies[2:])).outcome

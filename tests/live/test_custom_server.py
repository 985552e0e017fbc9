"""The example of a server of one's own, run on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cookiesession_core import CookieSession
from tests.support.servers import PYTHON, ROOT, Server, running
from tests.support.user_agent import UserAgent

KEYS = ["the newest key: thirty-two bytes ok", "an older key: thirty-two bytes too"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    command = (PYTHON, ROOT / "examples" / "custom_server" / "server.py", "{port}")
    with running(command, env={"COOKIESESSION_KEYS": "\n".join(KEYS)}) as server:
        yield server


@pytest.fixture
def site(server: Server) -> str:
    return server.url


def test_visits_are_counted_until_they_are_forgotten(site: str) -> None:
    agent = UserAgent()

    assert b"1 visits." == agent.get(f"{site}/").body
    assert b"2 visits." == agent.get(f"{site}/").body
    assert ["Cookie"] == agent.get(f"{site}/").all("Vary")
    assert b"Forgotten." == agent.get(f"{site}/forget").body
    assert b"1 visits." == agent.get(f"{site}/").body


def test_it_sends_the_cookies_of_the_core(site: str) -> None:
    cookies = CookieSession(keys=KEYS).encode({"visits": 1})

    attributes = "; path=/; samesite=lax; httponly"
    set_cookies = [f"{name}={value}{attributes}" for name, value in cookies.items()]
    assert set_cookies == UserAgent().get(f"{site}/").set_cookie


def test_a_response_that_does_not_touch_the_session_stays_as_it_is(site: str) -> None:
    for path, set_cookie in (("/theme", ["theme=dark; path=/"]), ("/missing", [])):
        response = UserAgent().get(f"{site}{path}")

        assert (set_cookie, []) == (response.set_cookie, response.all("Vary"))


def test_a_session_too_large_is_an_error_and_the_client_keeps_the_old_one(server: Server) -> None:
    agent = UserAgent()
    agent.get(f"{server.url}/")

    response = agent.get(f"{server.url}/hoard")

    assert (500, []) == (response.status, response.set_cookie)
    assert server.writes("'hoard'")
    assert b"2 visits." == agent.get(f"{server.url}/").body


def test_cookies_in_several_fields_are_one_header(site: str) -> None:
    cookies = CookieSession(keys=KEYS).encode({"visits": 7})
    fields = [("Cookie", f"{name}={value}") for name, value in cookies.items()]

    assert b"8 visits." == UserAgent().get(f"{site}/", fields).body

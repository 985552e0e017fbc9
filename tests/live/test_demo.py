"""The site of ``make demo``, as a visitor's browser uses it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from html import unescape

import pytest

from tests.support.servers import PYTHON, ROOT, Server, running
from tests.support.user_agent import Response, UserAgent

APP = ROOT / "examples" / "view_counter" / "app.py"
FORM = [("Content-Type", "application/x-www-form-urlencoded")]


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    with running([PYTHON, APP, "--port", "{port}"]) as server:
        yield server


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def shown(response: Response, element: str) -> str:
    """Return the text of the element with this id."""
    found = re.search(rf'id="{element}"[^>]*>(.*?)</', response.body.decode(), re.DOTALL)
    assert found is not None, response.body
    return unescape(found[1])


def log_in(agent: UserAgent, demo: Server, user: bytes) -> Response:
    return agent.request("POST", f"{demo.url}/login", FORM, b"user=" + user)


def test_it_counts_the_views_of_each_visitor(demo: Server, agent: UserAgent) -> None:
    pages = [agent.get(f"{demo.url}/") for _ in range(3)]

    assert ["1", "2", "3"] == [shown(page, "views") for page in pages]
    assert "1" == shown(UserAgent().get(f"{demo.url}/"), "views")


def test_it_shows_the_session_and_the_cookies(demo: Server, agent: UserAgent) -> None:
    first, second = (agent.get(f"{demo.url}/") for _ in range(2))

    assert ("True", "ABSENT", "None") == tuple(
        shown(first, fact) for fact in ("is_new", "outcome", "key_index")
    )
    assert ("False", "LOADED", "0") == tuple(
        shown(second, fact) for fact in ("is_new", "outcome", "key_index")
    )
    assert {"views": 2} == json.loads(shown(second, "contents"))
    assert '{"views":2}' == shown(second, "decoded")
    kept = [line.split(";")[0] for line in first.set_cookie]
    assert "; ".join(kept) == shown(second, "received")


def test_the_cookies_shown_are_the_ones_sent(demo: Server, agent: UserAgent) -> None:
    page = agent.get(f"{demo.url}/")

    lines = re.findall(r'class="cookie"><b>(.*?)</b>=(.*?)</p>', page.body.decode())
    assert [f"{name}={value}" for name, value in lines] == [
        line.split(";")[0] for line in page.set_cookie
    ]


def test_the_size_shown_is_that_of_the_set_cookie_value_sent(
    demo: Server, agent: UserAgent
) -> None:
    page = agent.get(f"{demo.url}/")

    assert shown(page, "size").startswith(f"{len(page.set_cookie[0])} of 4093 bytes")


def test_visitors_log_in_and_out(demo: Server, agent: UserAgent) -> None:
    agent.get(f"{demo.url}/")

    assert 303 == log_in(agent, demo, b"Zo%C3%AB+%3Cb%3E").status
    page = agent.get(f"{demo.url}/")
    assert ("2", "Zoë <b>") == (shown(page, "views"), shown(page, "user"))

    assert 303 == agent.post(f"{demo.url}/logout").status
    page = agent.get(f"{demo.url}/")
    assert ("1", "ABSENT") == (shown(page, "views"), shown(page, "outcome"))


def test_a_session_too_large_is_shown_as_an_error(demo: Server, agent: UserAgent) -> None:
    agent.get(f"{demo.url}/")
    failed = agent.post(f"{demo.url}/oversize")

    assert (500, []) == (failed.status, failed.set_cookie)
    assert shown(failed, "message").startswith("CookieTooLargeError: the session cookie would take")
    assert "'essay'" in shown(failed, "message")
    assert "2" == shown(agent.get(f"{demo.url}/"), "views")


def test_its_pages_load_nothing_from_elsewhere(demo: Server, agent: UserAgent) -> None:
    page = agent.get(f"{demo.url}/").body.decode()
    style = agent.get(f"{demo.url}/static/style.css")

    assert 200 == style.status
    assert [] == re.findall(r"https?://|//\w", page + style.body.decode())


def test_it_prints_its_address_and_its_key(demo: Server) -> None:
    assert demo.writes(f"The view counter is on {demo.url} ")
    assert demo.writes("Its key is random")


def test_a_port_in_use_ends_it_with_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [PYTHON, APP, "--port", str(port)], capture_output=True, text=True, check=False
        )

    assert 1 == ended.returncode
    assert re.fullmatch(rf"Port {port} cannot be used .*make demo PORT={port + 1}\n", ended.stderr)

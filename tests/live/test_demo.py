"""The site of ``make demo``, as a visitor's browser uses it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.support.servers import PYTHON, ROOT, Server, running
from tests.support.user_agent import Response, UserAgent

APP = ROOT / "examples" / "view_counter" / "app.py"
DEMO: list[str | Path] = [PYTHON, APP, "--port", "{port}", "--express-port", "0"]
FORM = [("Content-Type", "application/x-www-form-urlencoded")]


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    with running(DEMO) as server:
        yield server


@pytest.fixture(scope="module")
def express(node: str, demo: Server) -> str:
    """Where the Express half of the site is."""
    assert node
    assert demo.writes("Its Express half is on ")
    found = re.search(r"Express half is on (\S+)\.\n", demo.output())
    assert found is not None, demo.output()
    return found[1]


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def shown(response: Response, element: str) -> str:
    """Return the text of the element with this id."""
    found = re.search(rf'id="{element}"[^>]*>(.*?)</', response.body.decode(), re.DOTALL)
    assert found is not None, response.body
    return unescape(found[1])


def log_in(agent: UserAgent, url: str, user: bytes) -> Response:
    return agent.request("POST", f"{url}/login", FORM, b"user=" + user)


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

    assert 303 == log_in(agent, demo.url, b"Zo%C3%AB+%3Cb%3E").status
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


def test_a_page_that_does_not_exist_leads_back_to_the_counter(
    demo: Server, agent: UserAgent
) -> None:
    agent.get(f"{demo.url}/")
    page = agent.get(f"{demo.url}/<b>")

    assert (404, "/<b>") == (page.status, shown(page, "path"))
    assert 'href="/look"' in page.body.decode()
    assert "1" == shown(agent.get(f"{demo.url}/look"), "views")


def test_a_changed_cookie_is_refused_until_the_visitor_starts_again(
    demo: Server, agent: UserAgent
) -> None:
    log_in(agent, demo.url, b"Ada")
    assert 303 == agent.post(f"{demo.url}/tamper").status
    page = agent.get(f"{demo.url}/look")

    assert ("BAD_SIGNATURE", "0") == (shown(page, "outcome"), shown(page, "views"))
    assert "<b>BAD_SIGNATURE</b>" in page.body.decode()
    assert "Mallory" not in page.body.decode()

    agent.get(f"{demo.url}/")
    assert ("LOADED", "1") == tuple(
        shown(agent.get(f"{demo.url}/look"), fact) for fact in ("outcome", "views")
    )


def test_after_a_rotation_visitors_stay_logged_in_and_get_a_new_signature(
    demo: Server, agent: UserAgent
) -> None:
    log_in(agent, demo.url, b"Ada")
    assert 303 == agent.post(f"{demo.url}/rotate").status
    first, second = (agent.get(f"{demo.url}/look") for _ in range(2))

    assert ("Ada", "1") == (shown(first, "user"), shown(first, "key_index"))
    assert "<b>New key</b>" in first.body.decode()
    assert ["session", "session.sig"] == [line.partition("=")[0] for line in first.set_cookie]
    assert ("Ada", "0") == (shown(second, "user"), shown(second, "key_index"))
    assert [] == second.set_cookie


def test_both_halves_have_one_counter_and_one_login(
    demo: Server, express: str, agent: UserAgent
) -> None:
    log_in(agent, express, b"Zo%C3%AB+%3Cb%3E")
    agent.get(f"{demo.url}/")
    counted = agent.post(f"{express}/count")
    here, there = agent.get(f"{demo.url}/look"), agent.get(f"{express}/")

    assert (303, [f"{demo.url}/look"]) == (counted.status, counted.all("Location"))
    assert ("2", "Zoë <b>") == (shown(here, "views"), shown(here, "user"))
    assert ("2", "Zoë <b>") == (shown(there, "views"), shown(there, "user"))

    agent.post(f"{express}/logout")
    assert "ABSENT" == shown(agent.get(f"{demo.url}/look"), "outcome")


def test_the_page_shows_the_express_half_beside_the_python_half(
    demo: Server, express: str, agent: UserAgent
) -> None:
    page = agent.get(f"{demo.url}/")

    assert f'<iframe id="express" src="{express}/"' in page.body.decode()
    assert 200 == agent.get(f"{express}/static/style.css").status


def test_express_refuses_a_changed_cookie_as_well(
    demo: Server, express: str, agent: UserAgent
) -> None:
    agent.get(f"{demo.url}/")
    agent.post(f"{demo.url}/tamper")

    assert "0" == shown(agent.get(f"{express}/"), "views")


def test_after_a_rotation_express_goes_on_as_well(
    demo: Server, express: str, agent: UserAgent
) -> None:
    log_in(agent, express, b"Ada")
    for _ in range(2):
        agent.post(f"{demo.url}/rotate")
    agent.post(f"{express}/count")
    page = agent.get(f"{demo.url}/look")

    assert ("Ada", "1", "0") == tuple(shown(page, fact) for fact in ("user", "views", "key_index"))


def test_without_node_the_page_says_what_would_be_there(agent: UserAgent, tmp_path: Path) -> None:
    with running(DEMO, env={"PATH": str(tmp_path)}) as alone:
        assert alone.writes("Its Express half is not running: it needs Node.js")
        page = agent.get(f"{alone.url}/").body.decode()
        rotated = agent.post(f"{alone.url}/rotate")

    assert "<iframe" not in page
    assert "Here would be the same counter in Express" in page
    assert 303 == rotated.status


def test_the_site_runs_without_express_if_the_port_of_express_is_in_use(node: str) -> None:
    assert node
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running([*DEMO[:-1], str(port)]) as alone:
            assert alone.writes(f"Port {port} cannot be used by Express (EADDRINUSE).")
            assert alone.writes("Its Express half is not running")


def test_its_pages_load_nothing_from_elsewhere(demo: Server, agent: UserAgent) -> None:
    page = agent.get(f"{demo.url}/").body.decode()
    style = agent.get(f"{demo.url}/static/style.css")

    assert 200 == style.status
    addresses = re.findall(r"(?:https?:)?//[\w.]+", page + style.body.decode())
    assert {"http://127.0.0.1"} >= {*addresses}


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
    assert re.fullmatch(rf"Port {port} cannot be used .*make demo PORT={port + 2}\n", ended.stderr)

"""One lifetime, two servers: Koa with the real koa-session, and the core.

Koa uses the clock of the machine. The tests move our clock.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from cookiesession_core import CookieSession, Outcome, Written
from tests.node.express import EXPRESS
from tests.support.keys import KEYS
from tests.support.servers import running
from tests.support.user_agent import UserAgent

MINUTE, HOUR = 60, 3600
IDLE = HOUR
OPTIONS: dict[str, Any] = {"keys": KEYS, "maxAge": IDLE * 1000}
URL = "http://127.0.0.1/"


@attrs.define
class Here:
    """Our side, ``passed`` seconds from now."""

    passed: float = 0
    options: dict[str, Any] = attrs.field(factory=lambda: {"idle_timeout": IDLE})

    def request(self, agent: UserAgent, **changes: Any) -> tuple[Outcome, dict[str, Any], Written]:
        """Touch the session of ``agent``, and change it."""
        now = time.time() + self.passed
        sessions = CookieSession(keys=KEYS, clock=lambda: now, **self.options)
        session = sessions.open(agent.jar.header(URL, now=0))
        outcome, seen = session.outcome, dict(session)
        session.update(changes)
        for value in session.commit():
            agent.jar.store(value, URL, now=0)
        assert session.written is not None
        return outcome, seen, session.written


@pytest.fixture(scope="module")
def koa(node: str) -> Iterator[str]:
    with running(
        (node, EXPRESS / "koa.js", "{port}"), env={"SESSION_OPTIONS": json.dumps(OPTIONS)}
    ) as server:
        yield server.url


@pytest.fixture(scope="module")
def express(node: str) -> Iterator[str]:
    options = json.dumps({"keys": KEYS})
    with running(
        (node, EXPRESS / "server.js", "{port}"), env={"SESSION_OPTIONS": options}
    ) as server:
        yield server.url


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def test_both_count_in_one_session(koa: str, agent: UserAgent) -> None:
    assert {"views": 1} == agent.get(f"{koa}/count").json()["session"]
    assert (Outcome.LOADED, {"views": 1}, Written.SAVED) == Here().request(agent, views=2)
    assert {"views": 3} == agent.get(f"{koa}/count").json()["session"]
    assert (Outcome.LOADED, {"views": 3}, Written.NOTHING) == Here().request(agent)


def test_koa_reads_our_session_and_sends_nothing_back(koa: str, agent: UserAgent) -> None:
    Here().request(agent, text="Zoë 漢字", cart=[{"id": 1, "price": 2.5}])

    answer = agent.get(f"{koa}/read")

    assert {"text": "Zoë 漢字", "cart": [{"id": 1, "price": 2.5}]} == answer.json()["session"]
    assert [] == answer.set_cookie


def test_koa_ends_our_session(koa: str, agent: UserAgent) -> None:
    Here(passed=-IDLE - MINUTE).request(agent, user=7)

    assert {"session": {}, "isNew": True} == agent.get(f"{koa}/read").json()


def test_we_end_a_session_of_koa(koa: str, agent: UserAgent) -> None:
    agent.get(f"{koa}/count")

    outcome, seen, _ = Here(passed=IDLE + 2 * MINUTE).request(agent)

    assert (Outcome.EXPIRED, {}) == (outcome, seen)


def test_koa_prolongs_our_session(koa: str, agent: UserAgent) -> None:
    Here(passed=-40 * MINUTE).request(agent, user=7)

    assert [] != agent.get(f"{koa}/read").set_cookie
    assert Outcome.LOADED is Here(passed=50 * MINUTE).request(agent)[0]


def test_we_prolong_a_session_of_koa(koa: str, agent: UserAgent) -> None:
    agent.get(f"{koa}/count")

    assert Written.REFRESHED is Here(passed=40 * MINUTE).request(agent)[2]
    assert Outcome.LOADED is Here(passed=90 * MINUTE).request(agent)[0]
    assert {"views": 1} == agent.get(f"{koa}/read").json()["session"]


def test_koa_destroys_our_session(koa: str, agent: UserAgent) -> None:
    Here().request(agent, user=7)

    agent.get(f"{koa}/destroy")

    assert (Outcome.ABSENT, {}, Written.NOTHING) == Here().request(agent)


@pytest.mark.parametrize("side", ["koa", "express"])
def test_the_start_of_a_session_survives_a_save_by_node(
    request: pytest.FixtureRequest, agent: UserAgent, side: str
) -> None:
    """So a session cannot live longer than absolute_timeout, whichever server uses it."""
    url = request.getfixturevalue(side)
    options = {"idle_timeout": IDLE, "absolute_timeout": 2 * HOUR}
    Here(passed=-40 * MINUTE, options=options).request(agent, views=1)

    assert 2 == agent.get(f"{url}/count").json()["session"]["views"]

    outcome, seen, _ = Here(options=options).request(agent)
    assert (Outcome.LOADED, {"views": 2}) == (outcome, seen)
    Here(passed=40 * MINUTE, options=options).request(agent)
    assert Outcome.LOADED is Here(passed=79 * MINUTE, options=options).request(agent)[0]
    assert Outcome.EXPIRED is Here(passed=82 * MINUTE, options=options).request(agent)[0]


def test_express_carries_the_timestamps_and_ignores_them(express: str, agent: UserAgent) -> None:
    Here(passed=-IDLE - 2 * MINUTE).request(agent, views=1)

    session = agent.get(f"{express}/count").json()["session"]

    assert {"views", "_expire", "_maxAge"} == set(session)
    assert 2 == session["views"]
    assert Outcome.EXPIRED is Here().request(agent)[0]


def test_a_session_of_express_gets_timestamps_when_it_is_touched(
    express: str, agent: UserAgent
) -> None:
    agent.get(f"{express}/count")

    assert (Outcome.LOADED, {"views": 1}, Written.REFRESHED) == Here().request(agent)
    assert {"views", "_expire", "_maxAge"} == set(agent.get(f"{express}/read").json()["session"])

"""Python types in a session that the real Express reads and changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from markupsafe import Markup

from cookiesession_adapters.codecs.tagged import TaggedCodec
from cookiesession_core import CookieSession
from tests.node.express import EXPRESS
from tests.support.keys import KEYS
from tests.support.servers import running
from tests.support.user_agent import UserAgent

SESSIONS = CookieSession(keys=KEYS, codec=TaggedCodec())
CONTENTS: dict[str, Any] = {
    "flashes": [("message", Markup("<b>Zoë</b>"))],
    "since": datetime(2024, 2, 29, 12, 0, 1, tzinfo=timezone.utc),
    "raw": b"\x00\xff",
    "id": UUID("12345678-1234-5678-1234-567812345678"),
    "pair": (1, [2.5, None]),
    "looks tagged": {" t": ("x",)},
}


@pytest.fixture(scope="module")
def express(node: str) -> Iterator[str]:
    command: list[str | Path] = [node, EXPRESS / "server.js", "{port}"]
    with running(command, env={"SESSION_OPTIONS": json.dumps({"keys": KEYS})}) as server:
        yield server.url


@pytest.fixture
def agent(express: str) -> UserAgent:
    """A visitor to whom Python has given a session."""
    agent = UserAgent()
    session = SESSIONS.open()
    session.update(CONTENTS)
    for value in session.commit():
        agent.jar.store(value, express, now=agent.clock())
    return agent


def here(agent: UserAgent, express: str) -> dict[str, Any]:
    """Return what Python reads from the visitor's cookies."""
    return dict(SESSIONS.open(agent.jar.header(express, now=agent.clock())))


def test_express_sees_the_tags_and_sends_nothing(agent: UserAgent, express: str) -> None:
    response = agent.get(f"{express}/read")

    assert {
        "flashes": [{" t": ["message", {" m": "<b>Zoë</b>"}]}],
        "since": {" d": "Thu, 29 Feb 2024 12:00:01 GMT"},
        "raw": {" b": "AP8="},
        "id": {" u": "12345678123456781234567812345678"},
        "pair": {" t": [1, [2.5, None]]},
        "looks tagged": {" di": {" t__": {" t": ["x"]}}},
    } == response.json()["session"]
    assert [] == response.set_cookie


def test_the_types_come_back_after_express_has_written(agent: UserAgent, express: str) -> None:
    response = agent.post(f"{express}/set", {"theirs": [1]})
    read = here(agent, express)

    assert 2 == len(response.set_cookie)
    assert {**CONTENTS, "theirs": [1]} == read
    assert repr(CONTENTS["flashes"]) == repr(read["flashes"])
    assert repr(CONTENTS["pair"]) == repr(read["pair"])


def test_express_can_write_tags_itself(agent: UserAgent, express: str) -> None:
    agent.post(f"{express}/set", {"since": {" d": "Wed, 01 Jan 2025 00:00:00 GMT"}})

    assert datetime(2025, 1, 1, tzinfo=timezone.utc) == here(agent, express)["since"]

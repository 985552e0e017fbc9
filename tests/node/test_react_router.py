"""One session, three servers: React Router, Remix, and our WSGI adapter.

One jar of cookies goes back and forth between the real packages and us.
"""

from __future__ import annotations

import json
import os
import random
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from cookiesession_adapters.formats.react_router import ReactRouter, flash
from cookiesession_core import CookieSession, Keygrip, Outcome, Session
from tests.conftest import REACT_ROUTER
from tests.support.equality import as_read_back
from tests.support.in_process import through_wsgi
from tests.support.keys import KEYS, NEWEST, OLDER
from tests.support.servers import running
from tests.support.user_agent import UserAgent

NODE = ("rr8", "remix2")
URL = "http://127.0.0.1/"
STEPS = int(os.environ.get("STEPS", "100"))
"""The number of random steps; a long run takes more."""
BATCH = 1000
"""Cookies that Node reads in one request."""


@attrs.define
class Visitor:
    """One visitor of all three applications."""

    url: str
    agent: UserAgent = attrs.field(factory=UserAgent)
    secrets: list[str] = attrs.field(factory=lambda: list(KEYS))
    sent: list[str] = attrs.field(factory=list)
    """The ``Set-Cookie`` values of the last response."""

    def node(self, package: str, *steps: Any, end: str | None = None) -> tuple[Any, list[Any]]:
        """Let Node take these steps; return the session before, and the answers."""
        body = {"secrets": self.secrets, "steps": steps, "end": end}
        answer = self.agent.post(f"{self.url}/{package}", body)
        self.sent = answer.set_cookie
        told = answer.json()
        return told["session"], told["answers"]

    def python(self, act: Callable[[Session], Any]) -> Any:
        """Let our application act; return what it returns."""
        answers: list[Any] = []
        sessions = CookieSession(format=ReactRouter(self.secrets), name="__session")
        self.sent = through_wsgi(sessions)(
            self.cookies(), lambda session: answers.append(act(session))
        )
        for line in self.sent:
            self.agent.jar.store(line, URL, now=self.agent.clock())
        return answers[0]

    def cookies(self) -> str | None:
        return self.agent.jar.header(URL, now=self.agent.clock())


@pytest.fixture(scope="module")
def url(react_router: str) -> Iterator[str]:
    with running((react_router, REACT_ROUTER / "server.mjs", "{port}")) as server:
        yield server.url


@pytest.fixture
def visitor(url: str) -> Visitor:
    return Visitor(url)


# --- a long visit ------------------------------------------------------------------------------

TEXTS = ["", "Zoë 漢字 😀", "a\ud800b", '"\\/\x00\u2028</script>;,=%25 +', "x" * 80, "__flash_a__"]


def a_value(depth: int = 3) -> Any:
    """Return any value that JSON and a double can hold."""
    kinds: list[Callable[[], Any]] = [
        lambda: random.choice([None, True, False, "", [], {}]),
        lambda: random.randint(-(2**53) + 1, 2**53 - 1),
        lambda: random.choice([0.1, 1.0, -0.0, 1e21, 1e-7, 5e-324, 1.5e300, random.random()]),
        lambda: random.choice(TEXTS),
        lambda: [a_value(depth - 1) for _ in range(random.randint(0, 3))],
        lambda: {a_key(): a_value(depth - 1) for _ in range(random.randint(0, 3))},
    ]
    return random.choice(kinds if depth else kinds[:4])()


def a_key() -> str:
    return random.choice(["user", "cart", "10", "2", "Schlüssel", "😀", random.choice(TEXTS)])


def node_step(visitor: Visitor, package: str, expected: dict[str, Any]) -> dict[str, Any]:
    """Take a step at Node; return the contents that everybody must see from now on."""
    kind = random.choice(["read", "commit", "set", "set", "unset", "destroy"])
    steps, after = [], dict(expected)
    if kind == "set":
        after = {key: a_value() for key in ("user", a_key())}
        steps, after = [["set", *pair] for pair in after.items()], {**expected, **after}
    elif kind == "unset" and expected:
        gone = random.choice([*expected])
        steps = [["unset", gone]]
        del after[gone]
    before = visitor.cookies()
    end = {"read": None, "destroy": "destroy"}.get(kind, "commit")
    seen, _ = visitor.node(package, *steps, end=end)
    assert expected == seen
    if kind == "commit" and before:
        assert before == visitor.cookies()  # the same bytes as ours
    return {} if kind == "destroy" else after


def python_step(visitor: Visitor, expected: dict[str, Any]) -> dict[str, Any]:
    """Take a step here; return the contents that everybody must see from now on."""
    kind = random.choice(["read", "read", "set", "set", "delete", "destroy"])
    given = {key: a_value() for key in ("cart", a_key())}
    gone = random.choice([*expected, None])

    def act(session: Session) -> dict[str, Any]:
        seen = dict(session)
        if kind == "set":
            session.update(given)
        elif kind == "delete" and gone is not None:
            del session[gone]
        elif kind == "destroy":
            session.destroy()
        return seen

    assert expected == visitor.python(act)
    if kind == "read":
        assert [] == visitor.sent
    after = {key: value for key, value in expected.items() if (kind, key) != ("delete", gone)}
    return {"set": {**expected, **given}, "destroy": {}}.get(kind, after)


def test_one_session_lives_at_all_three_servers(visitor: Visitor) -> None:
    """pytest-randomly prints the seed of the steps."""
    expected: dict[str, Any] = {}
    for _ in range(STEPS):
        side = random.choice(["python", "python", *NODE])
        if len(json.dumps(expected)) > 1500:
            visitor.python(lambda session: session.destroy())
            expected = {}
        step = (
            python_step(visitor, expected)
            if side == "python"
            else node_step(visitor, side, expected)
        )
        expected = as_read_back(step)


# --- each rule -----------------------------------------------------------------------------------


@pytest.mark.parametrize("package", NODE)
def test_our_cookie_is_the_one_of_node_to_the_byte(visitor: Visitor, package: str) -> None:
    contents = {"user": {"name": "Zoë 😀"}, "10": 1, "2": [1.0, 1e21], "a": "\ud800", "b": ">>>???"}
    visitor.python(lambda session: session.update(contents))
    ours = visitor.cookies()

    visitor.node(package, end="commit")

    assert ours == visitor.cookies()
    assert f"{ours}; Path=/; HttpOnly; SameSite=Lax" == visitor.sent[0]


@pytest.mark.parametrize("package", NODE)
def test_either_side_ends_the_session_of_the_other(visitor: Visitor, package: str) -> None:
    visitor.python(lambda session: session.update(user=7))
    assert {"user": 7} == visitor.node(package, end="destroy")[0]
    assert visitor.python(lambda session: session.outcome) is Outcome.ABSENT

    visitor.node(package, ["set", "user", 7], end="commit")
    assert visitor.cookies() is not None
    visitor.python(lambda session: session.destroy())
    assert visitor.cookies() is None
    assert ({}, []) == visitor.node(package)


@pytest.mark.parametrize("package", NODE)
def test_a_flash_value_is_read_once_wherever_it_was_written(visitor: Visitor, package: str) -> None:
    visitor.python(lambda session: flash(session, "note", ["saved"]))
    assert [["saved"], None] == visitor.node(
        package, ["get", "note"], ["get", "note"], end="commit"
    )[1]
    assert visitor.python(lambda session: flash(session, "note")) is None

    visitor.node(package, ["flash", "note", "saved"], end="commit")
    assert ["saved", None] == visitor.python(
        lambda session: [flash(session, "note"), flash(session, "note")]
    )
    assert [None] == visitor.node(package, ["get", "note"])[1]


@pytest.mark.parametrize("package", NODE)
def test_a_plain_key_hides_a_flash_value_on_both_sides(visitor: Visitor, package: str) -> None:
    visitor.node(package, ["set", "note", "plain"], ["flash", "note", "flash"], end="commit")

    reads = [["get", "note"], ["get", "note"], ["unset", "note"], ["get", "note"], ["get", "note"]]
    answers = visitor.node(package, *reads)[1]
    assert ["plain", "plain", None, "flash", None] == answers

    def act(session: Session) -> list[Any]:
        before = [flash(session, "note"), flash(session, "note"), session.pop("note") and None]
        return [*before, flash(session, "note"), flash(session, "note")]

    assert answers == visitor.python(act)


@pytest.mark.parametrize("package", NODE)
def test_secrets_are_rotated_on_either_side_first(visitor: Visitor, package: str) -> None:
    for first_is_python in (True, False):
        visitor.secrets = [OLDER]
        visitor.node(package, ["set", "user", 7], end="commit")
        old = visitor.cookies()
        visitor.secrets = [NEWEST, OLDER]
        if first_is_python:
            assert {"user": 7} == visitor.python(dict)
        else:
            assert {"user": 7} == visitor.node(package, end="commit")[0]
        assert old != visitor.cookies()

        visitor.secrets = [NEWEST]
        assert {"user": 7} == visitor.node(package)[0]
        assert {"user": 7} == visitor.python(dict)
        assert [] == visitor.sent
        visitor.node(package, end="destroy")


@pytest.mark.parametrize("package", NODE)
def test_node_keeps_our_timestamps_when_it_saves(visitor: Visitor, package: str) -> None:
    sessions = CookieSession(format=ReactRouter(KEYS), name="__session", idle_timeout=60)
    (value,) = sessions.encode({"user": 7}).values()
    visitor.agent.jar.store(f"__session={value}; path=/", URL, now=0)

    seen, _ = visitor.node(package, ["set", "views", 1], end="commit")

    assert {"user", "_expire", "_maxAge"} == set(seen)
    assert {"user": 7, "views": 1} == sessions.decode(visitor.cookies())


# --- cookies that somebody changed ---------------------------------------------------------------


def a_cookie() -> str:
    """Return a cookie of somebody who may know the secrets, and change what he likes."""
    contents = {a_key(): a_value() for _ in range(2)}
    text = b64encode(
        json.dumps(contents, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    ).decode()
    if random.random() < 0.5:
        text = changed(text)
    signature = Keygrip([random.choice(KEYS)], "sha256").sign(text)
    value = f"{text}.{signature.replace('-', '+').replace('_', '/')}"
    if random.random() < 0.5:
        value = value.replace("+", "%2B").replace("/", "%2f").replace("=", "%3D")
    return changed(value) if random.random() < 0.3 else value


def changed(text: str) -> str:
    place = random.randint(0, len(text))
    part = random.choice(
        ["", " ", "=", "%", "%3D", "%20", "-", "_", "+", "/", ".", "A", "*", "\x7f"]
    )
    # Node drops the spaces around a value; no client sends any.
    return (text[:place] + part + text[place + random.randint(0, 2) :]).strip(" ")


def test_a_changed_cookie_loads_here_if_it_loads_in_remix(visitor: Visitor) -> None:
    """React Router 8 also accepts other spellings of a signature, but nothing less."""
    headers = [f"__session={a_cookie()}" for _ in range(STEPS)]
    read: list[dict[str, Any]] = []
    for start in range(0, STEPS, BATCH):
        body = {"secrets": KEYS, "headers": headers[start : start + BATCH]}
        read += visitor.agent.post(f"{visitor.url}/read", body).json()

    sessions = CookieSession(format=ReactRouter(KEYS), name="__session")
    ours = [as_read_back(sessions.decode(header) or {}) for header in headers]

    assert [each["remix2"] for each in read] == ours
    assert [] == [
        each for each, mine in zip(read, ours, strict=True) if mine not in ({}, each["rr8"])
    ]
    assert STEPS / 10 < sum(map(bool, ours)) < STEPS

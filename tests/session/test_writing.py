"""Which changes are saved."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any

import pytest

from cookiesession_core import CookieSession, SessionEncodeError, Written
from tests.support.cookies import signed
from tests.support.keys import KEYS
from tests.support.kinds import Kind


def test_a_new_populated_session_is_saved(kind: Kind) -> None:
    session = kind.sessions().open()

    session["user"] = 7

    assert kind.saves(session.commit(), {"user": 7})
    assert Written.SAVED is session.written


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s["user"],
        lambda s: s["list"],
        lambda s: s.update(s),
        lambda s: s.__setitem__("user", 7),
        lambda s: s.setdefault("user", 8),
        lambda s: s["list"].append(1) or s["list"].pop(),
        lambda s: list(s.items()) + list(s.values()) + list(s.keys()),
        lambda s: s.pop("nothing", None),
        lambda s: s.copy().clear(),
        lambda s: s.typed(dict)["list"],
    ],
)
def test_a_session_that_is_the_same_in_the_end_sends_nothing(kind: Kind, act: Any) -> None:
    session = kind.sessions().open(kind.header({"user": 7, "list": []}))

    act(session)

    assert not session.is_changed
    assert [] == session.commit()
    assert Written.NOTHING is session.written


@pytest.mark.parametrize(
    ("act", "contents"),
    [
        (lambda s: s["list"].append(1), {"user": 7, "list": [1]}),
        (lambda s: s.get("list").append(1), {"user": 7, "list": [1]}),
        (lambda s: s.copy()["list"].append(1), {"user": 7, "list": [1]}),
        (lambda s: next(reversed(list(s.values()))).append(1), {"user": 7, "list": [1]}),
        (lambda s: s.__delitem__("list"), {"user": 7}),
        (lambda s: s.pop("list"), {"user": 7}),
        (lambda s: s.popitem(), {"user": 7}),
        (lambda s: s.clear(), {}),
        (lambda s: s.__ior__({"b": 1}), {"user": 7, "list": [], "b": 1}),
        (lambda s: s.setdefault("b", []).append(1), {"user": 7, "list": [], "b": [1]}),
        (lambda s: s.update(user=True), {"user": True, "list": []}),
        (lambda s: s.update([("user", 8)]), {"user": 8, "list": []}),
        (lambda s: s.__setitem__("user", s.pop("user")), {"list": [], "user": 7}),
        (lambda s: s.typed(dict).__setitem__("user", 8), {"user": 8, "list": []}),
    ],
)
def test_every_change_is_saved(kind: Kind, act: Any, contents: dict[str, Any]) -> None:
    session = kind.sessions().open(kind.header({"user": 7, "list": []}))

    act(session)

    assert session.is_changed
    assert kind.saves(session.commit(), contents)


def test_true_in_the_place_of_one_is_a_change(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"n": 1}))

    session["n"] = True

    assert kind.saves(session.commit(), {"n": True})


@pytest.mark.parametrize(
    "text", ['{"b": 1.0, "list": []}', '{"list":[],"b":1,"b":1}', '{"b":1,"list":[ ]}']
)
def test_another_writers_spelling_is_not_a_change(text: str) -> None:
    value = base64.b64encode(text.encode()).decode()
    session = CookieSession(keys=KEYS).open(signed(value))

    session["list"]
    session["b"] = session["b"]

    assert [] == session.commit()


def test_changing_a_list_and_putting_an_equal_one_in_its_place_is_not_a_change() -> None:
    value = base64.b64encode(b'{"list": []}').decode()
    session = CookieSession(keys=KEYS).open(signed(value))

    session["list"].append(1)
    session["list"] = []

    assert [] == session.commit()


def test_a_key_that_is_not_text_is_an_error_though_it_would_be_written_as_the_same(
    kind: Kind,
) -> None:
    session = kind.sessions().open(kind.header({"cart": {"42": 1}}))

    session["cart"] = {int(key): value for key, value in session["cart"].items()}

    with pytest.raises(SessionEncodeError, match=r"session\['cart'\]\[42\]: int is not a key"):
        session.commit()
    assert [] == session.commit()
    assert Written.REFUSED is session.written


def test_a_long_list_that_was_read_and_not_changed_is_not_sent(kind: Kind) -> None:
    header = kind.header({"cart": [{"price": 1.5, "name": "é" * 60}] * 20})
    session = kind.sessions().open(header)

    assert 20 == len(session["cart"])

    assert [] == session.commit()


class PlainJSON:
    """A codec of the standard library, which writes NaN."""

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return base64.b64encode(json.dumps(contents).encode()).decode()

    def decode(self, text: str, /) -> dict[str, Any]:
        contents: dict[str, Any] = json.loads(base64.b64decode(text))
        return contents


def test_a_nan_that_was_read_and_not_changed_is_not_sent() -> None:
    sessions = CookieSession(keys=KEYS, codec=PlainJSON())
    header = sessions.cookie_header({"a": math.nan, "b": [math.nan], "c": 1})
    unchanged, changed, deleted = (sessions.open(header) for _ in range(3))

    unchanged["b"]
    changed["a"] = 5
    del deleted["a"]
    deleted["d"] = 1

    assert [] == unchanged.commit()
    assert 2 == len(changed.commit())
    assert 2 == len(deleted.commit())

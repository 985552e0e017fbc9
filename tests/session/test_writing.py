"""Which changes are saved."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from cookiesession_core import CookieSession, SessionEncodeError, Written
from tests.support.cookies import header, set_cookies, signed
from tests.support.keys import KEYS

sessions = CookieSession(keys=KEYS)


def test_a_new_populated_session_is_saved() -> None:
    session = sessions.open()

    session["user"] = 7

    assert set_cookies({"user": 7}) == session.commit()
    assert Written.SAVED is session.written


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s["user"],
        lambda s: s.update(s),
        lambda s: s.__setitem__("user", 7),
        lambda s: s.setdefault("user", 8),
        lambda s: s["list"].append(1) or s["list"].pop(),
        lambda s: list(s.items()) + list(s.values()) + list(s.keys()),
        lambda s: s.pop("nothing", None),
        lambda s: s.copy().clear(),
    ],
)
def test_a_session_that_is_the_same_in_the_end_sends_nothing(act: Any) -> None:
    session = sessions.open(header({"user": 7, "list": []}))

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
        (lambda s: s.__setitem__("user", s.pop("user")), {"list": [], "user": 7}),
    ],
)
def test_every_change_is_saved(act: Any, contents: dict[str, Any]) -> None:
    session = sessions.open(header({"user": 7, "list": []}))

    act(session)

    assert session.is_changed
    assert set_cookies(contents) == session.commit()


def test_true_in_the_place_of_one_is_a_change() -> None:
    session = sessions.open(header({"n": 1}))

    session["n"] = True

    assert set_cookies({"n": True}) == session.commit()


@pytest.mark.parametrize(
    "text", ['{"b": 1.0, "list": []}', '{"list":[],"b":1,"b":1}', '{"b":1,"list":[ ]}']
)
def test_another_writers_spelling_is_no_change(text: str) -> None:
    value = base64.b64encode(text.encode()).decode()
    session = sessions.open(signed(value))

    session["list"]
    session["b"] = session["b"]

    assert [] == session.commit()


def test_changing_a_list_and_putting_an_equal_one_in_its_place_is_no_change() -> None:
    value = base64.b64encode(b'{"list": []}').decode()
    session = sessions.open(signed(value))

    session["list"].append(1)
    session["list"] = []

    assert [] == session.commit()


def test_a_key_that_is_no_text_is_an_error_though_it_would_be_written_as_the_same() -> None:
    session = sessions.open(header({"cart": {"42": 1}}))

    session["cart"] = {int(key): value for key, value in session["cart"].items()}

    with pytest.raises(SessionEncodeError, match=r"session\['cart'\]\[42\]: int is no key"):
        session.commit()
    assert [] == session.commit()
    assert Written.REFUSED is session.written


def test_a_long_list_that_was_lent_and_left_alone_is_not_sent() -> None:
    session = sessions.open(header({"cart": [{"price": 1.5, "name": "é" * 60}] * 20}))

    assert 20 == len(session["cart"])

    assert [] == session.commit()

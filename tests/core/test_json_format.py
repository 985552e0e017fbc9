"""The base of formats whose payload is our JSON, by two formats that only write it as hex."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cookiesession_core import (
    Contents,
    CookieSession,
    JSONFormat,
    Outcome,
    Payload,
    Reading,
    RequestCookies,
    SessionEncodeError,
    Timestamps,
    Written,
)
from tests.support.visitor import NOW, Clock


class BoundHex(JSONFormat):
    """A format without a key. Its timestamps are keys of the contents."""

    def read(self, cookies: RequestCookies, _: Callable[[], float], /) -> Reading:
        value = cookies.first(self.names[0])
        if not value:
            return Reading(Outcome.ABSENT)
        end, _mark, text = value.rpartition(".")
        reading = self.loaded(bytes.fromhex(text), 0)
        if reading.timestamps is not None:
            reading.timestamps.end = float(end) if end else None
        return reading

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        return (self.with_timestamps(payload, timestamps).hex(),)


class BoundHexWithEnd(BoundHex):
    """The end stands before the contents."""

    keeps_end = True

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        end = "" if timestamps is None or timestamps.end is None else f"{timestamps.end:.0f}"
        return (f"{end}.{super().seal(payload, timestamps)[0]}",)


class Hex:
    """One of the two formats."""

    defaults: Mapping[str, Any] = {}

    def __init__(self, kind: type[BoundHex]) -> None:
        self.kind = kind

    def bound(self, name: str, /) -> BoundHex:
        """Return the format for a cookie."""
        return self.kind(name)


@pytest.fixture(params=[BoundHex, BoundHexWithEnd])
def own(request: pytest.FixtureRequest) -> Hex:
    """Give each format."""
    return Hex(request.param)


def reading_of(sessions: CookieSession, contents: Mapping[str, Any]) -> Any:
    return sessions.open(sessions.encode(contents))


def test_the_contents_come_back(own: Hex) -> None:
    sessions = CookieSession(format=own)
    contents = {"user": 7, "name": "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}", "cart": [{}, None]}

    assert ("session",) == sessions.cookie_names
    assert contents == reading_of(sessions, contents)
    assert {} == reading_of(sessions, {})


@pytest.mark.parametrize("lifetime", [{}, {"idle_timeout": 60, "absolute_timeout": 600}])
def test_reading_a_list_sends_nothing_and_a_change_in_it_is_sent(
    own: Hex, lifetime: dict[str, Any]
) -> None:
    sessions = CookieSession(format=own, clock=Clock(), **lifetime)
    for contents in ({"cart": ["tea"]}, {"cart": [], "user": 7}):
        session = reading_of(sessions, contents)
        session["cart"].copy()
        assert [] == session.commit()

        session = reading_of(sessions, contents)
        session["cart"].append("milk")
        session.commit()
        assert Written.SAVED is session.written


@pytest.mark.parametrize("lifetime", [{}, {"idle_timeout": 60, "absolute_timeout": 600}])
def test_another_spelling_of_the_same_contents_is_unchanged(
    own: Hex, lifetime: dict[str, Any]
) -> None:
    sessions = CookieSession(format=own, clock=Clock(), **lifetime)
    value = sessions.encode({"n": 1, "cart": []})["session"]
    end, mark, text = value.rpartition(".")
    spaced = bytes.fromhex(text).replace(b'"n":1', b'"n" : 1').hex()

    session = sessions.open({"session": f"{end}{mark}{spaced}"})
    session["cart"].copy()
    assert [] == session.commit()
    session = sessions.open({"session": f"{end}{mark}{spaced}"})
    session["n"] = 1.0
    session["cart"].copy()
    assert [] == session.commit()
    session = sessions.open({"session": f"{end}{mark}{spaced}"})
    session["n"] = "1"
    session["cart"].copy()
    assert 1 == len(session.commit())


def test_a_value_that_python_calls_equal_and_json_writes_differently_is_a_change(own: Hex) -> None:
    session = reading_of(CookieSession(format=own), {"n": 1})

    session["n"] = True

    assert 1 == len(session.commit())


@pytest.mark.parametrize("index", [None, 0, 1])
def test_a_reading_names_the_key_and_only_an_older_key_makes_it_stale(
    own: Hex, index: int | None
) -> None:
    reading = own.bound("session").loaded(b'{"user":7}', index)

    assert (Outcome.LOADED, "", {"user": 7}) == (reading.outcome, reading.reason, reading.contents)
    assert index == reading.key_index
    assert reading.is_stale is (index == 1)


def test_a_malformed_reading_names_the_key_and_the_error(own: Hex) -> None:
    reading = own.bound("session").loaded(b"[]", 1)

    assert (Outcome.MALFORMED, "ValueError", 1) == (
        reading.outcome,
        reading.reason,
        reading.key_index,
    )


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"7", b'{"a":NaN}', b'{"a":1', b'{"a":1}x', b'x{"a":1}', b"[" * 9999]
)
def test_what_is_no_json_object_is_malformed(own: Hex, text: bytes) -> None:
    session = CookieSession(format=own).open({"session": f".{text.hex()}"})

    assert Outcome.MALFORMED is session.outcome
    assert session.is_new


def test_bytes_that_are_not_utf_8_are_replaced_as_in_node(own: Hex) -> None:
    session = CookieSession(format=own).open({"session": "." + b'{"a":"\xff"}'.hex()})

    assert {"a": "\N{REPLACEMENT CHARACTER}"} == session


def test_contents_nested_too_deeply_are_malformed(own: Hex) -> None:
    text = b'{"a":' * 501 + b"1" + b"}" * 501

    session = CookieSession(format=own).open({"session": f".{text.hex()}"})

    assert Outcome.MALFORMED is session.outcome


def test_what_json_lacks_is_an_error(own: Hex) -> None:
    with pytest.raises(SessionEncodeError, match=r"session\['at'\]"):
        CookieSession(format=own).encode({"at": {1}})


def test_the_start_of_a_session_ends_it_and_is_kept(own: Hex) -> None:
    clock = Clock()
    sessions = CookieSession(format=own, absolute_timeout=3600, clock=clock)
    cookies = sessions.encode({"user": 7})
    assert b"$start" in bytes.fromhex(cookies["session"].rpartition(".")[2])

    clock.now += 3000
    session = sessions.open(cookies)
    assert {"user": 7} == session
    session["views"] = 1
    (line,) = session.commit()
    clock.now = NOW + 3661
    assert Outcome.EXPIRED is sessions.open(line.partition(";")[0]).outcome


@pytest.mark.parametrize("key", ["_expire", "$start"])
def test_a_key_of_the_timestamps_is_refused_where_it_is_needed(own: Hex, key: str) -> None:
    sessions = CookieSession(format=own, idle_timeout=60)
    if own.kind is BoundHexWithEnd and key == "_expire":
        assert {key: 1} == reading_of(sessions, {key: 1})
        return
    with pytest.raises(SessionEncodeError, match=key.replace("$", r"\$")):
        sessions.encode({key: 1})


def test_an_expired_cookie_is_empty(own: Hex) -> None:
    assert ("",) == own.bound("session").expired()
    assert b"{}" == own.bound("session").payload(Contents({})).text

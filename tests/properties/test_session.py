from __future__ import annotations

import copy
import re
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import (
    Codec,
    CookieSession,
    CookieSessionError,
    JSONCodec,
    Keygrip,
    Outcome,
    Session,
    Written,
    find_cookie,
)
from tests.keys import KEYS, OLDER
from tests.properties.strategies import CONTENTS, JSON_VALUES, OCTETS, cookie_headers

sessions = CookieSession(keys=KEYS)
LINE = re.compile(r"[\x20-\x7e]+")


def committed(session: Session) -> list[str]:
    """Commit, and check what holds for every line that ever leaves."""
    lines = session.commit()
    for line in lines:
        assert LINE.fullmatch(line)
        name, _, rest = line.partition("=")
        assert name in ("session", "session.sig")
        attributes = rest.split("; ")[1:]
        assert set(attributes) <= {"path=/", "httponly", "expires=Thu, 01 Jan 1970 00:00:00 GMT"}
    return lines


@given(cookie_headers() | OCTETS)
def test_any_header_gives_a_session_and_a_reason(header: bytes) -> None:
    session = sessions.open(header)

    assert isinstance(session.outcome, Outcome)
    assert (session.outcome is Outcome.LOADED) == (not session.is_new)
    committed(session)
    assert session.written in (Written.NOTHING, Written.REPAIRED)


@given(st.text())
def test_any_text_gives_a_session_and_a_reason(header: str) -> None:
    session = sessions.open(f"{header}; session={header}; session.sig={header}")

    assert session.is_new
    committed(session)


@given(CONTENTS, st.data())
def test_a_mutated_cookie_is_never_taken_for_another_session(
    contents: dict[str, Any], data: st.DataObject
) -> None:
    cookies = sessions.encode(contents)
    name = data.draw(st.sampled_from(sorted(cookies)))
    value = cookies[name]
    position = data.draw(st.integers(0, len(value)))
    mutated = (
        value[:position]
        + data.draw(st.text(st.characters(max_codepoint=255), max_size=2))
        + value[position + data.draw(st.integers(0, 2)) :]
    )

    found = sessions.decode({**cookies, name: mutated})

    assert found is None or mutated == value


@given(OCTETS)
def test_signed_nonsense_gives_a_session_and_a_reason(octets: bytes) -> None:
    for value in (b64encode(octets).decode(), octets.decode("latin-1").replace(";", "")):
        for key in KEYS:
            signature = Keygrip([key]).sign(f"session={value}")
            session = sessions.open(f"session={value}; session.sig={signature}")

            assert session.outcome in (Outcome.LOADED, Outcome.MALFORMED, Outcome.BAD_SIGNATURE)
            session["added"] = 1
            committed(session)


@given(cookie_headers())
def test_cookies_are_found_as_by_the_expression_of_node(header: bytes) -> None:
    text = header.decode("latin-1")
    for name in ("session", "session.sig"):
        match = re.search(rf"(?:^|;) *{re.escape(name)}=([^;]*)", text)
        expected = match and match[1]
        if expected and expected.startswith('"'):
            expected = expected[1:-1]

        assert expected == find_cookie(text, name)


class SessionAgainstDict(RuleBasedStateMachine):
    """A browser, a server and a plain dict: after each request they agree."""

    codec: Codec = JSONCodec()

    @initialize()
    def begin(self) -> None:
        self.jar: dict[str, str] = {}
        self.stored: dict[str, Any] | None = None
        self.keys = list(KEYS)
        self.open_request()

    def open_request(self) -> None:
        header = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        sessions = CookieSession(keys=self.keys, codec=self.codec, max_cookie_size=None)
        self.session = sessions.open(header)
        self.model = copy.deepcopy(self.stored or {})

    @rule(key=st.sampled_from("abc"), value=JSON_VALUES)
    def set(self, key: str, value: Any) -> None:
        self.session[key] = copy.deepcopy(value)
        self.model[key] = value

    @rule(key=st.sampled_from("abc"))
    def delete(self, key: str) -> None:
        assert self.session.pop(key, None) == self.model.pop(key, None)

    @rule(key=st.sampled_from("abc"), value=JSON_VALUES)
    def change_inside(self, key: str, value: Any) -> None:
        for target in (self.session, self.model):
            inner = target.get(key)
            if isinstance(inner, list):
                inner.append(copy.deepcopy(value))
            elif isinstance(inner, dict):
                inner["new"] = copy.deepcopy(value)

    @rule()
    def destroy(self) -> None:
        self.session.destroy()
        self.model.clear()

    @rule(contents=CONTENTS)
    def replace(self, contents: dict[str, Any]) -> None:
        self.session.replace(contents)
        self.model = copy.deepcopy(contents)

    @rule()
    def clear(self) -> None:
        self.session.clear()
        self.model.clear()

    @rule()
    def rotate(self) -> None:
        self.keys.reverse()

    @rule()
    def respond(self) -> None:
        before = dict(self.jar)
        for line in self.session.commit():
            pair, *attributes = line.split("; ")
            name, _, value = pair.partition("=")
            if any(attribute.startswith("expires=") for attribute in attributes):
                self.jar.pop(name, None)
            else:
                self.jar[name] = value
        assert (self.jar != before) <= (self.session.written is not Written.NOTHING)
        reader = CookieSession(keys=[*KEYS, OLDER], max_cookie_size=None)
        stored = reader.decode(self.jar)
        assert (stored or {}) == reader_view(reader, self.model)
        self.stored = stored
        self.open_request()

    @invariant()
    def they_agree(self) -> None:
        if hasattr(self, "session"):
            assert self.model == dict(self.session)


def reader_view(reader: CookieSession, model: dict[str, Any]) -> dict[str, Any]:
    return reader.decode(reader.encode(model)) or {}


class FastSessionAgainstDict(SessionAgainstDict):
    """The same with the codec of compiled libraries."""

    codec = FastJSONCodec()


TestSessionAgainstDict = SessionAgainstDict.TestCase
TestFastSessionAgainstDict = FastSessionAgainstDict.TestCase
# A few are enough here: tests/codecs holds the codecs against each other directly.
TestFastSessionAgainstDict.settings = settings(max_examples=settings().max_examples // 5)


@given(st.dictionaries(st.text(), st.sets(st.integers(), min_size=1), min_size=1))
def test_what_cannot_be_stored_is_always_reported(contents: dict[str, Any]) -> None:
    session = sessions.open()
    session.update(contents)

    with pytest.raises(CookieSessionError):
        session.commit()
    assert Written.REFUSED is session.written

"""The states, their transitions, and the one decision about the cookies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import attrs
import pytest

from cookiesession_core import CookieSession, Outcome, Session, Written
from cookiesession_core.state import RENEWALS, VERIFIED, State, decide
from tests.support.keys import KEYS
from tests.support.kinds import KINDS, Kind
from tests.support.visitor import Clock

UNTOUCHED, READ, REPLACED, DESTROYED = State
IDLE = 3600


# --- from one state to the next --------------------------------------------------------------

NEXT = {
    # state: after reading, after replace, after destroy
    UNTOUCHED: (READ, REPLACED, DESTROYED),
    READ: (READ, REPLACED, DESTROYED),
    REPLACED: (REPLACED, REPLACED, DESTROYED),
    DESTROYED: (DESTROYED, DESTROYED, DESTROYED),
}


@pytest.mark.parametrize("state", State)
def test_each_event_leads_from_each_state_to_the_next(state: State) -> None:
    assert NEXT[state] == (state.after_read(), state.after_replace(), state.after_destroy())


# --- the decision, asked for every combination of facts --------------------------------------


@attrs.define
class Facts:
    """The facts about a session. It notes which of them the decision asks for."""

    _state: State = attrs.field(alias="state")
    outcome: Outcome
    is_stale: bool
    new_contents: bool
    refresh: bool
    sendable: bool
    asked: list[str] = attrs.field(factory=list)

    def _has_new_contents(self) -> bool:
        self.asked.append("contents")
        return self.new_contents

    def _read(self) -> Facts:
        self.asked.append("reading")
        return self

    def _needs_refresh(self) -> bool:
        self.asked.append("refresh")
        return self.refresh

    def _can_be_sent(self, _: Written) -> bool:
        self.asked.append("sendable")
        return self.sendable


def combinations() -> Iterator[Facts]:
    yield from map(Facts, *zip(*product(State, Outcome, *[[False, True]] * 4), strict=True))


def due(facts: Facts) -> Written:
    """Return the decision by the rules, each rule in a line of its own."""
    is_loaded = facts.outcome is Outcome.LOADED
    if facts._state is UNTOUCHED:
        return Written.NOTHING
    if facts.new_contents:
        return Written.SAVED
    if facts._state is DESTROYED:
        return Written.EXPIRED
    if facts._state is REPLACED:
        return Written.EXPIRED if facts.outcome in VERIFIED else Written.NOTHING
    if is_loaded and facts.refresh:
        return Written.REFRESHED
    if is_loaded and facts.is_stale:
        return Written.RESIGNED
    return Written.NOTHING


def test_every_combination_of_facts_is_decided_by_the_rules() -> None:
    count = 0
    for facts in combinations():
        written = decide(facts)
        expected = due(facts)
        if expected is not Written.NOTHING and not facts.sendable:
            expected = Written.REFUSED
        assert expected is written, facts
        count += 1

    assert count == len(State) * len(Outcome) * 2**4


def test_an_untouched_session_is_asked_nothing() -> None:
    for facts in combinations():
        if facts._state is UNTOUCHED:
            decide(facts)
            assert [] == facts.asked


def test_the_connection_is_asked_only_when_something_is_due() -> None:
    """The question is logged when the answer is no."""
    for facts in combinations():
        decide(facts)
        assert ("sendable" in facts.asked) == (due(facts) is not Written.NOTHING)


def test_a_session_with_contents_of_its_own_is_not_read() -> None:
    for facts in combinations():
        if facts.new_contents and facts._state is not READ:
            decide(facts)
            assert "reading" not in facts.asked


def test_only_a_loaded_session_is_renewed() -> None:
    for facts in combinations():
        if decide(facts) in RENEWALS:
            assert (READ, Outcome.LOADED) == (facts._state, facts.outcome)


# --- the decision, brought about by public calls ---------------------------------------------


def clients(kind: Kind) -> Iterator[tuple[Outcome, bool, CookieSession, str | None]]:
    """Yield each outcome, whether the cookie is stale, a configuration and a Cookie header."""
    sessions = kind.sessions()
    yield Outcome.ABSENT, False, sessions, None
    yield Outcome.LOADED, False, sessions, kind.header({"user": 7})
    yield Outcome.LOADED, True, sessions, kind.old_header({"user": 7})
    yield Outcome.BAD_SIGNATURE, False, sessions, kind.forged_header({"user": 7})
    if kind.name == "signed pair":
        value = kind.header({"user": 7}).partition(";")[0]
        yield Outcome.UNSIGNED, False, sessions, value
        malformed = CookieSession(keys=KEYS, codec=Verbatim()).cookie_header({"text": "x"})
        yield Outcome.MALFORMED, False, sessions, malformed
    refusing = kind.sessions(validate=lambda _: False)
    for header, is_stale in ((kind.header, False), (kind.old_header, True)):
        yield Outcome.REFUSED, is_stale, refusing, header({"user": 7})
    clock = Clock()
    lasting = kind.sessions(idle_timeout=IDLE, clock=clock)
    ended = lasting.cookie_header({"user": 7})
    clock.now += 2 * IDLE
    yield Outcome.EXPIRED, False, lasting, ended


class Verbatim:
    """A codec that writes a text as it is."""

    def encode(self, contents: Any, /) -> str:
        return str(contents["text"])

    def decode(self, text: str, /) -> dict[str, Any]:
        return {"text": text}


def leave(_: Session) -> None:
    """Do not touch the session."""


def read(session: Session) -> None:
    session.get("user")


def replace(session: Session) -> None:
    session.replace({"user": 8})


def destroy(session: Session) -> None:
    session.destroy()


def read_and_replace(session: Session) -> None:
    read(session)
    replace(session)


def replace_and_destroy(session: Session) -> None:
    replace(session)
    destroy(session)


def destroy_and_replace(session: Session) -> None:
    destroy(session)
    replace(session)


WAYS: dict[State, list[Callable[[Session], None]]] = {
    UNTOUCHED: [leave],
    READ: [read],
    REPLACED: [replace, read_and_replace],
    DESTROYED: [destroy, replace_and_destroy, destroy_and_replace],
}


def change(session: Session) -> None:
    """Put in contents that the client does not have."""
    session["more"] = 1


def empty(session: Session) -> None:
    """Empty a session that the application has filled or ended."""
    session.clear()


@pytest.mark.parametrize("https", [True, False])
@pytest.mark.parametrize("refresh", [False, True])
@pytest.mark.parametrize("new_contents", [False, True])
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_session_follows_the_decision_about_its_facts(
    kind: Kind,
    state: State,
    new_contents: bool,  # noqa: FBT001
    refresh: bool,  # noqa: FBT001
    https: bool,  # noqa: FBT001
) -> None:
    if state is UNTOUCHED and (new_contents or refresh):
        return  # both touch the session
    for way in WAYS[state]:
        for outcome, is_stale, sessions, cookies in clients(kind):
            session = sessions.open(cookies, https=https)
            session.options.secure = True
            way(session)
            if refresh:
                session.resend()
            if new_contents:
                change(session)
            elif state in (REPLACED, DESTROYED):
                empty(session)

            values = session.commit()

            facts = Facts(state, outcome, is_stale, new_contents, refresh, https)
            assert decide(facts) is session.written, (outcome, is_stale)
            assert bool(values) == (session.written not in (Written.NOTHING, Written.REFUSED))
            assert outcome is session.outcome

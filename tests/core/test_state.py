"""Both tables, enumerated: each row is brought about through the public interface."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cookiesession_core import CookieSession, Outcome, Session, SessionCommittedError, Written
from cookiesession_core.state import TRANSITIONS, WRITES, Contents, Event, State, Write
from tests.support.cookies import header
from tests.support.keys import KEYS

sessions = CookieSession(keys=KEYS)
CLIENT = header({"a": [1]})


def in_state(state: State) -> Session:
    """Return a session of a client that has one, in ``state``; NEW: of one that has none."""
    session = sessions.open(None if state is State.NEW else CLIENT)
    if state in (State.NEW, State.LOADED):
        session.get("a")
    elif state is State.REPLACED:
        session.replace({"b": 1})
    elif state is State.DESTROYED:
        session.destroy()
    elif state is State.COMMITTED:
        session.commit()
    return session


def state_of(session: Session) -> State:
    return State(repr(session).rstrip(">").split(" ", 2)[2])


EVENTS: dict[Event, Callable[[Session], object]] = {
    Event.WRITE: lambda session: session.__setitem__("c", 1),
    Event.REPLACE: lambda session: session.replace({"c": 1}),
    Event.DESTROY: lambda session: session.destroy(),
    Event.COMMIT: lambda session: session.commit(),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", EVENTS)
def test_every_event_in_every_state_leads_where_the_table_says(state: State, event: Event) -> None:
    session = in_state(state)
    assert state is state_of(session)
    # The first write loads, so what happens to an untouched session happens to a loaded one.
    looked_up = State.LOADED if (state, event) == (State.UNTOUCHED, Event.WRITE) else state
    after = TRANSITIONS.get((looked_up, event))

    if after is None:
        with pytest.raises(SessionCommittedError):
            EVENTS[event](session)
    else:
        EVENTS[event](session)
        assert after is state_of(session)


@pytest.mark.parametrize(
    ("cookies", "event"), [(CLIENT, Event.LOAD_FOUND), (None, Event.LOAD_NOTHING)]
)
def test_the_first_touch_loads(cookies: str | None, event: Event) -> None:
    session = sessions.open(cookies)

    assert (session.outcome is Outcome.LOADED) == (event is Event.LOAD_FOUND)
    assert TRANSITIONS[State.UNTOUCHED, event] is state_of(session)


WRITTEN = {
    Write.NOTHING: Written.NOTHING,
    Write.SAVE: Written.SAVED,
    Write.KEEP: Written.NOTHING,
    Write.DROP: Written.EXPIRED,
    Write.EXPIRE: Written.EXPIRED,
}


def with_contents(session: Session, state: State, contents: Contents) -> None:
    if contents is Contents.CHANGED and state in (State.NEW, State.LOADED):
        session["b"] = 1
    elif contents is Contents.EMPTY and state is State.REPLACED:
        session.clear()


@pytest.mark.parametrize(("state", "contents"), WRITES)
def test_every_state_and_contents_are_written_as_the_table_says(
    state: State, contents: Contents
) -> None:
    session = in_state(state)
    with_contents(session, state, contents)

    session.commit()

    assert WRITTEN[WRITES[state, contents]] is session.written


def test_the_tables_speak_of_every_state() -> None:
    assert set(State) == {state for state, _ in TRANSITIONS}
    assert set(State) - {State.COMMITTED} == {state for state, _ in WRITES}

"""The effect of a commit on the Set-Cookie values of a response, and uses of a session after it."""

from __future__ import annotations

from typing import Any

import pytest

from cookiesession_core import CookieSession, Outcome, SessionCommittedError, Written
from tests.support.cookies import set_cookies
from tests.support.keys import KEYS
from tests.support.kinds import Kind


def test_commit_drops_earlier_cookies_of_our_names_and_keeps_all_others() -> None:
    session = CookieSession(keys=KEYS).open()
    session["a"] = 1
    existing = ["b=1", "session=old", "sessionx=1", "session.sig=old; path=/", "SESSION=1"]

    assert ["b=1", "sessionx=1", "SESSION=1", *set_cookies({"a": 1})] == session.commit(existing)


def test_a_format_overwrites_the_cookies_that_it_writes_and_no_others(kind: Kind) -> None:
    session = kind.sessions().open()
    session["a"] = 1

    kept = session.commit(["session=old", "session.sig=old"])

    assert ("session.sig=old" in kept) == (kind.name != "signed pair")
    assert kind.saves(kept[-len(kind.sessions().cookie_names) :], {"a": 1})


def test_without_overwrite_earlier_cookies_stay(kind: Kind) -> None:
    session = kind.sessions(overwrite=False).open()
    session["a"] = 1

    first, *ours = session.commit(["session=old"])

    assert "session=old" == first
    assert kind.saves(ours, {"a": 1})


@pytest.mark.parametrize("overwrite", [True, False])
def test_committing_again_applies_the_same_decision_to_any_list(
    kind: Kind,
    overwrite: bool,  # noqa: FBT001
) -> None:
    session = kind.sessions(overwrite=overwrite).open()
    session["a"] = 1

    first = session.commit(["b=1"])

    assert "b=1" == first[0]
    assert kind.saves(first[1:], {"a": 1})
    assert first == session.commit(first)
    assert ["c=1", *first[1:]] == session.commit(["c=1"])
    assert Written.SAVED is session.written


@pytest.mark.parametrize(
    "write",
    [
        lambda s: s.__setitem__("b", 1),
        lambda s: s.__delitem__("a"),
        lambda s: s.pop("a"),
        lambda s: s.clear(),
        lambda s: s.destroy(),
        lambda s: s.destroy(only_if_sent=True),
        lambda s: s.replace({"b": 1}),
        lambda s: s.resend(),
        lambda s: s.update(b=1),
        lambda s: s.__ior__({"b": 1}),
        lambda s: s.popitem(),
    ],
)
@pytest.mark.parametrize("touch", [True, False])
def test_a_write_after_the_headers_is_an_error_and_reading_goes_on(
    kind: Kind,
    write: Any,
    touch: bool,  # noqa: FBT001
) -> None:
    session = kind.sessions().open(kind.header({"a": 1}))
    if touch:
        session["a"] = 2
    session.commit()

    with pytest.raises(SessionCommittedError, match="already been sent"):
        write(session)

    assert session["a"] == (2 if touch else 1)
    assert not session.is_new
    assert Outcome.LOADED is session.outcome


def test_reading_for_the_first_time_after_the_headers_sends_nothing(kind: Kind) -> None:
    session = kind.sessions().open(kind.forged_header({"a": 1}))
    session.commit()

    assert session.is_new
    assert Outcome.BAD_SIGNATURE is session.outcome
    assert [] == session.commit()


def test_written_is_none_before_the_commit(sessions: CookieSession) -> None:
    session = sessions.open()
    session["a"] = 1

    assert session.written is None
    assert "<Session 'session' read>" == repr(session)
    session.commit()
    assert Written.SAVED is session.written
    assert "<Session 'session' committed>" == repr(session)

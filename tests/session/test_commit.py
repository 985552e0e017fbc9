"""What a commit does to the Set-Cookie values of a response, and what comes after it."""

from __future__ import annotations

from typing import Any

import pytest

from cookiesession_core import CookieSession, Outcome, SessionCommittedError, Written
from tests.support.cookies import GONE, header, set_cookies
from tests.support.keys import KEYS

sessions = CookieSession(keys=KEYS)


def test_commit_drops_earlier_cookies_of_our_names_and_keeps_all_others() -> None:
    session = sessions.open()
    session["a"] = 1
    existing = ["b=1", "session=old", "sessionx=1", "session.sig=old; path=/", "SESSION=1"]

    assert ["b=1", "sessionx=1", "SESSION=1", *set_cookies({"a": 1})] == session.commit(existing)


def test_without_overwrite_earlier_cookies_stay_and_the_repair_comes_first() -> None:
    keeping = CookieSession(keys=KEYS, overwrite=False)
    session = keeping.open("session=x; session.sig=bad")
    session["a"] = 1

    assert session.commit(["session=old"]) == [
        "session=old",
        f"session.sig=; path=/; {GONE}; httponly",
        *set_cookies({"a": 1}),
    ]


@pytest.mark.parametrize("overwrite", [True, False])
def test_committing_again_applies_the_same_decision_to_any_list(overwrite: bool) -> None:  # noqa: FBT001
    session = CookieSession(keys=KEYS, overwrite=overwrite).open()
    session["a"] = 1

    first = session.commit(["b=1"])

    assert ["b=1", *set_cookies({"a": 1})] == first
    assert first == session.commit(first)
    assert ["c=1", *set_cookies({"a": 1})] == session.commit(["c=1"])
    assert Written.SAVED is session.written


@pytest.mark.parametrize(
    "write",
    [
        lambda s: s.__setitem__("b", 1),
        lambda s: s.__delitem__("a"),
        lambda s: s.pop("a"),
        lambda s: s.clear(),
        lambda s: s.destroy(),
        lambda s: s.replace({"b": 1}),
        lambda s: s.update(b=1),
        lambda s: s.popitem(),
    ],
)
@pytest.mark.parametrize("touch", [True, False])
def test_a_write_after_the_headers_is_an_error_and_reading_goes_on(
    write: Any,
    touch: bool,  # noqa: FBT001
) -> None:
    session = sessions.open(header({"a": 1}))
    if touch:
        session["a"] = 2
    session.commit()

    with pytest.raises(SessionCommittedError, match="already been sent"):
        write(session)

    assert 2 if touch else session["a"] == 1
    assert not session.is_new
    assert Outcome.LOADED is session.outcome


@pytest.mark.parametrize("https", [True, False])
def test_a_repair_has_the_scope_that_the_request_gave_the_cookie(https: bool) -> None:  # noqa: FBT001
    session = sessions.open("session=x; session.sig=bad", https=https)
    session.options.path = "/admin"

    assert session.is_new
    rest = "secure; httponly" if https else "httponly"
    assert [f"session.sig=; path=/admin; {GONE}; {rest}"] == session.commit()


def test_reading_for_the_first_time_after_the_headers_sends_no_repair() -> None:
    session = sessions.open("session=x; session.sig=bad")
    session.commit()

    assert session.is_new
    assert Outcome.BAD_SIGNATURE is session.outcome
    assert [] == session.commit()

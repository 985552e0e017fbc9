"""`destroy` and `replace`. Ended is ended, whatever is written and removed afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cookiesession_core import (
    CookieOptions,
    CookieSession,
    Keygrip,
    Outcome,
    RequestCookies,
    Session,
    Written,
)
from tests.support.cookies import GONE
from tests.support.keys import KEYS, NEWEST
from tests.support.kinds import Kind


def test_destroy_expires_both_cookies_with_the_attributes_of_the_write() -> None:
    scoped = CookieSession(keys=KEYS, path="/app", domain="example.com", max_age=60)
    session = scoped.open()

    session.destroy()

    attributes = f"; path=/app; {GONE}; domain=example.com; httponly"
    signature = Keygrip([NEWEST]).sign("session=")
    assert [f"session={attributes}", f"session.sig={signature}{attributes}"] == session.commit()
    assert Written.EXPIRED is session.written


def test_destroy_expires_all_cookies_of_the_format(kind: Kind) -> None:
    session = kind.sessions(path="/app", domain="example.com").open()

    session.destroy()

    assert kind.expires(session.commit(), "; path=/app; domain=example.com; httponly")
    assert Written.EXPIRED is session.written


def test_destroy_over_https_expires_cookies_that_are_secure(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}), https=True)
    session.destroy()

    assert kind.expires(session.commit(), "; path=/; secure; httponly")


def test_destroy_of_an_unsigned_session_expires_its_one_cookie() -> None:
    session = CookieSession(signed=False).open("session=e30=")

    session.destroy()

    assert [f"session=; path=/; {GONE}; httponly"] == session.commit()


def test_a_destroyed_session_is_empty_and_a_write_starts_a_new_one(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    session.destroy()
    assert {} == dict(session)
    assert session.is_new
    session["flash"] = "bye"

    assert kind.saves(session.commit(), {"flash": "bye"})


def keep(_: Session) -> None:
    """Do nothing more."""


def set_and_delete(session: Session) -> None:
    session["flash"] = "bye"
    del session["flash"]


def set_and_clear(session: Session) -> None:
    session["flash"] = "bye"
    session.clear()


def set_and_popitem(session: Session) -> None:
    session["flash"] = "bye"
    session.popitem()


def delete_what_is_missing(session: Session) -> None:
    with pytest.raises(KeyError):
        del session["flash"]


def popitem_of_nothing(session: Session) -> None:
    with pytest.raises(KeyError):
        session.popitem()


def replace_and_clear(session: Session) -> None:
    session.replace({"user": 8})
    session.clear()


EMPTYING = [
    keep,
    set_and_delete,
    set_and_clear,
    set_and_popitem,
    delete_what_is_missing,
    popitem_of_nothing,
    replace_and_clear,
    lambda session: session.clear(),
    lambda session: session.update({}),
    lambda session: session.replace({}),
    lambda session: session.pop("flash", None),
    lambda session: session.destroy(),
    lambda session: session.destroy(only_if_sent=True),
    lambda session: session.get("flash"),
    lambda session: session.is_changed,
]


def client(kind: Kind, outcome: Outcome | None) -> tuple[str | None, dict[str, Any]]:
    """Return the Cookie header of a client, and options with which it gives this outcome."""
    if outcome is None:
        return None, {}
    if outcome is Outcome.BAD_SIGNATURE:
        return kind.forged_header({"user": 7}), {}
    if outcome is Outcome.REFUSED:
        return kind.header({"user": 7}), {"validate": lambda _: False}
    if outcome is Outcome.EXPIRED:
        old = kind.sessions(idle_timeout=60, clock=lambda: 0).cookie_header({"user": 7})
        return old, {"idle_timeout": 60}
    return kind.header({"user": 7}), {}


VERIFIED = [Outcome.LOADED, Outcome.EXPIRED, Outcome.REFUSED]


@pytest.mark.parametrize("empty", EMPTYING)
@pytest.mark.parametrize("outcome", [None, Outcome.BAD_SIGNATURE, *VERIFIED])
def test_a_destroyed_session_that_is_empty_in_the_end_is_expired(
    kind: Kind, outcome: Outcome | None, empty: Callable[[Session], object]
) -> None:
    cookies, options = client(kind, outcome)
    session = kind.sessions(**options).open(cookies)

    session.destroy()
    empty(session)

    assert kind.expires(session.commit())
    assert Written.EXPIRED is session.written


@pytest.mark.parametrize("contents", [{}, {"user": 8}])
@pytest.mark.parametrize("touch", [True, False])
@pytest.mark.parametrize("outcome", [None, Outcome.BAD_SIGNATURE, *VERIFIED])
def test_a_replaced_session_that_is_empty_in_the_end_expires_verified_cookies(
    kind: Kind,
    outcome: Outcome | None,
    touch: bool,  # noqa: FBT001
    contents: dict[str, Any],
) -> None:
    cookies, options = client(kind, outcome)
    session = kind.sessions(**options).open(cookies)
    if touch:
        session.get("user")

    session.replace(contents)
    session.clear()

    values = session.commit()
    if outcome in VERIFIED:
        assert kind.expires(values)
        assert Written.EXPIRED is session.written
    else:
        assert [] == values
        assert Written.NOTHING is session.written


def test_a_destroyed_session_that_holds_something_in_the_end_is_saved(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    session.destroy()
    set_and_clear(session)
    session.replace({"user": 8})

    assert kind.saves(session.commit(), {"user": 8})
    assert Written.SAVED is session.written


# --- destroy(only_if_sent=True) --------------------------------------------------------------


@pytest.mark.parametrize("touch", [True, False])
@pytest.mark.parametrize("outcome", [Outcome.BAD_SIGNATURE, *VERIFIED])
def test_only_if_sent_expires_the_clients_cookies_verified_or_not(
    kind: Kind,
    outcome: Outcome,
    touch: bool,  # noqa: FBT001
) -> None:
    cookies, options = client(kind, outcome)
    session = kind.sessions(**options).open(cookies)
    if touch:
        assert outcome is session.outcome

    session.destroy(only_if_sent=True)

    assert {} == dict(session)
    assert kind.expires(session.commit())


@pytest.mark.parametrize("cookies", ["session=", "session.sig=x", "session=x; other=1"])
def test_only_if_sent_counts_any_cookie_of_our_names(cookies: str) -> None:
    session = CookieSession(keys=KEYS).open(cookies)

    session.destroy(only_if_sent=True)

    session.commit()
    assert Written.EXPIRED is session.written


@pytest.mark.parametrize("cookies", [None, "", "other=1", "xsession=1"])
def test_only_if_sent_sends_nothing_to_a_client_without_our_cookies(
    sessions: CookieSession, cookies: str | None
) -> None:
    session = sessions.open(cookies)
    session["flash"] = "hello"

    session.destroy(only_if_sent=True)

    assert {} == dict(session)
    assert [] == session.commit()
    assert Written.NOTHING is session.written


def test_only_if_sent_starts_a_new_session_with_the_next_write(kind: Kind) -> None:
    for cookies in (None, kind.header({"user": 7})):
        session = kind.sessions().open(cookies)
        session.destroy(only_if_sent=True)
        assert session.is_new
        session["user"] = 8

        assert kind.saves(session.commit(), {"user": 8})


class Legacy:
    """The reader of a legacy cookie that does not verify any more."""

    names = ("old",)
    options = CookieOptions()

    def read(self, _: RequestCookies, /) -> None:
        return None


def test_only_if_sent_counts_a_legacy_cookie_too(kind: Kind) -> None:
    session = kind.sessions(legacy=[Legacy()]).open("old=x")

    session.destroy(only_if_sent=True)

    end, *ours = session.commit()
    assert f"old=; path=/; {GONE}; httponly" == end
    assert kind.expires(ours)


# --- replace ---------------------------------------------------------------------------------


def test_replace_drops_the_old_contents(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7, "cart": [1]}))

    session.replace({"user": 8})

    assert {"user": 8} == dict(session)
    assert session.is_new
    assert kind.saves(session.commit(), {"user": 8})


def test_replace_with_the_clients_own_contents_is_saved_as_well(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    session.replace({"user": 7})

    assert kind.saves(session.commit(), {"user": 7})
    assert Written.SAVED is session.written


def test_replace_copies_its_argument(
    sessions: CookieSession,
) -> None:
    source = {"user": 8}
    session = sessions.open()

    session.replace(source)
    source["user"] = 9

    assert 8 == session["user"]


@pytest.mark.parametrize("contents", [None, [1], "text", 5])
def test_only_a_mapping_replaces_a_session(kind: Kind, contents: Any) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    said = rf"replaced by a mapping, got {type(contents).__name__}; destroy\(\) ends a session"
    with pytest.raises(TypeError, match=said):
        session.replace(contents)

    assert {"user": 7} == dict(session)

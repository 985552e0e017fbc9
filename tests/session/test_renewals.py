"""Unchanged contents that are sent again, and `resend`. A renewal gives way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

from cookiesession_core import (
    CookieOptions,
    CookieSession,
    JSONCodec,
    RequestCookies,
    Session,
    Written,
    commit_headers,
    commit_raw_headers,
)
from tests.support.cookies import GONE
from tests.support.keys import KEYS, OLDER
from tests.support.kinds import Kind
from tests.support.visitor import Clock

IDLE, ABSOLUTE = 3600, 8 * 3600


class Legacy:
    """Reads the cookie ``old``."""

    names = ("old",)
    options = CookieOptions()

    def read(self, cookies: RequestCookies, /) -> dict[str, Any] | None:
        return {"user": 7} if cookies["old"] == "legacy" else None


def by_commit(session: Session, values: list[str]) -> list[str]:
    return session.commit(values)


def by_commit_headers(session: Session, values: list[str]) -> list[str]:
    fields = commit_headers(session, [("Set-Cookie", value) for value in values])
    return [value for name, value in fields if name == "Set-Cookie"]


def by_commit_raw_headers(session: Session, values: list[str]) -> list[str]:
    raw = [(b"set-cookie", value.encode("latin-1")) for value in values]
    fields = commit_raw_headers(session, raw)
    return [value.decode("latin-1") for name, value in fields if name == b"set-cookie"]


COMMITS = [by_commit, by_commit_headers, by_commit_raw_headers]


@attrs.frozen
class Renewal:
    """A way to get a session that is sent again without a change."""

    written: Written
    open: Callable[[Kind], Session]


def resigned(kind: Kind) -> Session:
    return kind.sessions().open(kind.old_header({"user": 7}))


def refreshed(kind: Kind) -> Session:
    clock = Clock()
    sessions = kind.sessions(idle_timeout=IDLE, clock=clock)
    cookies = sessions.cookie_header({"user": 7})
    clock.now += IDLE - 1
    return sessions.open(cookies)


def without_timestamps(kind: Kind) -> Session:
    return kind.sessions(absolute_timeout=ABSOLUTE).open(kind.header({"user": 7}))


def resent(kind: Kind) -> Session:
    session = kind.sessions().open(kind.header({"user": 7}))
    session.resend()
    return session


def migrated(kind: Kind) -> Session:
    return kind.sessions(legacy=[Legacy()]).open("old=legacy")


RENEWALS = {
    "signed again": Renewal(Written.RESIGNED, resigned),
    "prolonged": Renewal(Written.REFRESHED, refreshed),
    "without timestamps": Renewal(Written.REFRESHED, without_timestamps),
    "sent again": Renewal(Written.REFRESHED, resent),
    "migrated": Renewal(Written.RESIGNED, migrated),
}
DELETION = f"session=; path=/; {GONE}"


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("renewal", RENEWALS.values(), ids=RENEWALS)
def test_a_renewal_is_sent_beside_foreign_cookies(
    kind: Kind, renewal: Renewal, commit: Callable[[Session, list[str]], list[str]]
) -> None:
    session = renewal.open(kind)
    assert 7 == session["user"]

    foreign = ["a=1", "sessionx=1", "old2=1"]
    values = commit(session, foreign)

    assert foreign == values[:3]
    ours = kind.sessions().cookie_names
    assert [*ours] == [value.partition("=")[0] for value in values[-len(ours) :]]
    assert renewal.written is session.written


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("theirs", [DELETION, "session=theirs; path=/", "session=;max-age=0"])
@pytest.mark.parametrize("renewal", RENEWALS.values(), ids=RENEWALS)
def test_a_renewal_gives_way_to_a_set_cookie_value_of_our_name(
    kind: Kind,
    renewal: Renewal,
    theirs: str,
    commit: Callable[[Session, list[str]], list[str]],
) -> None:
    session = renewal.open(kind)
    assert 7 == session["user"]

    assert ["a=1", theirs, "b=1"] == commit(session, ["a=1", theirs, "b=1"])
    assert Written.NOTHING is session.written


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("renewal", RENEWALS.values(), ids=RENEWALS)
def test_a_renewal_gives_way_to_a_set_cookie_value_of_the_second_name(
    renewal: Renewal, commit: Callable[[Session, list[str]], list[str]]
) -> None:
    session = renewal.open(Kind("signed pair"))
    assert 7 == session["user"]

    assert ["session.sig=; path=/"] == commit(session, ["session.sig=; path=/"])
    assert Written.NOTHING is session.written


@pytest.mark.parametrize("commit", COMMITS)
def test_a_migration_gives_way_to_a_set_cookie_value_of_the_legacy_name(
    kind: Kind, commit: Callable[[Session, list[str]], list[str]]
) -> None:
    session = migrated(kind)
    assert 7 == session["user"]
    deletion = f"old=; path=/; {GONE}"

    assert [deletion] == commit(session, [deletion])
    assert Written.NOTHING is session.written


@pytest.mark.parametrize("commit", COMMITS)
@pytest.mark.parametrize("renewal", RENEWALS.values(), ids=RENEWALS)
def test_a_save_and_an_expiry_overwrite_a_set_cookie_value_of_our_name(
    kind: Kind, renewal: Renewal, commit: Callable[[Session, list[str]], list[str]]
) -> None:
    saved, ended = renewal.open(kind), renewal.open(kind)
    saved["user"] = 8
    ended.destroy()

    for session in (saved, ended):
        values = commit(session, ["a=1", DELETION])
        assert "a=1" == values[0]
        assert DELETION not in values
    assert (Written.SAVED, Written.EXPIRED) == (saved.written, ended.written)


def test_a_renewal_that_is_committed_twice_to_one_response_is_sent_once(kind: Kind) -> None:
    session = kind.sessions().open(kind.old_header({"user": 7}))
    assert 7 == session["user"]

    sent = session.commit(["theme=dark"])

    assert ["theme=dark"] == sent[:1] != sent
    assert sent == session.commit(sent)


def test_without_overwrite_a_renewal_gives_way_as_well(kind: Kind) -> None:
    session = kind.sessions(overwrite=False).open(kind.old_header({"user": 7}))
    assert 7 == session["user"]

    assert [DELETION] == session.commit([DELETION])
    assert Written.NOTHING is session.written


def test_a_renewal_that_gave_way_is_not_sent_at_a_second_commit(kind: Kind) -> None:
    session = resigned(kind)
    assert 7 == session["user"]

    assert [DELETION] == session.commit([DELETION])
    assert ["a=1"] == session.commit(["a=1"])
    assert Written.NOTHING is session.written


def test_a_renewal_that_was_sent_gives_way_at_a_second_commit(kind: Kind) -> None:
    session = resigned(kind)
    assert 7 == session["user"]
    first = session.commit([])
    assert first

    assert [DELETION] == session.commit([DELETION])
    assert Written.NOTHING is session.written


# --- resend ----------------------------------------------------------------------------------


def test_resend_sends_unchanged_contents_with_the_requests_attributes(kind: Kind) -> None:
    session = kind.sessions(clock=lambda: 0).open(kind.header({"user": 7}))

    session.options.max_age = 60
    session.resend()

    attributes = "; path=/; expires=Thu, 01 Jan 1970 00:01:00 GMT; httponly"
    assert kind.saves(session.commit(), {"user": 7}, attributes)
    assert Written.REFRESHED is session.written


def test_resend_of_a_changed_session_is_a_save(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    session.resend()
    session["user"] = 8

    assert kind.saves(session.commit(), {"user": 8})
    assert Written.SAVED is session.written


@pytest.mark.parametrize("act", [lambda s: s.get("user"), lambda s: s.replace({})])
def test_resend_sends_nothing_to_a_client_without_a_session(kind: Kind, act: Any) -> None:
    for cookies in (None, kind.forged_header({"user": 7})):
        session = kind.sessions().open(cookies)

        session.resend()
        act(session)

        assert [] == session.commit()
        assert Written.NOTHING is session.written


def test_resend_of_a_destroyed_session_expires_it(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    session.resend()
    session.destroy()

    assert kind.expires(session.commit())


def test_resend_begins_the_idle_time_anew_and_keeps_the_start(kind: Kind) -> None:
    clock = Clock()
    sessions = kind.sessions(idle_timeout=IDLE, absolute_timeout=2 * IDLE, clock=clock)
    cookies: Any = sessions.cookie_header({"user": 7})

    clock.now += 1000
    session = sessions.open(cookies)
    session.resend()
    cookies = session.commit()
    clock.now += IDLE - 1
    assert {"user": 7} == sessions.decode(cookies)

    session = sessions.open([value.partition(";")[0] for value in cookies])
    session.resend()
    cookies = session.commit()
    clock.now += IDLE - 1
    assert sessions.decode(cookies) is None


class Forgetful(JSONCodec):
    """A codec that reads and fails to write."""

    def encode(self, _: Mapping[str, Any], /) -> str:
        raise LookupError


def test_a_codec_that_fails_does_not_cost_a_page_that_only_reads(
    caplog: pytest.LogCaptureFixture,
) -> None:
    header = CookieSession(keys=[OLDER]).cookie_header({"user": 7})
    session = CookieSession(keys=KEYS, codec=Forgetful()).open(header)
    assert 7 == session["user"]

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.REFUSED is session.written
    assert "was not sent again" in caplog.text
    assert "LookupError" in caplog.text
    assert "ERROR" not in caplog.text

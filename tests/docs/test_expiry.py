"""What docs/expiry.md says beside its blocks of code."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from cookiesession_core import (
    CookieSession,
    CookieTooLargeError,
    Outcome,
    Written,
    end_request,
)
from tests.support.keys import KEYS
from tests.support.servers import ROOT
from tests.support.visitor import NOW, URL, Clock, Visitor

from .roll_out import IDLE, ORDERS, table

PAGE = (ROOT / "docs" / "expiry.md").read_text("utf-8")
YEAR = 365 * 24 * 3600


def server(clock: Clock, **options: Any) -> CookieSession:
    return CookieSession(keys=KEYS, clock=clock, **options)


def test_the_page_shows_the_table_of_the_roll_outs() -> None:
    assert 4 == len(ORDERS)
    assert table() in PAGE


def test_a_session_ends_between_half_and_the_whole_of_the_idle_time_after_its_last_use() -> None:
    clock = Clock()
    visitor = Visitor(server(clock, idle_timeout=IDLE))
    visitor.request(user=7)
    clock.now += IDLE / 2
    assert Written.NOTHING is visitor.request()[2]  # the last use, just before a refresh is due

    clock.now += IDLE / 2
    assert Outcome.LOADED is visitor.sessions.open(visitor.jar.header(URL, now=0)).outcome
    clock.now += 61
    assert Outcome.EXPIRED is visitor.sessions.open(visitor.jar.header(URL, now=0)).outcome


def test_a_copy_is_prolonged_by_its_own_use_only() -> None:
    clock = Clock()
    visitor = Visitor(server(clock, idle_timeout=IDLE))
    visitor.request(user=7)
    copied, used = visitor.jar.copy(), Visitor(visitor.sessions, visitor.jar.copy())
    for _ in range(4):
        clock.now += IDLE * 0.6
        assert Written.REFRESHED is visitor.request()[2]
        assert Written.REFRESHED is used.request()[2]

    assert visitor.sessions.decode(copied.header(URL, now=0)) is None
    assert {"user": 7} == visitor.sessions.decode(used.jar.header(URL, now=0))


@pytest.mark.parametrize("timeout", [{}, {"absolute_timeout": YEAR}])
def test_without_an_idle_timeout_reading_does_not_prolong_the_cookie(
    timeout: dict[str, Any],
) -> None:
    clock = Clock()
    visitor = Visitor(server(clock, max_age=600, **timeout))
    visitor.request(user=7)

    for _ in range(20):
        clock.now += 30
        assert Written.NOTHING is visitor.request()[2]

    assert visitor.jar.header(URL, now=clock.now) is None


def test_a_server_without_timeouts_keeps_the_end_that_another_server_wrote() -> None:
    clock = Clock()
    limited, plain = server(clock, idle_timeout=IDLE, absolute_timeout=YEAR), server(clock)
    visitor = Visitor(limited)
    visitor.request(user=7)
    written = visitor.stored()
    visitor.sessions = plain

    for clock.now in range(NOW, NOW + 2 * IDLE, IDLE // 4):
        assert Written.SAVED is visitor.request(last=clock.now)[2]

    assert {**written, "last": clock.now} == visitor.stored()
    visitor.sessions = limited
    assert Outcome.EXPIRED is visitor.request()[0]


@pytest.mark.parametrize(
    ("changes", "outcome"), [({}, Outcome.EXPIRED), ({"user": 8}, Outcome.LOADED)]
)
def test_a_server_with_an_absolute_timeout_alone_prolongs_a_session_by_a_change_only(
    changes: dict[str, Any], outcome: Outcome
) -> None:
    clock = Clock()
    limited = server(clock, idle_timeout=IDLE, absolute_timeout=YEAR)
    visitor = Visitor(limited)
    visitor.request(user=7)
    clock.now += IDLE * 0.9
    visitor.sessions = server(clock, absolute_timeout=YEAR)
    visitor.request(**changes)

    clock.now += IDLE * 0.9
    visitor.sessions = limited

    assert outcome is visitor.request()[0]


def test_max_age_of_the_request_decides_when_a_session_is_prolonged() -> None:
    clock = Clock()
    sessions = server(clock, idle_timeout=IDLE)
    visitor = Visitor(sessions)
    visitor.request(user=7)
    clock.now += 61

    session = sessions.open(visitor.jar.header(URL, now=clock.now))
    assert 7 == session["user"]
    session.options.max_age = 120
    session.commit()

    assert Written.REFRESHED is session.written
    assert Written.NOTHING is visitor.request()[2]


@pytest.mark.parametrize("idle", [{}, {"idle_timeout": IDLE}])
@pytest.mark.parametrize("absolute", [{}, {"absolute_timeout": YEAR}])
def test_the_timestamps_need_up_to_100_bytes(
    idle: dict[str, Any], absolute: dict[str, Any]
) -> None:
    plain, stamped = (
        len(server(Clock(), **options).encode({"user": 7})["session"])
        for options in ({}, {**idle, **absolute})
    )

    assert bool(idle or absolute) * 40 <= stamped - plain <= 100


def test_a_session_that_cannot_be_stamped_is_logged_and_cannot_be_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    visitor = Visitor(server(clock, max_cookie_size=200))
    visitor.request(notes="x" * 110)
    visitor.sessions = server(clock, max_cookie_size=200, absolute_timeout=60)

    for _ in range(2):
        clock.now += YEAR
        outcome, contents, written = visitor.request()
        assert (Outcome.LOADED, Written.REFUSED) == (outcome, written)
        assert {"notes"} == set(contents)
    with pytest.raises(CookieTooLargeError):
        visitor.request(user=7)
    assert {Written.SAVED} == {visitor.request(notes="")[2]}
    clock.now += YEAR
    assert Outcome.EXPIRED is visitor.request()[0]

    warnings = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert 1 == len(warnings)  # the second refresh fails in the same way


def test_observe_sees_a_session_that_cannot_be_stamped() -> None:
    written: list[Written | None] = []
    options: dict[str, Any] = {"keys": KEYS, "max_cookie_size": 200}
    cookies = CookieSession(**options).cookie_header({"notes": "x" * 110})
    session = CookieSession(
        **options, idle_timeout=IDLE, observe=lambda each: written.append(each.written)
    ).open(cookies)
    assert {"notes"} == set(session)
    assert [] == session.commit()
    end_request(session, "")

    assert [Written.REFUSED] == written


@pytest.mark.parametrize("steps", [1, 10])
def test_absolute_timeout_is_turned_on_in_any_order(steps: int) -> None:
    """A visitor who goes between a server with it and one without it loses nothing early."""
    clock = Clock()
    limited, plain = server(clock, absolute_timeout=YEAR), server(clock)
    visitor = Visitor(plain)
    visitor.request(user=7)
    visitor.sessions = limited
    visitor.request()
    for _ in range(steps):
        clock.now += YEAR // steps
        for visitor.sessions in (plain, limited):
            outcome, contents, _ = visitor.request()
            assert (Outcome.LOADED, 7) == (outcome, contents["user"])

    clock.now += 61
    assert Outcome.EXPIRED is visitor.request()[0]


def test_a_key_with_a_name_of_a_timestamp_would_count_as_a_time() -> None:
    clock = Clock()
    visitor = Visitor(server(clock))
    visitor.request(user=7, _expire=3600)
    visitor.sessions = server(clock, idle_timeout=IDLE)

    assert Outcome.EXPIRED is visitor.request()[0]


def test_a_copy_from_the_future_is_accepted_until_its_date() -> None:
    clock = Clock()
    sessions = server(clock, idle_timeout=IDLE, absolute_timeout=YEAR)
    clock.now += YEAR
    copied = sessions.cookie_header({"user": 7})

    for seconds in (-YEAR, YEAR / 2, YEAR / 2):
        clock.now += seconds
        assert Outcome.LOADED is sessions.open(copied).outcome
    clock.now += IDLE + 61
    assert Outcome.EXPIRED is sessions.open(copied).outcome

"""The timestamps of a lifetime in a signed pair. The lifetime itself is in tests/session."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    ConfigurationWarning,
    CookieSession,
    Keygrip,
    Outcome,
    SessionEncodeError,
    SignedPair,
    Timestamps,
    Written,
)
from cookiesession_core.lifetime import split_timestamps
from tests.support.cookies import cookie_header, header
from tests.support.keys import CANARY, KEYS, NEWEST, OLDER, OTHER
from tests.support.visitor import NOW, URL, Clock, Visitor

MINUTE, HOUR = 60, 3600
SKEW = MINUTE
IDLE, ABSOLUTE = HOUR, 8 * HOUR


def browser(clock: Clock, **options: Any) -> Visitor:
    return Visitor(CookieSession(keys=KEYS, clock=clock, **options))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def cookies_of(contents: dict[str, Any]) -> dict[str, str]:
    """Return the cookies of a server that knows no lifetime, such as Express."""
    return CookieSession(keys=KEYS).encode(contents)


# --- stored timestamps -----------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [IDLE, float(IDLE), timedelta(hours=1)])
def test_the_end_is_stored_in_the_format_of_koa_session(clock: Clock, timeout: Any) -> None:
    visitor = browser(clock, idle_timeout=timeout)

    assert (Outcome.ABSENT, {}, Written.SAVED) == visitor.request(user=7)

    end = (NOW + IDLE) * 1000
    assert {"user": 7, "_expire": end, "_maxAge": IDLE * 1000} == visitor.stored()


def test_the_start_is_stored_where_the_whole_life_is_limited(clock: Clock) -> None:
    visitor = browser(clock, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)

    assert {
        "user": 7,
        "_expire": (NOW + ABSOLUTE) * 1000,
        "_maxAge": ABSOLUTE * 1000,
        "$start": NOW * 1000,
    } == visitor.stored()


@pytest.mark.parametrize("name", ["_expire", "_maxAge", "_session", "$start"])
def test_the_keys_of_a_lifetime_cannot_be_used_beside_it(clock: Clock, name: str) -> None:
    visitor = browser(clock, idle_timeout=IDLE)

    with pytest.raises(SessionEncodeError, match="idle_timeout") as caught:
        visitor.request(**{name: 1})

    assert (f"session[{name!r}]", "int") == (caught.value.path, caught.value.type_name)


# --- prolonging ------------------------------------------------------------------------------


def test_a_refresh_and_a_change_store_the_new_end(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    visitor.request(user=7)

    clock.now += IDLE
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert (clock.now + IDLE) * 1000 == visitor.stored()["_expire"]
    clock.now += 1
    assert (Outcome.LOADED, {"user": 7}, Written.SAVED) == visitor.request(views=1)
    assert (clock.now + IDLE) * 1000 == visitor.stored()["_expire"]


def test_the_end_is_never_after_the_whole_life(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    last = (NOW + ABSOLUTE) * 1000
    for clock.now in range(NOW, NOW + ABSOLUTE, MINUTE):
        visitor.request()
        assert visitor.stored()["_expire"] <= last

    assert last == visitor.stored()["_expire"]


@pytest.mark.parametrize("late", [0, SKEW])
def test_a_change_at_the_end_of_the_whole_life_prolongs_nothing(clock: Clock, late: float) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=HOUR)
    visitor.request(user=7)
    clock.now = NOW + HOUR + late

    assert (Outcome.LOADED, {"user": 7}, Written.SAVED) == visitor.request(user=8)

    # Koa takes 0 for a whole day.
    assert (NOW + HOUR) * 1000 == visitor.stored()["_expire"]
    assert visitor.stored()["_maxAge"] == 1


def test_clear_keeps_the_stored_start_and_replace_begins_anew(clock: Clock) -> None:
    visitor = browser(clock, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    clock.now += HOUR

    session = visitor.sessions.open(visitor.jar.header(URL, now=0))
    session.clear()
    session["user"] = 8
    for value in session.commit():
        visitor.jar.store(value, URL, now=0)
    assert NOW * 1000 == visitor.stored()["$start"]

    session = visitor.sessions.open(visitor.jar.header(URL, now=0))
    session.replace({"user": 9})
    for value in session.commit():
        visitor.jar.store(value, URL, now=0)
    assert clock.now * 1000 == visitor.stored()["$start"]


def test_a_session_that_is_signed_again_keeps_its_timestamps(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    old = CookieSession(keys=[OLDER], clock=clock, idle_timeout=IDLE).encode({"user": 7})
    session = visitor.sessions.open(cookie_header(old))
    clock.now += MINUTE

    assert 1 == session.key_index
    assert f"session={old['session']}; path=/; httponly" == session.commit()[0]
    assert Written.RESIGNED is session.written


# --- timestamps of other writers -------------------------------------------------------------


def test_the_shorter_end_of_another_server_counts(clock: Clock) -> None:
    """As Koa writes it, with a ``maxAge`` of ten minutes."""
    timestamps = {"_expire": (NOW + 10 * MINUTE) * 1000, "_maxAge": 10 * MINUTE * 1000}
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)
    cookies = cookies_of({"user": 7, **timestamps})

    assert {"user": 7} == sessions.decode(cookies)
    clock.now += 11 * MINUTE + 1
    assert sessions.decode(cookies) is None


def test_koas_mark_for_a_browser_session_is_kept(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    for name, value in cookies_of({"user": 7, "_session": True}).items():
        visitor.jar.store(f"{name}={value}", URL, now=0)

    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert visitor.stored()["_session"] is True


def test_the_start_is_kept_where_only_the_idle_time_is_limited(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    clock.now += MINUTE
    Visitor(CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE), visitor.jar).request(user=8)

    assert NOW * 1000 == visitor.stored()["$start"]


@pytest.mark.parametrize(
    "nonsense", ["soon", True, None, [], {}, -1, 1e300, 10**400, float(10**16)]
)
def test_a_timestamp_that_is_not_a_time_does_not_count(clock: Clock, nonsense: Any) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    timestamps = dict.fromkeys(["_expire", "_maxAge", "_session", "$start"], nonsense)
    timestamps["_session"] = 1
    for name, value in cookies_of({"user": 7, **timestamps}).items():
        visitor.jar.store(f"{name}={value}", URL, now=0)

    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert {"user", "_expire", "_maxAge", "$start"} == set(visitor.stored())


@pytest.mark.parametrize("key", ["_expire", "_maxAge", "_session", "$start"])
def test_one_warning_names_a_key_whose_value_is_dropped(
    clock: Clock, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    for value in (CANARY, [CANARY], False):
        session = sessions.open(header({"user": 7, key: value}))
        assert {"user": 7} == dict(session)
        assert {"user": 7} == sessions.decode(session.commit())

    (line,) = caplog.messages
    assert logging.WARNING == caplog.records[0].levelno
    assert f"'session': idle_timeout and absolute_timeout need the key {key!r}" in line
    assert "rename the key" in line


@pytest.mark.parametrize("key", ["_session", "$start"])
def test_a_dropped_value_beside_timestamps_is_named_as_well(
    clock: Clock, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    timestamps = {"_expire": (NOW + IDLE) * 1000, "_maxAge": IDLE * 1000}
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)

    assert {"user": 7} == sessions.decode(cookies_of({"user": 7, key: CANARY, **timestamps}))

    (line,) = caplog.messages
    assert f"need the key {key!r}" in line


@pytest.mark.parametrize(
    ("contents", "keys"),
    [
        ({"user": 7}, KEYS),
        ({"user": 7, "_expire": (NOW + IDLE) * 1000, "_maxAge": IDLE * 1000}, KEYS),
        ({"user": 7, "_session": True, "$start": NOW * 1000}, KEYS),
        ({"user": 7, "_expire": None, "$start": None}, KEYS),
        ({"user": 7, "_expire": "soon"}, [OTHER]),
    ],
    ids=["no timestamps", "idle", "until the browser closes", "nulls", "forged"],
)
def test_timestamps_and_forged_cookies_cause_no_warning(
    clock: Clock, contents: dict[str, Any], keys: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    cookies = CookieSession(keys=keys).encode(contents)
    CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE).decode(cookies)

    assert [] == caplog.records


@pytest.mark.parametrize(
    ("timestamps", "items"),
    [
        (Timestamps(), {}),
        (Timestamps(end=5), {"_expire": 5}),
        (Timestamps(written=2, end=5.5), {"_expire": 5, "_maxAge": 3}),
        (Timestamps(written=2), {}),
        (
            Timestamps(1, 2, 5, until_browser_closes=True),
            {
                "_expire": 5,
                "_maxAge": 3,
                "_session": True,
                "$start": 1,
            },
        ),
    ],
)
def test_timestamps_stand_in_the_order_of_koa_session(
    timestamps: Timestamps, items: dict[str, Any]
) -> None:
    assert list(items.items()) == list(timestamps.items().items())


def test_a_single_timestamp_is_not_a_change(clock: Clock) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, absolute_timeout=ABSOLUTE)
    session = sessions.open(header({"cart": [1], "_expire": (NOW + HOUR) * 1000}))

    assert [1] == session["cart"]

    assert not session.is_changed


@pytest.mark.parametrize("half", [{"_expire": (NOW + HOUR) * 1000}, {"_maxAge": HOUR * 1000}])
def test_each_timestamp_is_read_without_the_others(clock: Clock, half: dict[str, int]) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)
    cookies = cookies_of({"user": 7, **half})

    assert {"user": 7} == sessions.decode(cookies)
    clock.now += HOUR + SKEW + 1
    assert ("_expire" in half) == (sessions.decode(cookies) is None)


def test_a_timestamp_may_be_the_first_or_the_last_date_of_javascript(clock: Clock) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)
    last = {"_expire": 8_640_000_000_000_000, "_maxAge": HOUR * 1000}

    assert sessions.decode(cookies_of({"user": 7, "_expire": 0})) is None
    session = sessions.open(header({"user": 7, **last}))
    assert 7 == session["user"]
    session.commit()
    assert Written.REFRESHED is session.written  # it counts as written now
    assert last["_expire"] == split_timestamps(last)[1].end


FUTURE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"idle_timeout": IDLE}, {"_expire": (NOW + 2 * HOUR) * 1000, "_maxAge": HOUR * 1000}),
    ({"idle_timeout": IDLE}, {"_expire": (NOW + 2 * HOUR) * 1000}),
    ({"absolute_timeout": IDLE}, {"$start": (NOW + HOUR) * 1000}),
]
"""Options, and timestamps of a clock that is an hour ahead."""


@pytest.mark.parametrize(("options", "stamps"), FUTURE)
def test_timestamps_from_the_future_count_as_written_now(
    clock: Clock, options: dict[str, Any], stamps: dict[str, Any]
) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, **options)
    session = sessions.open(header({"user": 7, **stamps}))

    assert {"user": 7} == dict(session)

    assert {"user": 7} == sessions.decode(session.commit())
    assert Written.REFRESHED is session.written


@pytest.mark.parametrize(("start", "kept"), [(NOW - HOUR, NOW - HOUR), (NOW + HOUR, NOW)])
def test_a_session_from_the_future_keeps_its_start_and_koas_mark(
    clock: Clock, start: float, kept: float
) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    future = {"_expire": (NOW + 2 * HOUR) * 1000, "_maxAge": HOUR * 1000, "$start": start * 1000}
    for name, value in cookies_of({"user": 7, "_session": True, **future}).items():
        visitor.jar.store(f"{name}={value}", URL, now=0)

    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()

    stored = visitor.stored()
    assert kept * 1000 == stored["$start"]
    assert stored["_session"] is True


def test_a_start_to_come_does_not_revive_a_session_that_has_ended(clock: Clock) -> None:
    ended = {"_expire": (NOW - HOUR) * 1000, "_maxAge": HOUR * 1000, "$start": (NOW + HOUR) * 1000}
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)

    assert Outcome.EXPIRED is sessions.open(header({"user": 7, **ended})).outcome


@pytest.mark.parametrize(("options", "stamps"), FUTURE)
def test_decode_cannot_renew_timestamps_from_the_future(
    clock: Clock, options: dict[str, Any], stamps: dict[str, Any]
) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, **options)

    assert sessions.decode(header({"user": 7, **stamps})) is None


def test_the_clocks_of_two_servers_may_differ_by_a_minute(clock: Clock) -> None:
    ahead = CookieSession(
        keys=KEYS, clock=Clock(NOW + 60), idle_timeout=IDLE, absolute_timeout=2 * IDLE
    )
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE, absolute_timeout=2 * IDLE)

    assert {"user": 7} == sessions.decode(ahead.encode({"user": 7}))
    session = sessions.open(ahead.cookie_header({"user": 7}))
    assert 7 == session["user"]
    assert [] == session.commit()


def test_a_timestamp_may_have_a_fraction() -> None:
    contents, timestamps = split_timestamps({"user": 7, "_expire": 5.5, "_maxAge": 3})

    assert {"user": 7} == contents
    assert Timestamps(written=2.5, end=5.5) == timestamps


# --- bad configuration -----------------------------------------------------------------------


@pytest.mark.parametrize("option", ["idle_timeout", "absolute_timeout"])
@pytest.mark.parametrize(
    "value", [0, -1, True, "60", float("nan"), float("inf"), timedelta(0), 1e12, 0.0001]
)
def test_a_timeout_that_is_not_a_duration_is_refused(option: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{option} must be"):
        CookieSession(keys=KEYS, **{option: value})


def test_the_error_about_a_timeout_ends_with_the_value() -> None:
    said = r"a positive number of seconds \(int, float or timedelta\), got int: 0$"

    with pytest.raises(ConfigurationError, match=said):
        CookieSession(keys=KEYS, idle_timeout=0)


@pytest.mark.parametrize(("idle", "absolute"), [(61, 60), (timedelta(hours=2), 3600.5)])
def test_an_idle_time_that_never_ends_first_is_warned_of(idle: Any, absolute: Any) -> None:
    with pytest.warns(ConfigurationWarning, match=r"^idle_timeout \(\d+ seconds\) is longer than"):
        CookieSession(keys=KEYS, idle_timeout=idle, absolute_timeout=absolute)

    CookieSession(keys=KEYS, idle_timeout=absolute, absolute_timeout=absolute)


def test_a_lifetime_needs_a_signature() -> None:
    with pytest.raises(ConfigurationError, match="signed=True"):
        CookieSession(signed=False, idle_timeout=IDLE)
    with pytest.raises(ConfigurationError, match="signed"):
        CookieSession(format=SignedPair(None), idle_timeout=IDLE)


def test_a_signer_of_another_kind_can_be_combined_with_a_lifetime(clock: Clock) -> None:
    sessions = CookieSession(
        keys=Keygrip([NEWEST], algorithm="sha256"), clock=clock, idle_timeout=IDLE
    )

    assert {"user": 7} == sessions.decode(sessions.encode({"user": 7}))

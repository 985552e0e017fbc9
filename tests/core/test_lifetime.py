"""A lifetime that the server enforces."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    Keygrip,
    Outcome,
    SessionEncodeError,
    Written,
)
from tests.support.cookies import cookie_header, header
from tests.support.keys import KEYS, NEWEST, OLDER
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
    """What a server without any lifetime, such as Express, makes of ``contents``."""
    return CookieSession(keys=KEYS).encode(contents)


# --- what is stored --------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [IDLE, float(IDLE), timedelta(hours=1)])
def test_the_end_is_stored_in_the_format_of_koa_session(clock: Clock, timeout: Any) -> None:
    visitor = browser(clock, idle_timeout=timeout)

    assert (Outcome.ABSENT, {}, Written.SAVED) == visitor.request(user=7)

    end = (NOW + IDLE) * 1000
    assert {"user": 7, "_expire": end, "_maxAge": IDLE * 1000} == visitor.stored()


def test_the_beginning_is_stored_where_the_whole_life_is_limited(clock: Clock) -> None:
    visitor = browser(clock, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)

    assert {
        "user": 7,
        "_expire": (NOW + ABSOLUTE) * 1000,
        "_maxAge": ABSOLUTE * 1000,
        "$start": NOW * 1000,
    } == visitor.stored()


def test_the_application_sees_none_of_it(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)

    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    assert visitor.sessions.decode(visitor.jar.header(URL, now=0)) == {"user": 7}


def test_without_a_lifetime_the_names_are_the_applications_own(clock: Clock) -> None:
    contents = {"_expire": 1, "_maxAge": 1, "_session": True, "$start": 1}
    visitor = browser(clock)

    visitor.request(**contents)

    assert (Outcome.LOADED, contents, Written.NOTHING) == visitor.request()


@pytest.mark.parametrize("name", ["_expire", "_maxAge", "_session", "$start"])
def test_the_names_cannot_be_used_beside_a_lifetime(clock: Clock, name: str) -> None:
    visitor = browser(clock, idle_timeout=IDLE)

    with pytest.raises(SessionEncodeError, match="idle_timeout") as caught:
        visitor.request(**{name: 1})

    assert (f"session[{name!r}]", "int") == (caught.value.path, caught.value.type_name)


def test_encode_and_decode_know_lifetimes(clock: Clock) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)
    cookies = sessions.encode({"user": 7})

    assert {"user": 7} == sessions.decode(cookies)
    clock.now += IDLE + SKEW + 1
    assert sessions.decode(cookies) is None


# --- the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "life"),
    [
        ({"idle_timeout": IDLE}, IDLE),
        ({"absolute_timeout": ABSOLUTE}, ABSOLUTE),
        ({"idle_timeout": IDLE, "absolute_timeout": ABSOLUTE}, IDLE),
        ({"idle_timeout": ABSOLUTE, "absolute_timeout": IDLE}, IDLE),
    ],
)
def test_a_copied_cookie_ends_when_its_time_is_over(
    clock: Clock, options: dict[str, Any], life: int
) -> None:
    visitor = browser(clock, **options)
    visitor.request(user=7)
    copied = visitor.jar.header(URL, now=0)

    def outcome_at(now: float) -> Outcome:
        clock.now = now
        return visitor.sessions.open(copied).outcome

    assert Outcome.LOADED is outcome_at(NOW + life)
    # The clocks of two servers may differ by a minute, either way.
    assert Outcome.LOADED is outcome_at(NOW + life + SKEW)
    assert Outcome.EXPIRED is outcome_at(NOW + life + SKEW + 1)
    assert Outcome.LOADED is outcome_at(NOW - SKEW)


def test_an_expired_session_is_a_new_one(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    clock.now += 2 * ABSOLUTE

    assert (Outcome.EXPIRED, {}, Written.NOTHING) == visitor.request()
    assert (Outcome.EXPIRED, {}, Written.SAVED) == visitor.request(user=8)
    assert clock.now * 1000 == visitor.stored()["$start"]
    assert (Outcome.LOADED, {"user": 8}, Written.NOTHING) == visitor.request()


def test_shortening_a_timeout_takes_effect_at_once(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=ABSOLUTE, absolute_timeout=30 * ABSOLUTE)
    visitor.request(user=7)
    cookies = visitor.jar.header(URL, now=0)
    clock.now += 2 * HOUR

    for options in ({"idle_timeout": HOUR}, {"absolute_timeout": HOUR}):
        shorter = CookieSession(keys=KEYS, clock=clock, **options)  # type: ignore[arg-type]
        assert Outcome.EXPIRED is shorter.open(cookies).outcome


# --- prolonging ------------------------------------------------------------------------------


def test_a_session_is_prolonged_once_half_of_the_idle_time_has_passed(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    visitor.request(user=7)

    clock.now = NOW + IDLE / 2
    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    clock.now += 1
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    assert (clock.now + IDLE) * 1000 == visitor.stored()["_expire"]


def test_an_untouched_session_is_not_prolonged(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    visitor.request(user=7)
    clock.now += IDLE - 1

    session = visitor.sessions.open(visitor.jar.header(URL, now=0))

    assert [] == session.commit()
    assert Written.NOTHING is session.written


def test_a_change_prolongs_the_session(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    visitor.request(user=7)
    clock.now += 1

    assert (Outcome.LOADED, {"user": 7}, Written.SAVED) == visitor.request(views=1)
    assert (clock.now + IDLE) * 1000 == visitor.stored()["_expire"]


def test_what_was_lent_and_not_changed_is_not_sent(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    visitor.request(cart=[1])
    session = visitor.sessions.open(visitor.jar.header(URL, now=0))

    assert [1] == session["cart"]
    assert not session.is_changed
    assert [] == session.commit()


def test_a_nested_change_is_saved(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    visitor.request(cart=[1])
    session = visitor.sessions.open(visitor.jar.header(URL, now=0))

    session["cart"].append(2)

    assert session.is_changed
    session.commit()
    assert Written.SAVED is session.written


def test_no_use_of_a_session_prolongs_it_beyond_its_whole_life(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    last = (NOW + ABSOLUTE) * 1000
    refreshed = 0
    for clock.now in range(NOW, NOW + ABSOLUTE, MINUTE):
        outcome, seen, written = visitor.request()
        assert (Outcome.LOADED, {"user": 7}) == (outcome, seen)
        refreshed += written is Written.REFRESHED
        assert visitor.stored()["_expire"] <= last

    # Once per half of the idle time, and no more when nothing is to be gained.
    assert last == visitor.stored()["_expire"]
    assert 2 * ABSOLUTE / IDLE - 2 <= refreshed <= 2 * ABSOLUTE / IDLE
    clock.now = NOW + ABSOLUTE + SKEW + 1
    assert (Outcome.EXPIRED, {}, Written.NOTHING) == visitor.request()


def test_a_change_at_the_very_end_gains_nothing(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=HOUR)
    visitor.request(user=7)
    clock.now = NOW + HOUR + SKEW

    assert (Outcome.LOADED, {"user": 7}, Written.SAVED) == visitor.request(user=8)

    # Koa takes 0 for a whole day.
    assert (NOW + HOUR) * 1000 == visitor.stored()["_expire"]
    assert visitor.stored()["_maxAge"] == 1


def test_clearing_keeps_the_beginning_and_replacing_begins_anew(clock: Clock) -> None:
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


def test_a_refresh_signs_with_the_newest_key(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    old = CookieSession(keys=[OLDER], clock=clock, idle_timeout=IDLE).encode({"user": 7})
    cookies = cookie_header(old)
    session = visitor.sessions.open(cookies)

    # Without need it is signed again as it is, and so not prolonged.
    assert 1 == session.key_index
    assert f"session={old['session']}; path=/; httponly" == session.commit()[0]
    assert Written.RESIGNED is session.written

    clock.now += IDLE - 1
    session = visitor.sessions.open(cookies)
    assert {"user": 7} == dict(session)
    session.commit()
    assert Written.REFRESHED is session.written


def test_a_refresh_that_does_not_fit_is_reported_and_fails_no_reading_request(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = browser(clock, idle_timeout=IDLE, max_cookie_size=100)
    session = visitor.sessions.open(header({"text": "x" * 20}))

    assert "x" * 20 == session["text"]
    assert [] == session.commit()
    assert Written.REFUSED is session.written
    assert "was not sent again" in caplog.text


# --- others who write the session ------------------------------------------------------------


@pytest.mark.parametrize("timeout", ["idle_timeout", "absolute_timeout"])
def test_a_session_without_a_stamp_is_stamped_when_it_is_touched(
    clock: Clock, timeout: str
) -> None:
    visitor = browser(clock, **{timeout: HOUR})
    for name, value in cookies_of({"user": 7}).items():
        visitor.jar.store(f"{name}={value}", URL, now=0)

    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    clock.now += HOUR + SKEW + 1
    assert (Outcome.EXPIRED, {}, Written.NOTHING) == visitor.request()


def test_another_servers_shorter_end_counts(clock: Clock) -> None:
    """As Koa writes it, with a ``maxAge`` of ten minutes."""
    stamp = {"_expire": (NOW + 10 * MINUTE) * 1000, "_maxAge": 10 * MINUTE * 1000}
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)
    cookies = cookies_of({"user": 7, **stamp})

    assert {"user": 7} == sessions.decode(cookies)
    clock.now += 11 * MINUTE + 1
    assert sessions.decode(cookies) is None


def test_that_koa_keeps_a_cookie_until_the_browser_closes_is_handed_on(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE)
    for name, value in cookies_of({"user": 7, "_session": True}).items():
        visitor.jar.store(f"{name}={value}", URL, now=0)

    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert visitor.stored()["_session"] is True


def test_the_beginning_is_handed_on_where_only_idleness_is_limited(clock: Clock) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    clock.now += MINUTE
    Visitor(CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE), visitor.jar).request(user=8)

    assert NOW * 1000 == visitor.stored()["$start"]


@pytest.mark.parametrize(
    "nonsense", ["soon", True, None, [], {}, -1, 1e300, 10**400, float(10**16)]
)
def test_a_stamp_that_is_no_time_is_no_stamp(clock: Clock, nonsense: Any) -> None:
    visitor = browser(clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    stamp = dict.fromkeys(["_expire", "_maxAge", "_session", "$start"], nonsense)
    stamp["_session"] = 1
    for name, value in cookies_of({"user": 7, **stamp}).items():
        visitor.jar.store(f"{name}={value}", URL, now=0)

    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert {"user", "_expire", "_maxAge", "$start"} == set(visitor.stored())


@pytest.mark.parametrize("half", [{"_expire": (NOW + HOUR) * 1000}, {"_maxAge": HOUR * 1000}])
def test_half_a_stamp_is_read_for_what_it_says(clock: Clock, half: dict[str, int]) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)
    cookies = cookies_of({"user": 7, **half})

    assert {"user": 7} == sessions.decode(cookies)
    clock.now += HOUR + SKEW + 1
    assert ("_expire" in half) == (sessions.decode(cookies) is None)


def test_a_stamp_may_be_the_first_or_the_last_moment_of_all(clock: Clock) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE)
    last = {"_expire": 8_640_000_000_000_000, "_maxAge": HOUR * 1000}

    assert sessions.decode(cookies_of({"user": 7, "_expire": 0})) is None
    session = sessions.open(header({"user": 7, **last}))
    assert 7 == session["user"]
    assert [] == session.commit()


# --- bad configuration -----------------------------------------------------------------------


@pytest.mark.parametrize("option", ["idle_timeout", "absolute_timeout"])
@pytest.mark.parametrize(
    "value", [0, -1, True, "60", float("nan"), float("inf"), timedelta(0), 1e12, 0.0001]
)
def test_a_timeout_that_is_no_duration_is_refused(option: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{option} must be"):
        CookieSession(keys=KEYS, **{option: value})


def test_a_lifetime_needs_a_signature() -> None:
    with pytest.raises(ConfigurationError, match="signed=True"):
        CookieSession(signed=False, idle_timeout=IDLE)


def test_a_signer_of_another_kind_can_be_combined_with_a_lifetime(clock: Clock) -> None:
    sessions = CookieSession(
        keys=Keygrip([NEWEST], algorithm="sha256"), clock=clock, idle_timeout=IDLE
    )

    assert {"user": 7} == sessions.decode(sessions.encode({"user": 7}))

"""A lifetime that the server enforces, as a session shows it, wherever its timestamps stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cookiesession_core import Outcome, Written, began_at
from tests.support.keys import OLDER
from tests.support.kinds import Kind
from tests.support.visitor import NOW, URL, Clock, Visitor

MINUTE, HOUR = 60, 3600
SKEW = MINUTE
IDLE, ABSOLUTE = HOUR, 8 * HOUR


@pytest.fixture
def clock() -> Clock:
    return Clock()


def browser(kind: Kind, clock: Clock, **options: Any) -> Visitor:
    return Visitor(kind.sessions(clock=clock, **options))


def test_the_application_sees_no_timestamps(kind: Kind, clock: Clock) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)

    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    assert visitor.sessions.decode(visitor.jar.header(URL, now=0)) == {"user": 7}


def test_without_a_lifetime_its_names_are_the_applications_own(kind: Kind, clock: Clock) -> None:
    contents: dict[str, Any] = {"_expire": 1, "_maxAge": 1, "_session": True, "$start": 1}
    if kind.name == "iron-session":
        del contents["$start"]  # a key of the format in any case
    visitor = browser(kind, clock)

    visitor.request(**contents)

    assert (Outcome.LOADED, contents, Written.NOTHING) == visitor.request()


def test_encode_and_decode_know_lifetimes(kind: Kind, clock: Clock) -> None:
    sessions = kind.sessions(clock=clock, idle_timeout=IDLE)
    cookies = sessions.encode({"user": 7})

    assert {"user": 7} == sessions.decode(cookies)
    clock.now += IDLE + SKEW + 1
    assert sessions.decode(cookies) is None


def test_a_session_tells_when_it_began_if_its_cookie_does(kind: Kind, clock: Clock) -> None:
    sessions = kind.sessions(clock=clock, absolute_timeout=ABSOLUTE)
    cookies = sessions.cookie_header({"user": 7})
    clock.now += HOUR
    session = sessions.open(cookies)

    assert NOW == began_at(session)
    session.replace({"user": 8})
    assert began_at(session) is None
    assert began_at(sessions.open()) is None
    assert began_at(sessions.open(kind.header({"user": 7}))) is None
    assert began_at(kind.sessions().open(kind.header({"user": 7}))) is None


# --- the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "life"),
    [
        ({"idle_timeout": IDLE}, IDLE),
        ({"idle_timeout": timedelta(hours=1)}, IDLE),
        ({"absolute_timeout": ABSOLUTE}, ABSOLUTE),
        ({"idle_timeout": IDLE, "absolute_timeout": ABSOLUTE}, IDLE),
        pytest.param(
            {"idle_timeout": ABSOLUTE, "absolute_timeout": IDLE},
            IDLE,
            marks=pytest.mark.filterwarnings("ignore::cookiesession_core.ConfigurationWarning"),
        ),
    ],
)
def test_a_copied_cookie_ends_when_its_time_is_over(
    kind: Kind, clock: Clock, options: dict[str, Any], life: int
) -> None:
    visitor = browser(kind, clock, **options)
    visitor.request(user=7)
    copied = visitor.jar.header(URL, now=0)

    def outcome_at(now: float) -> Outcome:
        clock.now = now
        return visitor.sessions.open(copied).outcome

    assert Outcome.LOADED is outcome_at(NOW + life)
    # The clocks of two servers may differ by a minute, either way. In iron-session, the last
    # millisecond of that minute does not count.
    last_second = SKEW - 1 if kind.name == "iron-session" else SKEW
    assert Outcome.LOADED is outcome_at(NOW + life + last_second)
    assert Outcome.EXPIRED is outcome_at(NOW + life + SKEW + 1)
    assert Outcome.LOADED is outcome_at(NOW - SKEW)


def test_an_expired_session_is_a_new_one(kind: Kind, clock: Clock) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    clock.now += 2 * ABSOLUTE

    assert (Outcome.EXPIRED, {}, Written.NOTHING) == visitor.request()
    assert (Outcome.EXPIRED, {}, Written.SAVED) == visitor.request(user=8)
    assert (Outcome.LOADED, {"user": 8}, Written.NOTHING) == visitor.request()


@pytest.mark.parametrize("shorter", [{"idle_timeout": HOUR}, {"absolute_timeout": HOUR}])
def test_a_shorter_timeout_takes_effect_at_once(
    kind: Kind, clock: Clock, shorter: dict[str, Any]
) -> None:
    visitor = browser(kind, clock, idle_timeout=ABSOLUTE, absolute_timeout=30 * ABSOLUTE)
    visitor.request(user=7)
    cookies = visitor.jar.header(URL, now=0)
    clock.now += 2 * HOUR

    session = kind.sessions(clock=clock, **shorter).open(cookies)
    if kind.name == "iron-session" and "idle_timeout" in shorter:
        # Its seal holds the end alone. A renewal brings the end forward.
        assert (Outcome.LOADED, True) == (session.outcome, bool(session.commit()))
        assert Written.REFRESHED is session.written
    else:
        assert Outcome.EXPIRED is session.outcome


# --- prolonging ------------------------------------------------------------------------------


def test_a_session_is_prolonged_once_half_of_the_idle_time_has_passed(
    kind: Kind, clock: Clock
) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE)
    visitor.request(user=7)

    clock.now = NOW + IDLE / 2
    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    clock.now += 1
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    clock.now += IDLE
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()


def test_an_untouched_session_is_not_prolonged(kind: Kind, clock: Clock) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE)
    visitor.request(user=7)
    clock.now += IDLE - 1

    session = visitor.sessions.open(visitor.jar.header(URL, now=0))

    assert [] == session.commit()
    assert Written.NOTHING is session.written


def test_a_change_prolongs_the_session(kind: Kind, clock: Clock) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE)
    visitor.request(user=7)

    clock.now += IDLE
    assert (Outcome.LOADED, {"user": 7}, Written.SAVED) == visitor.request(views=1)
    clock.now += IDLE
    assert (Outcome.LOADED, {"user": 7, "views": 1}, Written.REFRESHED) == visitor.request()


def test_a_list_that_was_read_and_not_changed_is_not_sent(kind: Kind, clock: Clock) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE)
    visitor.request(cart=[1])
    session = visitor.sessions.open(visitor.jar.header(URL, now=0))

    assert [1] == session["cart"]
    assert not session.is_changed
    assert [] == session.commit()


def test_a_nested_change_is_saved(kind: Kind, clock: Clock) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE)
    visitor.request(cart=[1])
    session = visitor.sessions.open(visitor.jar.header(URL, now=0))

    session["cart"].append(2)

    assert session.is_changed
    assert {"cart": [1, 2]} == visitor.sessions.decode(session.commit())
    assert Written.SAVED is session.written


def test_no_use_of_a_session_prolongs_it_beyond_its_whole_life(kind: Kind, clock: Clock) -> None:
    visitor = browser(kind, clock, idle_timeout=IDLE, absolute_timeout=ABSOLUTE)
    visitor.request(user=7)
    refreshed = 0
    for clock.now in range(NOW, NOW + ABSOLUTE, MINUTE):
        outcome, seen, written = visitor.request()
        assert (Outcome.LOADED, {"user": 7}) == (outcome, seen)
        refreshed += written is Written.REFRESHED

    # Once per half of the idle time, and no more when there is nothing to gain.
    assert 2 * ABSOLUTE / IDLE - 2 <= refreshed <= 2 * ABSOLUTE / IDLE
    clock.now = NOW + ABSOLUTE + SKEW + 1
    assert (Outcome.EXPIRED, {}, Written.NOTHING) == visitor.request()


@pytest.mark.parametrize("timeout", ["idle_timeout", "absolute_timeout"])
def test_a_session_without_timestamps_gets_them_when_it_is_touched(
    kind: Kind, clock: Clock, timeout: str
) -> None:
    visitor = browser(kind, clock, **{timeout: HOUR})
    for name, value in kind.sessions().encode({"user": 7}).items():
        visitor.jar.store(f"{name}={value}", URL, now=0)

    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    clock.now += HOUR + SKEW + 1
    assert (Outcome.EXPIRED, {}, Written.NOTHING) == visitor.request()


@pytest.mark.parametrize(
    ("begin_again", "outcome"),
    [
        (lambda s: s.clear(), Outcome.EXPIRED),
        (lambda s: s.resend(), Outcome.EXPIRED),
        (lambda s: s.replace({}), Outcome.LOADED),
        (lambda s: s.destroy(), Outcome.LOADED),
    ],
)
def test_clear_and_resend_keep_the_start_and_replace_and_destroy_begin_again(
    kind: Kind, clock: Clock, begin_again: Any, outcome: Outcome
) -> None:
    sessions = kind.sessions(clock=clock, absolute_timeout=ABSOLUTE)
    session = sessions.open(sessions.cookie_header({"user": 7}))
    clock.now += ABSOLUTE
    begin_again(session)
    session["user"] = 8
    cookies = [value.partition(";")[0] for value in session.commit()]

    clock.now += HOUR

    assert outcome is sessions.open(cookies).outcome


def test_a_session_that_is_signed_again_is_not_prolonged(kind: Kind, clock: Clock) -> None:
    sessions = kind.sessions(clock=clock, idle_timeout=IDLE)
    old = kind.sessions([OLDER], clock=clock, idle_timeout=IDLE)
    cookies: Any = old.cookie_header({"user": 7})

    clock.now += IDLE / 2
    session = sessions.open(cookies)
    assert 1 == session.key_index
    cookies = [value.partition(";")[0] for value in session.commit()]
    assert Written.RESIGNED is session.written

    clock.now = NOW + IDLE + SKEW + 1
    assert Outcome.EXPIRED is sessions.open(cookies).outcome


def test_a_session_of_an_older_key_that_is_prolonged_is_signed_by_the_newest(
    kind: Kind, clock: Clock
) -> None:
    sessions = kind.sessions(clock=clock, absolute_timeout=ABSOLUTE)
    session = sessions.open(kind.old_header({"user": 7}))
    assert {"user": 7} == dict(session)

    cookies = [value.partition(";")[0] for value in session.commit()]

    assert Written.REFRESHED is session.written
    assert 0 == sessions.open(cookies).key_index


def test_a_renewal_that_does_not_fit_is_logged_and_fails_no_reading_request(
    kind: Kind, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = kind.sessions(clock=clock, idle_timeout=IDLE, max_cookie_size=100)
    session = sessions.open(kind.header({"text": "x" * 40}))

    assert "x" * 40 == session["text"]
    assert [] == session.commit()
    assert Written.REFUSED is session.written
    assert "was not sent again" in caplog.text

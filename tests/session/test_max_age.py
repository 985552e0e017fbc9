"""`max_age` as a function of the contents, and ends at which a browser drops the cookie."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from cookiesession_core import ConfigurationError, CookieSession, Session, Written
from tests.support.keys import KEYS, OLDER
from tests.support.kinds import Kind
from tests.support.visitor import NOW, Clock

HOUR, DAY = 3600, 24 * 3600


def remembered(contents: Mapping[str, Any]) -> float | timedelta | None:
    return timedelta(days=30) if contents.get("remember") else None


def end_of(session: Session) -> float | None:
    """Commit, and return how many seconds the first cookie lasts; ``None``: browser session."""
    value = session.commit()[0]
    if "expires=" not in value:
        return None
    date = value.partition("expires=")[2].partition(";")[0]
    end = datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=timezone.utc)
    return end.timestamp() - NOW


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- a function ------------------------------------------------------------------------------


@pytest.mark.parametrize(("remember", "lasts"), [(True, 30 * DAY), (False, None)])
def test_a_save_asks_the_function(
    kind: Kind,
    clock: Clock,
    remember: bool,  # noqa: FBT001
    lasts: float | None,
) -> None:
    session = kind.sessions(max_age=remembered, clock=clock).open()
    session["remember"] = remember

    assert lasts == end_of(session)


def test_a_later_save_a_refresh_and_a_new_signature_ask_it_again(kind: Kind, clock: Clock) -> None:
    options: dict[str, Any] = {"max_age": remembered, "clock": clock}
    contents = {"remember": True}

    saved = kind.sessions(**options).open(kind.header(contents))
    saved["views"] = 1
    resent = kind.sessions(**options).open(kind.header(contents))
    resent.resend()
    signed = kind.sessions(**options).open(kind.old_header(contents))
    assert signed["remember"]

    assert [30 * DAY] * 3 == [end_of(each) for each in (saved, resent, signed)]
    assert [Written.SAVED, Written.REFRESHED, Written.RESIGNED] == [
        each.written for each in (saved, resent, signed)
    ]


@pytest.mark.parametrize(
    ("now", "max_age", "lasts"),
    [(NOW, 1, 1), (NOW, 1.9, 1), (NOW + 0.6, 1.3, 1), (NOW + 0.6, 1.5, 2)],
)
def test_the_end_is_rounded_down_to_a_whole_second(
    kind: Kind, now: float, max_age: float, lasts: int
) -> None:
    for each in (max_age, lambda _: max_age):
        session = kind.sessions(max_age=each, clock=lambda: now).open()
        session["user"] = 7

        assert lasts == end_of(session)


@pytest.mark.parametrize("https", [True, False])
def test_a_cookie_with_an_end_follows_the_connection(
    kind: Kind,
    clock: Clock,
    https: bool,  # noqa: FBT001
) -> None:
    session = kind.sessions(max_age=HOUR, clock=clock).open(https=https)
    session["user"] = 7

    assert {https} == {"; secure" in value for value in session.commit()}


def test_the_request_has_the_last_word(kind: Kind, clock: Clock) -> None:
    sessions = kind.sessions(max_age=remembered, clock=clock)
    hour, browser, other = sessions.open(), sessions.open(), sessions.open()
    for session in (hour, browser, other):
        session["remember"] = True
    hour.options.max_age = HOUR
    browser.options.max_age = None
    other.options.path = "/app"

    assert [HOUR, None, 30 * DAY] == [end_of(each) for each in (hour, browser, other)]


def test_the_function_cannot_change_the_contents(kind: Kind) -> None:
    def max_age(contents: Mapping[str, Any]) -> float:
        contents["roles"].append("admin")
        return 60

    session = kind.sessions(max_age=max_age).open()
    session["roles"] = ["reader"]
    session.commit()

    assert ["reader"] == session["roles"]


def failing(_: Mapping[str, Any]) -> float:
    raise LookupError


MUST = "the function max_age must return None, or at least 1 second as int, float or timedelta, got"
WRONG: list[tuple[Any, str]] = [
    (failing, "the function max_age raised LookupError"),
    (lambda _: 0, f"{MUST} int"),
    (lambda _: 0.5, f"{MUST} float"),
    (lambda _: "1 day", f"{MUST} str"),
    (lambda _: True, f"{MUST} bool"),
]


@pytest.mark.parametrize(("max_age", "message"), WRONG)
def test_a_function_that_fails_fails_a_save(kind: Kind, max_age: Any, message: str) -> None:
    session = kind.sessions(max_age=max_age).open()
    session["user"] = 7

    with pytest.raises(ConfigurationError) as caught:
        session.commit()

    assert str(caught.value).startswith(message)
    assert [] == session.commit()
    assert Written.REFUSED is session.written


@pytest.mark.parametrize(("max_age", "message"), WRONG)
def test_a_function_that_fails_refuses_a_renewal_with_a_warning(
    clock: Clock, max_age: Any, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    rotated = CookieSession(keys=KEYS, max_age=max_age).open(
        CookieSession(keys=[OLDER]).cookie_header({"user": 7})
    )
    idle = CookieSession(keys=KEYS, max_age=max_age, idle_timeout=HOUR, clock=clock)
    for session in (rotated, idle.open(idle.cookie_header({"user": 7}))):
        assert 7 == session["user"]

        assert [] == session.commit()
        assert Written.REFUSED is session.written

    assert [logging.WARNING] * 2 == [record.levelno for record in caplog.records]
    assert all(f"ConfigurationError: {message}" in each.getMessage() for each in caplog.records)


def test_a_function_that_fails_gives_one_warning_for_all_requests_that_only_read(
    kind: Kind, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = kind.sessions(max_age=failing, idle_timeout=HOUR, clock=clock)
    cookies = kind.sessions(idle_timeout=HOUR, clock=clock).cookie_header({"user": 7})
    for _ in range(3):
        session = sessions.open(cookies)
        assert 7 == session["user"]
        assert [] == session.commit()

    assert [logging.WARNING] == [record.levelno for record in caplog.records]


def test_a_function_must_be_synchronous() -> None:
    async def max_age(_: Mapping[str, Any]) -> float:
        return 60

    class Callable:
        async def __call__(self, _: Mapping[str, Any]) -> float:
            return 60

    for function in (max_age, Callable()):
        with pytest.raises(ConfigurationError, match=r"^max_age must be synchronous"):
            CookieSession(keys=KEYS, max_age=function)  # type: ignore[arg-type]


def test_max_age_alone_sends_no_cookie(kind: Kind, clock: Clock) -> None:
    sessions = kind.sessions(max_age=HOUR, clock=clock)
    header = sessions.cookie_header({"user": 7})
    clock.now += HOUR - 1
    session = sessions.open(header)

    assert 7 == session["user"]

    assert [] == session.commit()
    assert Written.NOTHING is session.written


# --- max_age and the server's timeout --------------------------------------------------------


def lasting(contents: Mapping[str, Any]) -> float | None:
    return HOUR if contents.get("user") == 7 else None


@pytest.mark.parametrize("max_age", [HOUR, timedelta(hours=1), lasting])
@pytest.mark.parametrize(
    ("after", "written"), [(HOUR / 2, Written.NOTHING), (HOUR / 2 + 1, Written.REFRESHED)]
)
def test_a_cookie_is_refreshed_before_the_browser_drops_it(
    clock: Clock, max_age: Any, after: float, written: Written
) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=DAY, max_age=max_age)
    header = sessions.cookie_header({"user": 7})
    clock.now += after
    session = sessions.open(header)

    assert 7 == session["user"]
    session.commit()

    assert written is session.written


@pytest.mark.parametrize(
    ("after", "written"), [(HOUR / 2, Written.NOTHING), (HOUR / 2 + 1, Written.REFRESHED)]
)
def test_the_max_age_of_the_request_decides_about_a_refresh(
    clock: Clock, after: float, written: Written
) -> None:
    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=DAY)
    header = sessions.cookie_header({"user": 7})
    clock.now += after
    session = sessions.open(header)
    session.options.max_age = HOUR

    assert 7 == session["user"]
    session.commit()

    assert written is session.written


@pytest.mark.filterwarnings("ignore::cookiesession_core.ConfigurationWarning")
@pytest.mark.parametrize("max_age", [HOUR, 2 * HOUR])
def test_a_cookie_that_lasts_as_long_as_its_session_is_not_refreshed_for_max_age(
    clock: Clock, max_age: float
) -> None:
    sessions = CookieSession(
        keys=KEYS, clock=clock, idle_timeout=DAY, absolute_timeout=HOUR, max_age=max_age
    )
    header = sessions.cookie_header({"user": 7})
    clock.now += HOUR - 1
    session = sessions.open(header)

    assert 7 == session["user"]

    assert [] == session.commit()


# --- an end that has passed ------------------------------------------------------------------


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


@pytest.mark.parametrize("end", [NOW - DAY, NOW])
def test_an_end_that_has_passed_is_refused(kind: Kind, clock: Clock, end: float) -> None:
    with pytest.raises(ConfigurationError, match=r"^expires must be in the future, got 2023-11-1"):
        kind.sessions(expires=moment(end), clock=clock)

    session = kind.sessions(clock=clock).open()
    with pytest.raises(ConfigurationError, match=r"^expires must be in the future"):
        session.options.expires = moment(end)
    assert session.options.expires is None


def test_where_max_age_counts_an_end_that_has_passed_does_not_matter(clock: Clock) -> None:
    for max_age in (60, lasting):
        sessions = CookieSession(keys=KEYS, expires=moment(NOW + 1), max_age=max_age, clock=clock)
        clock.now = NOW + 2
        session = sessions.open()
        session["user"] = 7
        assert 2 == len(session.commit())
        clock.now = NOW


def test_where_max_age_of_the_request_counts_an_end_that_has_passed_does_not_matter(
    kind: Kind, clock: Clock
) -> None:
    session = kind.sessions(expires=moment(NOW + 1), clock=clock).open()
    session["user"] = 7
    session.options.max_age = HOUR
    clock.now += 2

    assert HOUR + 2 == end_of(session)


def test_after_its_end_a_session_whose_max_age_fails_says_so(kind: Kind, clock: Clock) -> None:
    session = kind.sessions(expires=moment(NOW + 1), max_age=failing, clock=clock).open()
    session["user"] = 7
    clock.now += 2

    with pytest.raises(ConfigurationError, match="the function max_age raised LookupError"):
        session.commit()


@pytest.mark.parametrize("max_age", [None, lambda _: None])
def test_a_session_is_not_sent_once_its_end_has_passed(
    kind: Kind, clock: Clock, max_age: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = kind.sessions(expires=moment(NOW + DAY), max_age=max_age, clock=clock)
    clock.now += DAY
    for _ in range(2):
        session = sessions.open()
        session["user"] = 7

        assert [] == session.commit()

        assert Written.REFUSED is session.written
    assert [logging.ERROR] * 2 == [record.levelno for record in caplog.records]
    said = "the session cookie 'session' was not sent: its expires has passed"
    assert all(record.getMessage().startswith(said) for record in caplog.records)


def test_renewals_after_the_end_give_one_warning(
    kind: Kind, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = kind.sessions(expires=moment(NOW + DAY), clock=clock)
    clock.now += DAY
    for _ in range(2):
        session = sessions.open(kind.old_header({"user": 7}))
        assert 7 == session["user"]

        assert [] == session.commit()

        assert Written.REFUSED is session.written
    (record,) = caplog.records
    assert logging.WARNING == record.levelno
    assert "session cookie 'session' was not sent again" in record.getMessage()
    assert record.getMessage().endswith("ConfigurationError: expires has passed")


def test_a_session_can_be_ended_after_its_end_has_passed(kind: Kind, clock: Clock) -> None:
    sessions = kind.sessions(expires=moment(NOW + DAY), clock=clock)
    clock.now += DAY
    session = sessions.open(kind.header({"user": 7}))

    session.destroy()

    assert kind.expires(session.commit())


def test_a_request_can_set_an_end_once_the_common_one_has_passed(kind: Kind, clock: Clock) -> None:
    sessions = kind.sessions(expires=moment(NOW + DAY), clock=clock)
    clock.now += DAY
    session = sessions.open()
    session["user"] = 7

    session.options.path = "/app"
    session.options.expires = moment(NOW + 2 * DAY)

    assert 2 * DAY == end_of(session)


@pytest.mark.parametrize("max_age", [0.999, timedelta(milliseconds=1)])
def test_a_max_age_below_a_second_is_refused(kind: Kind, max_age: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^max_age must be None or at least 1 second"):
        kind.sessions(max_age=max_age)

    session = kind.sessions(max_age=5).open()
    with pytest.raises(ConfigurationError, match=r"^max_age must be None or at least 1 second"):
        session.options.max_age = max_age
    assert 5 == session.options.max_age

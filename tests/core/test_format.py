"""The seam: a session uses only the methods of a format, and knows no signed pair.

The toy format is in ``tests/support``. The tests in ``tests/session`` run for it as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    Hidden,
    Keygrip,
    Outcome,
    Payload,
    Reading,
    RequestCookies,
    Session,
    SignedPair,
    Timestamps,
    Written,
    end_request,
    request_cookies,
)
from cookiesession_core.format import Contents
from tests.support.cookies import GONE, set_cookies
from tests.support.keys import CANARY, KEYS, OLDER, OTHER
from tests.support.toy_format import BoundToy, ToyFormat
from tests.support.visitor import NOW, URL, Clock, Visitor

IDLE = 3600
toys = CookieSession(format=ToyFormat(KEYS), name="toy")


# --- the toy, which the tests of sessions rely on --------------------------------------------


def test_the_toy_has_one_cookie_that_differs_each_time() -> None:
    first, second = toys.encode({"user": 7}), toys.encode({"user": 7})

    assert ("toy",) == toys.cookie_names == tuple(first)
    assert first != second
    assert {"user": 7} == toys.decode(first) == toys.decode(second)


def test_the_toy_verifies_its_cookie() -> None:
    value = toys.encode({"user": 7})["toy"]
    for place in range(len(value)):
        changed = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]

        assert toys.decode({"toy": changed}) is None
    assert CookieSession(format=ToyFormat([OTHER]), name="toy").decode({"toy": value}) is None
    assert CookieSession(format=ToyFormat(KEYS), name="other").decode({"other": value}) is None


# --- the duties of the format ----------------------------------------------------------------


def test_an_unchanged_session_is_not_sent_though_its_cookie_would_differ() -> None:
    session = toys.open(toys.cookie_header({"list": [1]}))

    session["list"].extend([])

    assert not session.is_changed
    assert [] == session.commit()


def test_the_timestamps_stand_in_the_seal_and_not_in_the_contents() -> None:
    clock = Clock()
    sessions = CookieSession(format=ToyFormat(KEYS), name="toy", clock=clock, idle_timeout=IDLE)
    without = CookieSession(format=ToyFormat(KEYS), name="toy")
    contents = {"_expire": 1, "user": 7}
    cookies = sessions.cookie_header(contents)

    # They take no key away from the application.
    assert contents == sessions.decode(cookies) == without.decode(cookies)
    clock.now += 2 * IDLE
    assert sessions.decode(cookies) is None
    assert contents == without.decode(cookies)


def test_a_session_is_prolonged_without_a_change_of_its_contents() -> None:
    clock = Clock()
    toy = ToyFormat(KEYS)
    visitor = Visitor(CookieSession(format=toy, clock=clock, idle_timeout=IDLE))
    visitor.request(user=7)
    before = visitor.jar.header(URL, now=0)

    clock.now += IDLE
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()

    after = visitor.jar.header(URL, now=0)
    assert before is not None
    assert after is not None
    assert before.split(".")[1] != after.split(".")[1]
    assert before.split(".")[2] == after.split(".")[2]


def test_a_session_of_a_stale_cookie_is_sealed_again() -> None:
    old = CookieSession(format=ToyFormat([OLDER]), name="toy").cookie_header({"user": 7})
    session = toys.open(old)

    assert 1 == session.key_index
    assert 0 == toys.open(session.commit()).key_index
    assert Written.RESIGNED is session.written


def test_a_format_has_its_own_defaults_for_attributes() -> None:
    toy = ToyFormat(KEYS, defaults={"same_site": "lax", "path": "/toys"})

    with_defaults = CookieSession(format=toy)
    session = with_defaults.open()
    session["a"] = 1
    assert session.commit()[0].endswith("; path=/toys; samesite=lax; httponly")

    overridden = CookieSession(format=toy, same_site=None, path="/")
    session = overridden.open()
    session["a"] = 1
    assert session.commit()[0].endswith("; path=/; httponly")


@pytest.mark.parametrize(
    "options",
    [{"keys": KEYS}, {"secret": KEYS[0]}, {"signed": True}, {"signed": False}, {"codec": object()}],
)
def test_a_format_takes_the_place_of_other_options(options: dict[str, Any]) -> None:
    said = r"format=... takes the place of keys, secret, signed and codec"

    with pytest.raises(ConfigurationError, match=said):
        CookieSession(format=ToyFormat(KEYS), **options)


def test_an_object_that_is_not_a_format_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match=r"format must be an object with bound\(\), got object"
    ):
        CookieSession(format=object())  # type: ignore[arg-type]


def test_a_signed_pair_can_be_given_as_a_format() -> None:
    sessions = CookieSession(format=SignedPair(Keygrip(KEYS)))
    session = sessions.open()
    session["user"] = 7

    assert set_cookies({"user": 7}) == session.commit()


# --- other cookies that the format has left behind -------------------------------------------


def leaving() -> CookieSession:
    return CookieSession(format=ToyFormat(KEYS, old_names=[".0", ".1"]), name="toy", path="/app")


@pytest.mark.parametrize(
    ("act", "count"),
    [
        (lambda session: session.update(user=8), 1),
        (lambda session: session.destroy(), 1),
        (lambda session: session.destroy(only_if_sent=True), 1),
        (lambda session: session.resend(), 1),
        (lambda session: session.get("user"), 0),
    ],
)
def test_leftovers_are_expired_whenever_the_session_is_sent(act: Any, count: int) -> None:
    sessions = leaving()
    session = sessions.open(f"toy.0=a; other.0=b; {sessions.cookie_header({'user': 7})}; toy.1=c")

    act(session)

    ends = [f"toy.{number}=; path=/app; {GONE}; httponly" for number in range(2 * count)]
    values = session.commit()
    assert ends == values[:-1] if count else values == []
    assert [value[:4] for value in values[-1:]] == ["toy="] * count


def test_leftovers_that_the_request_does_not_have_are_not_expired() -> None:
    session = leaving().open("toy.2=a")
    session["user"] = 7

    assert 1 == len(session.commit())


def test_a_leftover_counts_as_a_cookie_of_the_session() -> None:
    session = leaving().open("toy.1=a")

    session.destroy(only_if_sent=True)

    assert ["toy.1=", "toy="] == [value.partition(";")[0] for value in session.commit()]


def test_a_renewal_gives_way_to_a_set_cookie_value_of_a_leftovers_name() -> None:
    sessions = leaving()
    session = sessions.open(f"toy.0=a; {sessions.cookie_header({'user': 7})}")
    session.resend()

    assert ["toy.0=b"] == session.commit(["toy.0=b"])
    assert Written.NOTHING is session.written


def test_leftovers_are_expired_with_the_attributes_of_the_request() -> None:
    session = leaving().open("toy.0=a")
    session["user"] = 7
    session.options.path = "/elsewhere"

    assert f"toy.0=; path=/elsewhere; {GONE}; httponly" == session.commit()[0]


# --- the clock -------------------------------------------------------------------------------


class AskingTheTime(ToyFormat):
    """A format that asks for the time when it reads."""

    def bound(self, name: str, /) -> BoundToy:
        return BoundAsking(self, name)


class BoundAsking(BoundToy):
    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        assert NOW == clock()
        return super().read(cookies, clock)


class SevenReader:
    """Reads user 7 from every legacy cookie."""

    names = ("old",)
    options = CookieOptions()

    def read(self, _: RequestCookies, /) -> dict[str, Any]:
        return {"user": 7}


def test_a_format_reads_the_time_from_the_clock_of_the_configuration() -> None:
    sessions = CookieSession(format=AskingTheTime(KEYS), legacy=[SevenReader()], clock=Clock())

    assert {"user": 7} == sessions.decode(sessions.encode({"user": 7}))
    assert {"user": 7} == sessions.open(sessions.encode({"user": 7}))
    assert {"user": 7} == sessions.open("old=x")


def test_a_late_change_is_found_by_a_format_that_asks_for_the_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = CookieSession(format=AskingTheTime(KEYS), clock=Clock())
    session = sessions.open(sessions.encode({"cart": []}))
    cart = session["cart"]
    session.commit()
    cart.append("tea")

    end_request(session, "nobody answered")

    (record,) = caplog.records
    assert "changed under 'cart' after the response headers" in record.getMessage()


# --- a format that notes an end of its own ---------------------------------------------------


class TimedToy(ToyFormat):
    """The toy with an end in every seal."""

    def __init__(self, ttl: float | None = 3600) -> None:
        super().__init__(KEYS, defaults={"max_age": ttl})
        self.ttl = ttl

    def with_idle_timeout(self, seconds: float, /) -> TimedToy:
        return TimedToy(seconds)


def end_of(cookies: str, clock: Clock) -> float:
    """Return the seconds until the session in these cookies ends."""
    reading = TimedToy().bound("toy").read(request_cookies(cookies), clock)
    assert reading.timestamps is not None
    assert reading.timestamps.end is not None
    return reading.timestamps.end / 1000 - clock()


def kept(session: Session) -> str:
    """Return the cookies of a client that has received this response."""
    return "; ".join(value.partition(";")[0] for value in session.commit())


def test_a_save_notes_the_end_and_a_read_does_not_prolong_it() -> None:
    clock = Clock()
    sessions = CookieSession(format=TimedToy(), name="toy", clock=clock)
    cookies = sessions.cookie_header({"user": 7})
    assert 3600 == end_of(cookies, clock)

    clock.now += 3000
    reading = sessions.open(cookies)
    assert {"user": 7} == reading
    assert [] == reading.commit()
    writing = sessions.open(cookies)
    writing["user"] = 8
    assert 3600 == end_of(kept(writing), clock)

    clock.now += 661  # servers may differ by a minute
    assert Outcome.EXPIRED is sessions.open(cookies).outcome


def test_a_seal_by_the_newest_key_keeps_the_end() -> None:
    clock = Clock()
    older = TimedToy()
    older.keys = Hidden([OLDER.encode()])
    cookies = CookieSession(format=older, name="toy", clock=clock).cookie_header({"user": 7})
    sessions = CookieSession(format=TimedToy(), name="toy", clock=clock)

    clock.now += 3000
    session = sessions.open(cookies)
    assert {"user": 7} == session

    assert 600 == end_of(kept(session), clock)
    assert Written.RESIGNED is session.written


def test_a_migrated_session_gets_an_end() -> None:
    clock = Clock()
    sessions = CookieSession(format=TimedToy(), name="toy", legacy=[SevenReader()], clock=clock)
    session = sessions.open("old=x")
    assert {"user": 7} == session

    cookies = kept(session).partition("; ")[2]  # after the deletion of the legacy cookie
    assert 3600 == end_of(cookies, clock)


def test_an_idle_timeout_takes_the_place_of_the_own_end() -> None:
    clock = Clock()
    sessions = CookieSession(format=TimedToy(), name="toy", idle_timeout=600, clock=clock)
    cookies = sessions.cookie_header({"user": 7})
    assert 600 == end_of(cookies, clock)
    assert 600 == sessions.options.max_age

    clock.now += 301
    session = sessions.open(cookies)
    assert {"user": 7} == session
    assert 600 == end_of(kept(session), clock)
    assert Written.REFRESHED is session.written


def test_an_idle_timeout_for_a_format_with_an_own_end_is_checked_first() -> None:
    with pytest.raises(ConfigurationError, match=r"^idle_timeout must be"):
        CookieSession(format=TimedToy(), idle_timeout=0)


def test_a_format_may_have_no_end() -> None:
    sessions = CookieSession(format=TimedToy(None), name="toy")

    assert {"user": 7} == sessions.decode(sessions.encode({"user": 7}))


# --- defaults of the attributes --------------------------------------------------------------


def test_a_secure_cookie_by_default_is_sent_everywhere_and_by_name_over_https() -> None:
    secure = {"secure": True, "assume_https": True}

    by_default = CookieSession(format=ToyFormat(KEYS, defaults=secure))
    by_name = CookieSession(format=ToyFormat(KEYS, defaults=secure), secure=True)

    assert (True, True) == (by_default.options.secure, by_default.assume_https)
    assert (True, False) == (by_name.options.secure, by_name.assume_https)


# --- the objects between the two -------------------------------------------------------------


def test_no_object_between_session_and_format_shows_a_secret() -> None:
    contents = {"note": CANARY}
    reading = Reading(Outcome.LOADED, contents=contents, payload=CANARY, key_index=1)

    shown = [repr(each) for each in (reading, Payload(CANARY, contents), Contents(contents))]

    assert [] == [text for text in shown if CANARY in text]
    assert "Outcome.LOADED" in shown[0]
    assert "<Payload, str>" == shown[1]
    assert "<contents>" == shown[2]


def test_a_refused_reading_keeps_no_contents() -> None:
    timestamps = Timestamps(start=1, end=2)
    reading = Reading(Outcome.LOADED, "", {"user": 7}, "payload", 1, True, timestamps)

    reading.refuse(Outcome.EXPIRED)

    assert Outcome.EXPIRED is reading.outcome
    assert ({}, None, None) == (reading.contents, reading.payload, reading.timestamps)


@pytest.mark.parametrize("sessions", [toys, CookieSession(keys=KEYS, name="toy")])
def test_a_format_names_its_cookies(sessions: CookieSession) -> None:
    bound = sessions._settings.format

    assert sessions.name == bound.names[0]
    assert len(bound.names) == len(bound.expired()) == len(sessions.encode({}))
    assert "" == bound.expired()[0]
    assert CookieOptions() == sessions.options


def test_a_renewal_keeps_the_end_that_a_format_stores_by_itself() -> None:
    clock = Clock()
    timed = CookieSession(format=ToyFormat(KEYS), idle_timeout=60, clock=clock)
    cookies = timed.cookie_header({"user": 7})
    timeless = CookieSession(format=ToyFormat(KEYS), clock=clock)
    session = timeless.open(cookies)

    session.resend()

    sent = "; ".join(value.partition(";")[0] for value in session.commit())
    clock.now += 3600
    assert timed.open(sent).outcome is Outcome.EXPIRED


def test_a_save_without_a_lifetime_drops_the_end_that_a_format_stores() -> None:
    clock = Clock()
    timed = CookieSession(format=ToyFormat(KEYS), idle_timeout=60, clock=clock)
    timeless = CookieSession(format=ToyFormat(KEYS), clock=clock)
    session = timeless.open(timed.cookie_header({"user": 7}))

    session["user"] = 8

    sent = "; ".join(value.partition(";")[0] for value in session.commit())
    clock.now += 3600
    assert timed.open(sent).outcome is Outcome.LOADED


# --- a format that returns too few or too many values -----------------------------------------


class Miscounting(ToyFormat):
    """A toy with two cookies that returns values for another number of them."""

    def __init__(self, count: int) -> None:
        super().__init__(KEYS)
        self.count = count

    def bound(self, name: str, /) -> BoundToy:
        return BoundMiscounting(self, name, self.count)


class BoundMiscounting(BoundToy):
    """The miscounting toy for the cookies of one name."""

    def __init__(self, toy: ToyFormat, name: str, count: int) -> None:
        super().__init__(toy, name)
        self.names = (name, f"{name}.more")
        self.count = count

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        del payload, timestamps
        return (CANARY,) * self.count

    def expired(self) -> tuple[str, ...]:
        return (CANARY,) * self.count


def save(sessions: CookieSession) -> None:
    session = sessions.open()
    session["user"] = 7
    session.commit()


def end(sessions: CookieSession) -> None:
    session = sessions.open()
    session.destroy()
    session.commit()


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize(
    ("act", "method"),
    [(save, "seal"), (end, "expired"), (lambda sessions: sessions.encode({"user": 7}), "seal")],
)
def test_a_wrong_number_of_values_is_refused(
    count: int,
    act: Callable[[CookieSession], object],
    method: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        act(CookieSession(format=Miscounting(count)))

    assert f"the format's method {method} must return" in str(caught.value)
    assert f"2 are expected, got {count}" in str(caught.value)
    assert CANARY not in f"{caught.value}{caplog.text}"


@pytest.mark.parametrize(
    "make", [CookieSession, lambda given: CookieSession.from_arguments(given, {})]
)
def test_a_format_without_a_keyword_is_refused_with_what_was_meant(make: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"did you mean format=...\?"):
        make(ToyFormat(KEYS))

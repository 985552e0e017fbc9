"""The sessions of iron-session, through ``CookieSession``."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import pickle
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.formats.iron_seal import Ring
from cookiesession_adapters.formats.iron_session import IronSession, seal_data, unseal_data
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    Hidden,
    Outcome,
    SessionEncodeError,
    WeakKeyWarning,
    Written,
)
from tests.properties.strategies import ANY_TEXT, CONTENTS
from tests.support.cookies import GONE, sent_back
from tests.support.equality import as_read_back, nearly_equal
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.user_agent import parse_date
from tests.support.visitor import NOW, Clock, Visitor

DAY, HOUR, MINUTE = 24 * 3600, 3600, 60
TTL = 14 * DAY
BOTH = {2: NEWEST, 1: OLDER}


def sessions(password: Any = NEWEST, ttl: Any = None, **options: Any) -> CookieSession:
    """Return a configuration with the cookie ``sid``."""
    iron = IronSession(password, ttl=ttl)
    return CookieSession(**{"format": iron, "name": "sid", "clock": Clock(), **options})


def header(contents: Mapping[str, Any], password: Any = NEWEST, **options: Any) -> str:
    return sessions(password, **options).cookie_header(contents)


def end_of(cookie: str) -> str:
    """Return the end in the seal of a Cookie header or a Set-Cookie value."""
    return cookie.split("*")[5]


def chunked(cookie: str, size: int) -> str:
    """Return a Cookie header whose seal version 9 has split."""
    seal = cookie.removeprefix("sid=")
    chunks = [seal[start : start + size] for start in range(0, len(seal), size)]
    return "; ".join(f"sid.{number}={chunk}" for number, chunk in enumerate(chunks))


# --- reading and writing -----------------------------------------------------------------------


def test_a_session_is_written_and_read_back() -> None:
    visitor = Visitor(sessions(secure=False))

    assert (Outcome.ABSENT, {}, Written.SAVED) == visitor.request(user={"id": 7}, name="Zoë")
    assert (Outcome.LOADED, {"user": {"id": 7}, "name": "Zoë"}, Written.NOTHING) == (
        visitor.request()
    )
    assert ["sid"] == [cookie.name for cookie in visitor.jar.cookies(0)]


def test_a_seal_shows_nothing_of_the_contents_and_is_never_the_same() -> None:
    configured = sessions()
    first, second = (configured.encode({"user": "Zoë"})["sid"] for _ in range(2))

    assert first != second
    assert first.startswith("Fe26.2*1*")
    assert first.endswith("~2")
    assert "user" not in first


def test_a_change_inside_a_value_is_saved() -> None:
    session = sessions().open(header({"cart": [1, {"n": 2}]}))
    session["cart"][1]["n"] = 3

    (value,) = session.commit()

    assert {"cart": [1, {"n": 3}]} == sessions().decode(sent_back([value]))
    assert Written.SAVED is session.written


@pytest.mark.parametrize("value", [1.0, [1.5, None, True], {"b": 1, "a": {"c": "é"}}])
def test_a_value_that_is_set_again_is_not_a_change(value: Any) -> None:
    session = sessions().open(header({"value": value}))
    session["value"] = value

    assert [] == session.commit()


def test_an_emptied_session_is_saved_as_in_node() -> None:
    session = sessions().open(header({"user": 7}))
    session.clear()

    (value,) = session.commit()

    assert {} == sessions().decode(sent_back([value]))


def test_destroy_ends_the_cookie_with_the_attributes_of_a_save() -> None:
    session = sessions().open(header({"user": 7}))
    session.destroy()

    assert [f"sid=; path=/; {GONE}; samesite=lax; secure; httponly"] == session.commit()


@pytest.mark.parametrize("key", ["save", "destroy", "updateConfig"])
def test_a_key_that_breaks_the_session_in_node_is_refused(key: str) -> None:
    session = sessions().open()
    session.update({key: 1, "a": 2})

    with pytest.raises(SessionEncodeError, match=rf"session\['{key}'\]: int has a key that"):
        session.commit()


def test_such_a_key_inside_a_value_and_in_data_for_another_place_is_fine() -> None:
    assert {"a": {"save": 1}} == sessions().decode(header({"a": {"save": 1}}))
    assert {"save": 1} == unseal_data(seal_data({"save": 1}, NEWEST), NEWEST)


def test_the_key_of_the_timestamps_is_refused() -> None:
    session = sessions().open()
    session["$start"] = 1

    with pytest.raises(SessionEncodeError, match=r"session\['\$start'\]"):
        session.commit()


def test_encode_one_and_open_one_carry_a_session_as_one_text() -> None:
    configured = sessions()

    assert {"user": 7} == dict(configured.open_one(configured.encode_one({"user": 7})))
    assert Outcome.BAD_SIGNATURE is configured.open_one("text").outcome


def test_decode_takes_what_a_client_sends_and_what_a_server_sets() -> None:
    configured = sessions()
    session = configured.open()
    session["user"] = 7

    assert {"user": 7} == configured.decode(session.commit())
    assert {"user": 7} == configured.decode(configured.encode({"user": 7}))
    assert configured.decode("sid=x") is None


@given(CONTENTS)
def test_any_contents_come_back(contents: dict[str, Any]) -> None:
    configured = sessions(max_cookie_size=None)
    plain = {key: value for key, value in contents.items() if key != "$start"}
    try:
        cookie = configured.cookie_header(plain)
    except SessionEncodeError:
        assert not {"save", "destroy", "updateConfig"}.isdisjoint(plain)
        return

    assert nearly_equal(as_read_back(plain), configured.decode(cookie))


# --- cookies that hold no session --------------------------------------------------------------


def outcome(cookie: str, password: Any = NEWEST, **options: Any) -> Outcome:
    session = sessions(password, **options).open(cookie)
    session.get("user")
    assert [] == session.commit()
    return session.outcome


GOOD = header({"user": 7})
PARTS = GOOD.removeprefix("sid=").split("*")


def with_part(number: int, text: str) -> str:
    """Return the good cookie with another part, and the old MAC."""
    return "sid=" + "*".join([*PARTS[:number], text, *PARTS[number + 1 :]])


@pytest.mark.parametrize(
    "cookie",
    [
        "sid=x",
        "sid=" + "*" * 7,
        with_part(0, "Fe26.1"),
        with_part(1, "2"),
        with_part(1, "toString"),
        with_part(1, "01"),
        with_part(2, "0" * 64),
        with_part(2, "0" * 60_000),
        with_part(2, PARTS[2].upper()),
        with_part(3, "A" * 22),
        with_part(4, "A" * 43),
        with_part(4, ""),
        with_part(5, "9" * 13),
        with_part(5, ""),
        with_part(5, "\ud800"),
        with_part(5, "é"),
        with_part(6, "0" * 64),
        with_part(7, "A" * 43),
        with_part(7, PARTS[7].partition("~")[0] + "="),
        GOOD.replace("~", "*~"),
        header({"user": 7}, OTHER),
        header({"user": 7}, {7: NEWEST}),
    ],
)
def test_a_forged_seal_is_not_loaded(cookie: str) -> None:
    assert Outcome.BAD_SIGNATURE is outcome(cookie)


def test_the_mark_of_the_version_does_not_count() -> None:
    bare = GOOD.partition("~")[0]

    for mark in ("", "~", "~1", "~2~2", "~x*"):
        assert Outcome.LOADED is outcome(bare + mark)


def mac(sealed: list[str], salt: str, password: str = NEWEST) -> str:
    """Return the MAC of the first six parts, by the standard library alone."""
    key = hashlib.pbkdf2_hmac("sha1", password.encode(), salt.encode(), 1, 32)
    digest = hmac.digest(key, "*".join(sealed).encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def resealed(text: bytes, end: str = "", password: str = NEWEST) -> str:
    """Return a cookie with a right MAC whose text or end need not be those of a session."""
    seal = Ring(Hidden({1: password})).sealed(Hidden(text), None)
    if not end:
        return f"sid={seal}"
    parts = seal.split("*")
    parts[5] = end
    parts[7] = mac(parts[:6], parts[6], password)
    return "sid=" + "*".join(parts)


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[1]", b'"x"', b"{", b'{"a":NaN}', b"\xff", b"[" * 100_000, b'{"a":' * 100_000],
)
def test_a_seal_that_holds_no_object_is_malformed(text: bytes) -> None:
    assert Outcome.MALFORMED is outcome(resealed(text))


def test_a_byte_order_mark_before_the_json_is_skipped_as_in_node() -> None:
    assert {"user": 7} == sessions().decode(resealed(b'\xef\xbb\xbf{"user":7}'))


@pytest.mark.parametrize("text", ["A", "AAAA", "A" * 21, "A" * 22, "A" * 64])
def test_a_text_that_is_not_of_whole_blocks_or_has_no_padding_is_malformed(text: str) -> None:
    sealed = [*PARTS[:4], text, PARTS[5]]
    cookie = "sid=" + "*".join([*sealed, PARTS[6], mac(sealed, PARTS[6])])

    assert Outcome.MALFORMED is outcome(cookie)


@given(ANY_TEXT | st.sampled_from(PARTS), st.integers(0, 7), ANY_TEXT)
def test_no_text_raises(text: str, place: int, rest: str) -> None:
    configured = sessions(BOTH)
    for value in (text, f"Fe26.2*{text}", "*".join([*PARTS[:place], text, *PARTS[place:]]) + rest):
        for cookies in ({"sid": value}, {"sid.0": value, "sid.1": rest}, f"sid={value}"):
            session = configured.open(cookies)
            session.get("user")
            assert [] == session.commit()
            assert session.outcome is not Outcome.LOADED or dict(session) == {"user": 7}
        assert unseal_data(value, NEWEST, clock=Clock()) in (None, {"user": 7})


# --- the end -----------------------------------------------------------------------------------


def test_a_session_ends_a_minute_after_the_end_in_its_seal() -> None:
    clock = Clock()
    configured = sessions(ttl=HOUR, clock=clock)
    cookie = configured.cookie_header({"user": 7})

    clock.now = NOW + HOUR + MINUTE - 0.001
    assert {"user": 7} == configured.decode(cookie)
    clock.now = NOW + HOUR + MINUTE
    assert configured.decode(cookie) is None
    assert Outcome.EXPIRED is configured.open(cookie).outcome


def test_the_ttl_of_a_reader_does_not_count() -> None:
    clock = Clock(NOW + 2 * HOUR)
    cookie = header({"user": 7}, ttl=DAY)

    assert {"user": 7} == sessions(ttl=HOUR, clock=clock).decode(cookie)


@pytest.mark.parametrize(
    ("ttl", "seconds", "max_age"),
    [
        (None, TTL, TTL - 60),
        (HOUR, HOUR, HOUR - 60),
        (timedelta(hours=2), 2 * HOUR, 2 * HOUR - 60),
        (61, 61, 1),
        (60, 60, 60),
        (0.5, 0.5, 1),
        (0, None, 2**31 - 1),
        (timedelta(0), None, 2**31 - 1),
    ],
)
def test_ttl_sets_the_end_and_a_max_age_that_is_a_minute_shorter(
    ttl: Any, seconds: float | None, max_age: float
) -> None:
    configured = sessions(ttl=ttl)
    cookie = configured.cookie_header({"user": 7})

    assert ("" if seconds is None else str(int((NOW + seconds) * 1000))) == end_of(cookie)
    assert max_age == configured.options.max_age


def test_a_session_without_an_end_stays() -> None:
    clock = Clock()
    configured = sessions(ttl=0, clock=clock)
    cookie = configured.cookie_header({"user": 7})
    clock.now += 1000 * TTL

    assert {"user": 7} == configured.decode(cookie)


@pytest.mark.parametrize("ttl", [-1, float("nan"), float("inf"), 1e15, True, "60", [60]])
def test_a_wrong_ttl_is_refused(ttl: Any) -> None:
    for make in (IronSession, lambda password, ttl: seal_data({}, password, ttl=ttl)):
        with pytest.raises(ConfigurationError, match="ttl must be 0 or a positive number"):
            make(NEWEST, ttl=ttl)


def test_reading_never_prolongs_a_session_by_itself() -> None:
    clock = Clock()
    visitor = Visitor(sessions(ttl=HOUR, clock=clock, secure=False))
    visitor.request(user=7)
    clock.now += 50 * MINUTE

    assert (Outcome.LOADED, {"user": 7}, Written.NOTHING) == visitor.request()
    clock.now += 12 * MINUTE
    assert Outcome.EXPIRED is visitor.request()[0]


def test_a_save_begins_the_ttl_anew() -> None:
    clock = Clock()
    visitor = Visitor(sessions(ttl=HOUR, clock=clock, secure=False))
    visitor.request(user=7)
    clock.now += 50 * MINUTE
    visitor.request(user=8)
    clock.now += 50 * MINUTE

    assert (Outcome.LOADED, {"user": 8}, Written.NOTHING) == visitor.request()


def test_idle_timeout_takes_the_place_of_ttl_and_prolongs() -> None:
    clock = Clock()
    visitor = Visitor(sessions(idle_timeout=HOUR, clock=clock, secure=False))
    visitor.request(user=7)
    assert str((NOW + HOUR) * 1000) == end_of(visitor.jar.value("sid"))

    clock.now += 29 * MINUTE
    assert Written.NOTHING is visitor.request()[2]
    clock.now += 2 * MINUTE
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    clock.now += 59 * MINUTE
    assert Outcome.LOADED is visitor.request()[0]
    assert HOUR - 60 == visitor.sessions.options.max_age


def test_a_session_of_node_without_an_end_gets_one_by_idle_timeout() -> None:
    session = sessions(idle_timeout=HOUR).open(header({"user": 7}, ttl=0))
    session.get("user")

    (value,) = session.commit()

    assert Written.REFRESHED is session.written
    assert str((NOW + HOUR) * 1000) == end_of(value)


@pytest.mark.parametrize("idle_timeout", [HOUR, timedelta(hours=1), float(HOUR)])
def test_ttl_and_an_equal_idle_timeout_are_one(idle_timeout: Any) -> None:
    assert HOUR - 60 == sessions(ttl=HOUR, idle_timeout=idle_timeout).options.max_age


@pytest.mark.parametrize("ttl", [HOUR + 1, 0])
def test_ttl_and_another_idle_timeout_are_refused(ttl: float) -> None:
    with pytest.raises(ConfigurationError, match=f"ttl of {ttl} seconds and idle_timeout is 3600"):
        sessions(ttl=ttl, idle_timeout=HOUR)


def test_one_format_serves_two_configurations_with_other_timeouts() -> None:
    iron = IronSession(NEWEST)

    ages = [
        CookieSession(format=iron, idle_timeout=idle_timeout).options.max_age
        for idle_timeout in (HOUR, DAY, None)
    ]
    assert [HOUR - 60, DAY - 60, TTL - 60] == ages


def test_absolute_timeout_ends_a_session_that_is_used() -> None:
    clock = Clock()
    options = {"absolute_timeout": HOUR, "clock": clock, "secure": False}
    visitor = Visitor(sessions(idle_timeout=40 * MINUTE, **options))
    visitor.request(user=7)
    assert {"user": 7, "$start": NOW * 1000} == unseal_data(
        visitor.jar.value("sid"), NEWEST, clock=clock
    )

    clock.now += 30 * MINUTE
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    assert str((NOW + HOUR) * 1000) == end_of(visitor.jar.value("sid"))
    clock.now += 31 * MINUTE + 1
    assert Outcome.EXPIRED is visitor.request()[0]


def test_expires_counts_only_without_the_max_age_of_the_format() -> None:
    tomorrow = datetime.fromtimestamp(NOW + DAY, timezone.utc)
    found = []
    for options in ({}, {"max_age": None}):
        session = sessions(expires=tomorrow, **options).open(None)
        session["user"] = 7
        (line,) = session.commit()
        found.append(parse_date(line.partition("; expires=")[2].partition(";")[0]))

    assert [NOW + TTL - MINUTE, NOW + DAY] == found


def test_a_session_that_is_used_is_sent_before_the_browser_drops_it() -> None:
    """The seal notes only the end. So the last write is its end without the idle time."""
    clock = Clock()
    configured = sessions(idle_timeout=HOUR, max_age=10 * MINUTE, clock=clock)
    cookies = configured.cookie_header({"user": 7})
    found = []
    for clock.now in (NOW, NOW + 5 * MINUTE, NOW + 5 * MINUTE + 1):
        session = configured.open(cookies)
        assert {"user": 7} == session
        found.append(len(session.commit()))

    assert [0, 0, 1] == found


@pytest.mark.parametrize(
    ("max_age", "left", "sent"),
    [
        (10 * MINUTE, 11 * MINUTE + 1, 1),
        (10 * MINUTE, 11 * MINUTE, 0),
        (None, HOUR, 0),
        (HOUR - MINUTE, HOUR, 0),  # the default of the format
    ],
)
def test_before_its_absolute_end_a_session_is_sent_if_the_browser_would_drop_it(
    max_age: float | None, left: int, sent: int
) -> None:
    """The end is the same at each write. So it does not tell the last one."""
    clock = Clock()
    timeouts = {"idle_timeout": HOUR, "absolute_timeout": HOUR}
    configured = sessions(**timeouts, max_age=max_age, clock=clock)
    cookies = configured.cookie_header({"user": 7})
    clock.now += HOUR - left
    session = configured.open(cookies)

    assert {"user": 7} == session
    assert sent == len(session.commit())


def test_the_start_of_a_session_survives_a_save_by_node() -> None:
    clock = Clock()
    configured = sessions(absolute_timeout=HOUR, clock=clock)
    kept = unseal_data(configured.encode({"user": 7})["sid"], NEWEST, clock=clock)
    assert kept is not None
    saved_by_node = "sid=" + seal_data({**kept, "user": 8}, NEWEST, clock=clock)
    clock.now += HOUR + MINUTE

    assert {"user": 8} == configured.decode(saved_by_node)
    clock.now += 1
    assert configured.decode(saved_by_node) is None


def test_another_value_that_node_keeps_as_the_start_is_dropped_by_the_next_save() -> None:
    configured = sessions()
    seal = seal_data({"$start": "of the race", "user": 7}, NEWEST, clock=Clock())
    session = configured.open(f"sid={seal}")

    assert {"user": 7} == session
    assert [] == configured.open(f"sid={seal}").commit()
    session["user"] = 8
    (line,) = session.commit()
    saved = sent_back([line]).removeprefix("sid=")
    assert {"user": 8} == unseal_data(saved, NEWEST, clock=Clock())


def test_a_session_without_a_start_gets_one_when_it_is_touched() -> None:
    session = sessions(absolute_timeout=HOUR).open(header({"user": 7}))

    assert {"user": 7} == dict(session)
    (value,) = session.commit()
    assert {"user": 7, "$start": NOW * 1000} == unseal_data(
        sent_back([value]).removeprefix("sid="), NEWEST, clock=Clock()
    )


# --- passwords ---------------------------------------------------------------------------------


def test_the_greatest_id_seals_and_each_opens_its_own() -> None:
    passwords: dict[Any, str] = {10: NEWEST, "9": OLDER, 2: OTHER}

    assert GOOD.startswith("sid=Fe26.2*1*")
    assert header({}, passwords).startswith("sid=Fe26.2*10*")
    for index, (name, password) in enumerate(passwords.items()):
        session = sessions(passwords).open(header({"user": 7}, {int(name): password}))
        assert (index, {"user": 7}) == (session.key_index, dict(session))


def test_a_password_alone_has_the_id_1() -> None:
    assert Outcome.LOADED is outcome(header({"user": 7}, {1: NEWEST}))


def test_after_a_rotation_the_first_touch_seals_anew_and_keeps_the_end() -> None:
    old = header({"user": 7}, OLDER)
    session = sessions(BOTH, clock=Clock(NOW + DAY)).open(old)

    assert (1, {"user": 7}) == (session.key_index, dict(session))
    (value,) = session.commit()

    assert Written.RESIGNED is session.written
    assert value.startswith("sid=Fe26.2*2*")
    assert end_of(old) == end_of(value)
    again = sessions({2: NEWEST}).open(sent_back([value]))
    assert (0, {"user": 7}, []) == (again.key_index, dict(again), again.commit())


@pytest.mark.parametrize("end", ["9" * 400, "9" * 5000])
def test_after_a_rotation_an_end_beyond_all_dates_is_the_last_date(end: str) -> None:
    session = sessions(BOTH).open(resealed(b'{"user":7}', end, OLDER))
    session.get("user")

    (value,) = session.commit()

    assert "8640000000000000" == end_of(value)


def test_an_untouched_session_of_an_older_password_is_not_sent() -> None:
    assert [] == sessions(BOTH).open(header({"user": 7}, OLDER)).commit()


@pytest.mark.parametrize(
    ("password", "message"),
    [
        (None, "a mapping of ids to str, got NoneType: is the environment variable set"),
        (7, "a password must be str, or a mapping of ids to str, got int"),
        (NEWEST.encode(), "a password must be str, or a mapping of ids to str, got bytes"),
        (KEYS, "a password must be str, or a mapping of ids to str, got list"),
        ({}, "at least one password"),
        ("", "password 1 must have at least 32 characters"),
        (NEWEST[:31], "password 1 must have at least 32 characters"),
        ({1: NEWEST, 2: "short one of the two"}, "password 2 must have at least 32 characters"),
        ({1: NEWEST.encode()}, "password 1 must be str, got bytes"),
        ({"a": NEWEST}, "the id of a password must be a whole number such as 1, got str"),
        ({NEWEST: 1}, "the id of a password must be a whole number such as 1, got str"),
        ({"01": NEWEST}, "the id of a password must be a whole number"),
        ({-1: NEWEST}, "the id of a password must be a whole number"),
        ({1.0: NEWEST}, "the id of a password must be a whole number such as 1, got float"),
        ({True: NEWEST}, "the id of a password must be a whole number such as 1, got bool"),
        ({1: NEWEST, "1": OLDER}, "two passwords have the same id"),
    ],
    ids=str,
)
def test_wrong_passwords_are_refused_at_construction(password: Any, message: str) -> None:
    for make in (IronSession, lambda it: seal_data({}, it), lambda it: unseal_data("", it)):
        with pytest.raises(ConfigurationError, match=message) as caught:
            make(password)

        assert NEWEST not in str(caught.value)
        assert "short one" not in str(caught.value)


def test_characters_of_a_password_are_counted_as_in_node() -> None:
    astral = "\N{GRINNING FACE}" * 16

    assert {"a": 1} == sessions(astral).decode(header({"a": 1}, astral))
    with pytest.raises(ConfigurationError, match="at least 32 characters"):
        IronSession(astral[:-1])


def test_a_short_older_password_opens_nothing_and_the_warning_names_the_line() -> None:
    short = "short.older.password"
    makers: list[Callable[[], object]] = [
        lambda: IronSession({2: NEWEST, 1: short}),
        lambda: seal_data({}, {2: NEWEST, 1: short}),
        lambda: unseal_data("", {2: NEWEST, 1: short}),
    ]
    for make in makers:
        with pytest.warns(WeakKeyWarning, match="password 1 has less than 32 characters") as caught:
            make()
        assert [__file__] == [each.filename for each in caught]
        assert short not in str(caught[0].message)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakKeyWarning)
        configured = sessions({2: NEWEST, 1: short})
    assert Outcome.BAD_SIGNATURE is configured.open(GOOD).outcome
    assert {"a": 1} == configured.decode(configured.cookie_header({"a": 1}))


# --- attributes --------------------------------------------------------------------------------


def attributes(**options: Any) -> str:
    session = sessions(**options).open()
    session["user"] = 7
    return "".join(session.commit()).partition(";")[2]


DATE = "expires=Tue, 28 Nov 2023 22:12:20 GMT"
"""In 14 days, less a minute."""


def test_attributes_that_are_not_given_are_those_of_iron_session() -> None:
    assert f" path=/; {DATE}; samesite=lax; secure; httponly" == attributes()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"secure": False}, f" path=/; {DATE}; samesite=lax; httponly"),
        ({"secure": None}, f" path=/; {DATE}; samesite=lax; httponly"),
        ({"same_site": None}, f" path=/; {DATE}; secure; httponly"),
        ({"same_site": "strict"}, f" path=/; {DATE}; samesite=strict; secure; httponly"),
        ({"max_age": None}, " path=/; samesite=lax; secure; httponly"),
        (
            {"max_age": 60},
            " path=/; expires=Tue, 14 Nov 2023 22:14:20 GMT; samesite=lax; secure; httponly",
        ),
        (
            {"max_age": lambda contents: 60 if contents else None},
            " path=/; expires=Tue, 14 Nov 2023 22:14:20 GMT; samesite=lax; secure; httponly",
        ),
    ],
)
def test_an_attribute_that_is_given_counts(options: dict[str, Any], expected: str) -> None:
    assert expected == attributes(**options)


@pytest.mark.parametrize("max_age", [None, 60, lambda _: 60])
def test_the_seal_ends_by_ttl_whatever_max_age_is(max_age: Any) -> None:
    session = sessions(max_age=max_age, ttl=HOUR).open()
    session["user"] = 7

    assert str((NOW + HOUR) * 1000) == end_of(session.commit()[0])


def test_secure_by_default_is_sent_over_plain_http_as_in_node_and_by_name_is_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert "; secure" in attributes()
    assert not caplog.records

    assert not attributes(secure=True)
    assert "secure=True over plain HTTP" in caplog.text


def test_a_ttl_beyond_400_days_warns_as_a_max_age_does(recwarn: pytest.WarningsRecorder) -> None:
    sessions(ttl=0)
    assert [] == list(recwarn)

    with pytest.warns(UserWarning, match="was it meant in milliseconds"):
        sessions(ttl=TTL * 1000)


# --- chunks, and several cookies ---------------------------------------------------------------

LARGE = header({"text": "x" * 6000}, max_cookie_size=None)


@pytest.mark.parametrize("cookie", [chunked(GOOD, 100), chunked(LARGE, 4000), chunked(GOOD, 1000)])
def test_a_session_in_chunks_is_read_and_nothing_is_sent(cookie: str) -> None:
    assert Outcome.LOADED is outcome(cookie)


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        # A whole cookie has precedence, also a wrong one, as in Node.
        (f"{GOOD}; sid.0=x", Outcome.LOADED),
        (f"sid=x; {chunked(GOOD, 100)}", Outcome.BAD_SIGNATURE),
        (f"sid=; {chunked(GOOD, 100)}", Outcome.LOADED),
        (chunked(GOOD, 100).replace("sid.1", "sid.9"), Outcome.BAD_SIGNATURE),
        (f"{chunked(LARGE, 6000)}; sid.3=left", Outcome.LOADED),
        (f"{chunked(GOOD, 150)}; sid.0=x", Outcome.LOADED),
        ("sid.1=x", Outcome.ABSENT),
        ("sid.0=; sid.1=x", Outcome.ABSENT),
        (chunked(GOOD, 60), Outcome.BAD_SIGNATURE),
        ("sid-other=x; sidx=y", Outcome.ABSENT),
    ],
)
def test_chunks_count_up_to_the_first_gap_if_there_is_no_whole_cookie(
    cookie: str, expected: Outcome
) -> None:
    assert expected is outcome(cookie)


def test_the_chunks_of_a_request_are_expired_with_a_save_and_a_log_out() -> None:
    gone = f"; path=/; {GONE}; samesite=lax; secure; httponly"
    expired = [f"sid.0={gone}", f"sid.1={gone}", f"sid.2={gone}"]
    cookie = chunked(header({"user": 7}), 100)
    session = sessions().open(cookie)
    session["user"] = 8

    *chunks, whole = session.commit()
    assert expired == chunks
    assert {"user": 8} == sessions().decode(sent_back([whole]))

    session = sessions().open(cookie)
    session.destroy()
    assert [*expired, f"sid={gone}"] == session.commit()
    session = sessions().open(cookie)
    session.destroy(only_if_sent=True)
    assert [*expired, f"sid={gone}"] == session.commit()


def test_a_large_session_is_never_split() -> None:
    session = sessions().open()
    session["text"] = "x" * 6000

    with pytest.raises(CookieTooLargeError):
        session.commit()


def test_a_line_for_a_chunk_of_another_writer_stays_beside_a_save() -> None:
    session = sessions().open(GOOD)
    session["user"] = 8

    kept = session.commit(["sid.0=x", "sid=old"])

    assert ["sid.0", "sid"] == [value.partition("=")[0] for value in kept]


@pytest.mark.parametrize("tossed", ["sid=x", f"sid={'*' * 7}", header({"user": 8}, OTHER)])
def test_a_forged_cookie_before_ours_does_not_hide_it(tossed: str) -> None:
    assert Outcome.LOADED is outcome(f"{tossed}; {tossed}; {tossed}; {GOOD}")
    assert Outcome.BAD_SIGNATURE is outcome(f"{tossed}; {tossed}; {tossed}; {tossed}; {GOOD}")


@pytest.mark.parametrize(
    "value",
    [quote(GOOD[4:]), f'"{GOOD[4:]}"', f" {GOOD[4:]} ", f'"{quote(GOOD[4:], safe="")}"'],
)
def test_a_value_is_read_as_the_cookie_parser_of_node_does(value: str) -> None:
    assert Outcome.LOADED is outcome(f"sid={value}")


def test_white_space_that_is_percent_encoded_counts() -> None:
    assert Outcome.BAD_SIGNATURE is outcome(f"sid=%20{GOOD[4:]}")


# --- size --------------------------------------------------------------------------------------


def test_2831_bytes_of_json_fit_into_a_cookie_of_the_usual_name() -> None:
    def size(length: int) -> int:
        session = sessions().open()
        session["a"] = "x" * (length - len('{"a":""}'))
        return len(session.commit()[0])

    assert 4093 >= size(2831)
    with pytest.raises(CookieTooLargeError):
        size(2832)


def test_the_error_about_a_large_cookie_names_the_largest_keys_by_their_own_size() -> None:
    session = sessions().open()
    session.update(text="x" * 3000, user=7, cart=["tea"] * 100)

    with pytest.raises(CookieTooLargeError) as caught:
        session.commit()

    sizes = caught.value.sizes
    assert ["text", "cart", "user"] == [*sizes]
    # In base64, three bytes take four characters.
    assert (4012, 812, 12) == tuple(sizes.values())


# --- moving from and to another format ---------------------------------------------------------


def follow(configured: CookieSession, cookie: str) -> tuple[dict[str, Any], list[str], Any]:
    session = configured.open(cookie, https=True)
    contents = dict(session)
    return contents, session.commit(), session.written


@pytest.mark.parametrize("name", ["sid", "session"])
def test_a_session_of_cookie_session_moves_to_iron_session(name: str) -> None:
    old = CookieSession(keys=KEYS, name="sid")
    new = sessions(name=name, legacy=[old])

    contents, values, written = follow(new, old.cookie_header({"user": 7}))

    assert ({"user": 7}, Written.RESIGNED) == (contents, written)
    names = ["sid.sig", "sid"] if name == "sid" else ["sid", "sid.sig", "session"]
    assert names == [value.partition("=")[0] for value in values]
    assert all(GONE in value for value in values[:-1])
    assert ({"user": 7}, [], Written.NOTHING) == follow(new, sent_back(values[-1:]))


@pytest.mark.parametrize("chunk", [False, True])
@pytest.mark.parametrize("name", ["sid", "session"])
def test_a_session_of_iron_session_moves_to_cookie_session(name: str, *, chunk: bool) -> None:
    old = sessions()
    new = CookieSession(keys=KEYS, name=name, clock=Clock(), legacy=[old])
    cookie = old.cookie_header({"user": 7})

    contents, values, written = follow(new, chunked(cookie, 200) if chunk else cookie)

    assert ({"user": 7}, Written.RESIGNED) == (contents, written)
    expired = [value.partition("=")[0] for value in values[:-2]]
    assert expired == (["sid.0", "sid.1"] if chunk else [] if name == "sid" else ["sid"])
    assert ({"user": 7}, [], Written.NOTHING) == follow(new, sent_back(values[-2:]))


def test_behind_a_proxy_that_does_not_tell_https_a_log_out_ends_the_old_cookie_as_well() -> None:
    new = CookieSession(keys=KEYS, legacy=[sessions()])
    session = new.open(GOOD)
    assert {"user": 7} == dict(session)
    session.destroy()

    assert [f"sid=; path=/; {GONE}; samesite=lax; secure; httponly"] == session.commit()[:-2]


def test_a_session_that_has_ended_or_is_forged_does_not_move() -> None:
    old = sessions(ttl=HOUR, clock=Clock(NOW + DAY))
    new = CookieSession(keys=KEYS, legacy=[old])

    for cookie in (header({"user": 7}, ttl=HOUR), header({"user": 7}, OTHER)):
        assert ({}, [], Written.NOTHING) == follow(new, cookie)


# --- the objects -------------------------------------------------------------------------------


def test_two_formats_are_equal_if_their_names_and_passwords_are() -> None:
    def bound(password: Any, name: str = "sid") -> Any:
        return IronSession(password).bound(name)

    assert bound(NEWEST) == bound({1: NEWEST}) == bound({"1": NEWEST})
    assert hash(bound(NEWEST)) == hash(bound({1: NEWEST}))
    assert hash(Ring(Hidden(NEWEST))) == hash(Ring(Hidden({1: NEWEST})))
    for other in (bound(OLDER), bound({2: NEWEST}), bound(BOTH), bound(NEWEST, "other"), NEWEST):
        assert bound(NEWEST) != other
    assert Ring(Hidden(NEWEST)) != NEWEST


def test_no_repr_shows_a_password() -> None:
    iron = IronSession(BOTH)
    bound = iron.bound("sid")

    assert f"<IronSession, ttl={TTL}>" == repr(iron)
    shown = [iron, bound, bound._ring, bound._ring.unsealed(GOOD[4:], NOW), sessions(BOTH)]
    assert [] == [each for each in shown for text in (NEWEST, "user") if text in repr(each)]
    for kind in (IronSession, Ring):
        assert repr(kind.__new__(kind))


def test_a_format_is_copied_as_itself_and_not_pickled() -> None:
    iron = IronSession(NEWEST)

    assert iron is copy.copy(iron) is copy.deepcopy(iron)
    for each in (iron, iron.bound("sid")._ring):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(each)


# --- seals for other places --------------------------------------------------------------------


def test_a_seal_for_a_link_ends_by_its_ttl() -> None:
    clock = Clock()
    seal = seal_data({"email": "ada@example.com"}, NEWEST, ttl=timedelta(minutes=15), clock=clock)

    assert {"email": "ada@example.com"} == unseal_data(seal, NEWEST, clock=clock)
    clock.now += 16 * MINUTE
    assert unseal_data(seal, NEWEST, clock=clock) is None
    assert unseal_data(seal, OLDER, clock=Clock()) is None
    assert unseal_data(seal_data({}, NEWEST, ttl=0, clock=Clock()), NEWEST) == {}


def test_a_seal_for_a_link_is_a_session_if_the_password_is_the_same() -> None:
    seal = seal_data({"email": "ada@example.com"}, NEWEST, clock=Clock())

    assert {"email": "ada@example.com"} == sessions().decode({"sid": seal})


def test_seals_take_and_give_mappings_only() -> None:
    with pytest.raises(TypeError, match="the data of a seal must be a mapping, got list"):
        seal_data([("a", 1)], NEWEST)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a seal must be str, got bytes"):
        unseal_data(b"x", NEWEST)  # type: ignore[arg-type]
    with pytest.raises(SessionEncodeError, match=r"session\['a'\]: set"):
        seal_data({"a": {1}}, NEWEST)
    assert unseal_data(resealed(json.dumps([1]).encode())[4:], NEWEST) is None

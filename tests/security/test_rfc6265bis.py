"""The rules of RFC 6265bis for servers, tested with a user agent that follows this RFC.

``tests/core/test_attributes.py`` shows which configurations are refused. The tests here show that
browsers keep the cookies that are sent, and that they drop them again.
"""

from __future__ import annotations

import string
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cookiesession_core import (
    ConfigurationError,
    CookieLifetimeWarning,
    CookieOptions,
    CookieSession,
    Outcome,
    Written,
)
from tests.properties.strategies import CONTENTS
from tests.support.keys import KEYS, OLDER, OTHER
from tests.support.user_agent import MAX_LIFETIME, MAX_PAIR_BYTES, Cookie, CookieJar
from tests.support.visitor import Clock

URL = "https://shop.example.com/app/page"
NOW = 1_700_000_000


def send(sessions: CookieSession, jar: CookieJar, url: str = URL, **changes: Any) -> list[str]:
    """Let a user agent ask for ``url`` once; return the Set-Cookie values that it has stored."""
    session = sessions.open(jar.header(url, now=NOW), https=url.startswith("https:"))
    dict(session)
    session.update(changes)
    set_cookies = session.commit()
    for each in set_cookies:
        jar.store(each, url, now=NOW)
    return set_cookies


def stored(jar: CookieJar) -> list[Cookie]:
    return jar.cookies(NOW)


# --- sizes and lifetimes ---------------------------------------------------------------------


@given(
    st.integers(0, 9000),
    st.sampled_from(["s", "session", "a-name-of-some-forty-characters-and-no-less"]),
)
def test_a_cookie_within_the_default_limit_is_always_kept_and_no_larger_one_is_sent(
    size: int, name: str
) -> None:
    sessions, jar = CookieSession(keys=KEYS, name=name), CookieJar()
    session = sessions.open()
    session["text"] = "x" * size
    unlimited = CookieSession(keys=KEYS, name=name, max_cookie_size=None).open()
    unlimited["text"] = "x" * size
    set_cookies = unlimited.commit()

    if max(map(len, set_cookies)) <= 4093:
        assert set_cookies == session.commit()
        assert all(jar.store(each, URL, now=NOW) for each in set_cookies)
        assert {"text": "x" * size} == dict(sessions.open(jar.header(URL, now=NOW)))
    else:
        with pytest.raises(Exception, match="bytes, 4093 are allowed"):
            session.commit()


def test_without_a_limit_the_browser_drops_a_large_value_and_keeps_the_signature() -> None:
    sessions, jar = CookieSession(keys=KEYS, max_cookie_size=None), CookieJar()

    set_cookies = send(sessions, jar, text="x" * 3060)

    assert len(set_cookies[0].partition(";")[0]) > MAX_PAIR_BYTES + 1
    assert ["session.sig"] == [cookie.name for cookie in stored(jar)]
    assert Outcome.ABSENT is sessions.open(jar.header(URL, now=NOW)).outcome


@pytest.mark.parametrize("seconds", [1, 60, 3600.5, 400 * 24 * 3600])
def test_the_browser_ends_a_cookie_when_max_age_says_so(seconds: float) -> None:
    sessions, jar = CookieSession(keys=KEYS, max_age=seconds, clock=lambda: NOW), CookieJar()

    send(sessions, jar, user=7)

    assert {NOW + int(seconds)} == {cookie.expires for cookie in stored(jar)}


def test_browsers_cut_lifetimes_of_more_than_400_days() -> None:
    jar = CookieJar()
    with pytest.warns(CookieLifetimeWarning):
        sessions = CookieSession(keys=KEYS, max_age=timedelta(days=1000), clock=lambda: NOW)

    send(sessions, jar, user=7)

    assert {NOW + MAX_LIFETIME} == {cookie.expires for cookie in stored(jar)}


@pytest.mark.parametrize("expires", [datetime(2024, 1, 1, tzinfo=timezone.utc), None])
def test_both_cookies_last_equally_long(expires: datetime | None) -> None:
    jar = CookieJar()

    send(CookieSession(keys=KEYS, expires=expires, clock=Clock()), jar, user=7)

    moment = None if expires is None else expires.timestamp()
    assert [moment, moment] == [cookie.expires for cookie in stored(jar)]


def test_a_cookie_that_a_browser_kept_for_too_long_is_judged_by_the_server() -> None:
    clock = [float(NOW)]
    sessions = CookieSession(keys=KEYS, max_age=60, absolute_timeout=60, clock=lambda: clock[0])
    jar = CookieJar()
    send(sessions, jar, user=7)
    kept_for_good = jar.header(URL, now=NOW)
    clock[0] += 3600

    assert jar.header(URL, now=clock[0]) is None
    assert Outcome.EXPIRED is sessions.open(kept_for_good).outcome


# --- names and values ------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::cookiesession_core.CookieNameWarning")
@given(st.text(string.printable, min_size=1, max_size=12))
def test_every_accepted_name_comes_back_and_is_distinct(name: str) -> None:
    try:
        sessions = CookieSession(keys=KEYS, name=name, assume_https=True)
    except ConfigurationError:
        assume(False)
    jar = CookieJar()
    jar.store("other=1", URL, now=NOW)

    send(sessions, jar, user=7)

    assert {"other", name, f"{name}.sig"} == {cookie.name for cookie in stored(jar)}
    assert {"user": 7} == dict(sessions.open(jar.header(URL, now=NOW)))


@given(CONTENTS)
def test_a_value_is_made_of_cookie_octets_alone(contents: dict[str, Any]) -> None:
    cookie_octets = {*map(chr, range(0x21, 0x7F))} - set('",;\\')

    for value in CookieSession(keys=KEYS).encode(contents).values():
        assert set(value) <= cookie_octets


# --- attributes ------------------------------------------------------------------------------

ANY_PATH = pytest.mark.filterwarnings("ignore::cookiesession_core.ConfigurationWarning")
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "max_age": st.floats(1, MAX_LIFETIME),
        "expires": st.datetimes(timezones=st.just(timezone.utc)),
        "path": st.sampled_from([None, "", "/", "/app", "/app/page", "relative"]),
        "domain": st.sampled_from([None, "", "shop.example.com", "example.com", ".example.com"]),
        "secure": st.sampled_from([None, True, False]),
        "http_only": st.booleans(),
        "same_site": st.sampled_from([None, False, True, "", "lax", "Strict", "none"]),
        "partitioned": st.booleans(),
        "priority": st.sampled_from([None, "", "low", "High"]),
        "overwrite": st.booleans(),
    },
)
NAMES = st.sampled_from(["session", "__Host-session", "__Secure-session", "__hOST-a", "__SECURE-a"])
KNOWN = {"path", "expires", "domain", "priority", "samesite", "secure", "httponly", "partitioned"}


def accepted(name: str, options: dict[str, Any]) -> CookieSession:
    try:
        return CookieSession(keys=KEYS, name=name, assume_https=True, **options)
    except ConfigurationError:
        assume(False)
        raise


@ANY_PATH
@given(NAMES, OPTIONS)
def test_only_attributes_of_the_rfc_are_sent_and_none_twice(
    name: str, options: dict[str, Any]
) -> None:
    session = accepted(name, options).open()
    session["a"] = 1

    attributes = [each.split("; ")[1:] for each in session.commit()]

    names = [attribute.partition("=")[0] for attribute in attributes[0]]
    assert len(names) == len(set(names))
    assert set(names) <= KNOWN
    assert attributes[0] == attributes[1]


@ANY_PATH
@given(NAMES, OPTIONS)
def test_a_browser_takes_both_cookies_and_drops_both_in_every_configuration(
    name: str, options: dict[str, Any]
) -> None:
    options = {key: value for key, value in options.items() if key not in ("expires", "max_age")}
    sessions, jar = accepted(name, options), CookieJar()

    send(sessions, jar, user=7)
    assert [name, f"{name}.sig"] == [cookie.name for cookie in stored(jar)]
    assert {"user": 7} == dict(sessions.open(jar.header(URL, now=NOW)))

    session = sessions.open(jar.header(URL, now=NOW))
    session.destroy()
    for each in session.commit():
        jar.store(each, URL, now=NOW)
    assert [] == stored(jar)


@ANY_PATH
@given(NAMES, OPTIONS)
def test_a_session_that_does_not_verify_stays_until_a_write_replaces_it_in_every_configuration(
    name: str, options: dict[str, Any]
) -> None:
    options = {key: value for key, value in options.items() if key not in ("expires", "max_age")}
    accepted(name, options)
    jar = CookieJar()
    send(CookieSession(keys=[OTHER], name=name, assume_https=True, **options), jar, user=7)
    before = stored(jar)

    assert [] == send(accepted(name, options), jar)
    assert before == stored(jar)

    send(accepted(name, options), jar, user=8)
    assert [name, f"{name}.sig"] == [cookie.name for cookie in stored(jar)]
    assert {"user": 8} == dict(accepted(name, options).open(jar.header(URL, now=NOW)))


@pytest.mark.parametrize("name", ["__Host-s", "__HOST-s", "__host-s", "__hOsT-s"])
@pytest.mark.parametrize(
    ("option", "value"),
    [("path", "/app"), ("path", None), ("domain", "example.com"), ("secure", False)],
)
def test_the_rules_of_the_host_prefix_hold_in_any_capitalisation(
    name: str, option: str, value: Any
) -> None:
    with pytest.raises(ConfigurationError, match="needs secure=True, path='/' and no domain"):
        CookieSession(keys=KEYS, name=name, **{"secure": True, option: value})

    session = CookieSession(keys=KEYS, name=name, secure=True).open(https=True)
    before = CookieOptions(secure=True)
    with pytest.raises(ConfigurationError, match="needs secure=True, path='/' and no domain"):
        setattr(session.options, option, value)
    assert before == session.options


@pytest.mark.parametrize("name", ["__Secure-s", "__SECURE-s", "__secure-s", "__sEcUrE-s"])
def test_the_rule_of_the_secure_prefix_holds_in_any_capitalisation(name: str) -> None:
    with pytest.raises(ConfigurationError, match="needs secure=True"):
        CookieSession(keys=KEYS, name=name)

    options = CookieSession(keys=KEYS, name=name, secure=True).open(https=True).options
    with pytest.raises(ConfigurationError, match="needs secure=True"):
        options.secure = False


@pytest.mark.parametrize("name", ["__Host", "__Hos-t", "x__Host-s", "__Hostsession", "_Host-s"])
def test_a_name_that_only_looks_like_a_prefix_is_free(name: str) -> None:
    jar = CookieJar()

    send(CookieSession(keys=KEYS, name=name, domain="example.com"), jar, user=7)

    assert 2 == len(stored(jar))


def test_a_partitioned_session_needs_a_secure_cookie_and_stays_partitioned_to_its_end() -> None:
    sessions = CookieSession(keys=KEYS, secure=True, same_site="none", partitioned=True)
    jar = CookieJar()

    sent = send(sessions, jar, user=7)
    session = sessions.open(jar.header(URL, now=NOW), https=True)
    session.destroy()

    for each in [*sent, *session.commit()]:
        assert each.endswith("; samesite=none; secure; httponly; partitioned")


# --- several cookies, several headers --------------------------------------------------------


@pytest.mark.parametrize("contents", [{"user": 7}, {"user": 7, "more": "x" * 100}])
def test_one_response_never_sets_a_cookie_of_ours_twice(contents: dict[str, Any]) -> None:
    sessions = CookieSession(keys=KEYS)
    header = "session=x; session.sig=bad"
    for act in (dict, lambda it: it.update(contents), lambda it: it.destroy()):
        session = sessions.open(header)
        session.get("user")
        act(session)
        once = session.commit(["session=a", "session=b; path=/x", "session.sig=c"])
        names = [each.partition("=")[0] for each in session.commit(once)]

        if act is dict:
            # The application's own values stay: there is nothing to send.
            assert session.written is Written.NOTHING
            assert ["session", "session", "session.sig"] == names
        else:
            assert ["session", "session.sig"] == names


def test_a_deep_path_goes_first_and_the_session_of_the_whole_site_still_counts() -> None:
    sessions, jar = CookieSession(keys=KEYS), CookieJar()
    send(sessions, jar, user=7)
    for name in ("session", "session.sig"):
        jar.store(f"{name}=forged; path={urlsplit(URL).path}", URL, now=NOW)
    header = jar.header(URL, now=NOW)

    assert header is not None
    assert header.startswith("session=forged; session.sig=forged; ")
    assert {"user": 7} == dict(sessions.open(header))


@pytest.mark.parametrize(
    ("evicted", "outcome", "sent"),
    [
        ("session", Outcome.ABSENT, Written.NOTHING),
        ("session.sig", Outcome.UNSIGNED, Written.NOTHING),
    ],
)
def test_a_browser_may_evict_either_cookie_and_the_next_write_restores_the_pair(
    evicted: str, outcome: Outcome, sent: Written
) -> None:
    sessions, jar = CookieSession(keys=KEYS), CookieJar()
    send(sessions, jar, user=7)
    jar.tamper(evicted, None)
    session = sessions.open(jar.header(URL, now=NOW))

    assert outcome is session.outcome
    assert [] == session.commit()
    assert sent is session.written

    send(sessions, jar, user=8)
    assert {"user": 8} == dict(sessions.open(jar.header(URL, now=NOW)))


def test_a_session_signed_again_replaces_the_one_in_the_browser() -> None:
    jar = CookieJar()
    send(CookieSession(keys=[OLDER], path="/app", domain="example.com"), jar, user=7)
    sessions = CookieSession(keys=KEYS, path="/app", domain="example.com")

    assert 2 == len(send(sessions, jar))
    assert [] == send(sessions, jar)
    assert 2 == len(stored(jar))


def test_a_secure_session_is_neither_sent_nor_lost_over_plain_http() -> None:
    sessions, jar = CookieSession(keys=KEYS, secure=True), CookieJar()
    send(sessions, jar, user=7)

    assert [] == send(sessions, jar, "http://shop.example.com/", user=8)
    assert [] == send(sessions, jar)
    assert {"user": 7} == dict(sessions.open(jar.header(URL, now=NOW), https=True))

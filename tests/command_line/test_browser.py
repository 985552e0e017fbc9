"""The command's verdicts on Set-Cookie values, compared with the tests' own user agent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookiesession_adapters.command_line.browser import cookie_date, judge
from cookiesession_core import CookieSession
from tests.command_line.terminal import DAY, NOW, WORDS
from tests.support.user_agent import CookieJar, parse_date

URL = "https://example.com/"
LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"

PREFIXED = ["__Host-a", "__SECURE-a", "__host-", "__Http-a", "__Host-Http-a"]
NAMES = st.sampled_from(["a", "session", "", *PREFIXED, "x" * 4090])
VALUES = st.sampled_from(["", "1", "x" * 7, "x" * 4096, "a b", "\x00", "__Host-x", "__http-x", '"'])
ATTRIBUTES = st.sampled_from(
    [
        *("Secure", "secure=no", "HttpOnly", "Partitioned", "SameSite=None", "samesite=LAX"),
        *("SameSite", "Path=/", "Path", "path=/deep", "Path=" + "/" * 1025, "Domain=example.com"),
        *("Domain=.EXAMPLE.com", "Domain=", "Domain=ex\xe4mple.com", "Domain=" + "a" * 1025),
        *("Max-Age=60", "Max-Age=-1", "Max-Age=0", "Max-Age=", "Max-Age=x", "max-age=9999999999"),
        *("Max-Age=" + "9" * 5000, "Max-Age=-" + "9" * 5000, "Max-Age=" + "0" * 5000),
        *(f"Expires={LONG_AGO}", "expires=Fri, 31 Dec 2027 23:59:59 GMT", "Expires=soon"),
        *("Expires=Fri, 31 Dec 9999 23:59:59 GMT", "Priority=High", "foo=bar", "", " = "),
    ]
)


@given(NAMES, VALUES, st.lists(ATTRIBUTES, max_size=5), st.sampled_from(["=", " = ", ""]))
@example("a", "", ["Max-Age=-1"], "=")
@example("__Host-a", "1", ["Secure", "Path"], "=")
@example("__Host-a", "1", ["Secure"], "=")
@example("__Host-a", "1", ["Secure", "Path=/deep"], "=")
def test_the_verdict_agrees_with_the_user_agent(
    name: str, value: str, attributes: list[str], equals: str
) -> None:
    line = "; ".join([f"{name}{equals}{value}", *attributes])
    jar = CookieJar()
    stored = jar.store(line, URL, now=NOW)
    expected = "ignores" if stored is None else "keeps" if jar.cookies(NOW) else "deletes"

    verdict = judge(line, NOW)

    assert expected == verdict.action
    assert (expected == "ignores") == bool(verdict.refusals)
    if stored is not None:
        assert (stored.name, stored.value) == (verdict.name, verdict.value)


def test_an_effect_names_the_condition_on_the_page() -> None:
    effects = judge("__Host-a=1; Secure; Path", NOW).effects

    assert "takes it only from pages of the top directory: the prefix __Host-" in effects


@given(
    st.text(st.sampled_from("0123456789: ,-aJnFebMR"), max_size=24)
    | st.lists(
        st.sampled_from(
            [
                *("Thu,", "01", "1", "31", "001", "Jan", "february", "GMT", "-"),
                *("1970", "99", "69", "70", "1600", "1601", "12345"),
                *("00:00:00", "23:59:59", "1:2:3", "24:00:00", "12:00:00x"),
            ]
        ),
        max_size=7,
    ).map(" ".join)
)
@example("Thu, 01 Jan 1970 00:00:00 GMT")
@example("Thu, 01-Jan-70 00:00:00 GMT")
@example("31 February 2025 00:00:00")
@example("01 Jan 1600 00:00:00")
def test_dates_are_read_as_the_user_agent_reads_them(text: str) -> None:
    assert parse_date(text) == cookie_date(text)


@given(st.text(st.characters(max_codepoint=255)))
def test_any_text_has_a_verdict(line: str) -> None:
    assert judge(line, NOW).action in ("keeps", "deletes", "ignores")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a=1; SameSite=None", "SameSite=None needs Secure"),
        ("a=1; Partitioned", "Partitioned needs Secure"),
        ("__Secure-a=1", "the prefix __Secure- needs Secure"),
        ("__Http-a=1; Secure", "the prefix __Http- needs Secure and HttpOnly"),
        ("__Host-Http-a=1; Secure; Path=/", "the prefix __Host-Http- needs HttpOnly"),
        ("__Host-a=1; Secure", "the prefix __Host- needs Secure, Path=/ and no Domain"),
        ("__Host-a=1; Secure; Path=/; Domain=a.example", "the prefix __Host- needs Secure"),
        (f"a={'x' * 4096}", "have 4097 bytes, 4096 are allowed"),
        ("a=\x01", "control characters"),
        ("=; path=/", "it has neither a name nor a value"),
        ("__host-a", "a value without a name begins like a prefixed name"),
        ("a=1; domain=\xe4", "Domain is not ASCII"),
    ],
)
def test_the_verdict_says_why_browsers_ignore_a_cookie(line: str, reason: str) -> None:
    assert reason in "; ".join(judge(line, NOW).refusals)


@pytest.mark.parametrize(
    ("attributes", "effect"),
    [
        ("", "keeps it until the browser is closed: no Max-Age, no Expires"),
        ("Max-Age=7200", "keeps it until 2023-11-15 00:13:20 UTC (in 2 hours): Max-Age"),
        ("Expires=Wed, 15 Nov 2023 00:13:20 GMT", "(in 2 hours): Expires"),
        (f"Max-Age=7200; Expires={LONG_AGO}", "(in 2 hours): Max-Age"),
        (f"Expires={LONG_AGO}", "deletes it: Expires is in the past"),
        ("Max-Age=0", "deletes it: Max-Age is in the past"),
        (f"Max-Age={400 * DAY}", "(in 400 days): Max-Age"),
        (
            f"Max-Age={400 * DAY + 1}",
            "keeps it for 400 days: Max-Age says more, and browsers keep none longer",
        ),
        ("Max-Age=1.5", "Max-Age has no effect: it is not a number of seconds"),
        ("Expires=soon", "Expires has no effect: it is not a date"),
        (f"Path={'/' * 1025}", "Path has 1025 bytes and no effect: 1024 are allowed"),
        ("foo", "an unknown attribute has no effect"),
        ("", "sends it to the host that set it, and to no other"),
        ("Domain=.Example.com", "sends it to example.com and all hosts below"),
        ("Path=/", "sends it with every path"),
        ("Path=/app", "sends it to /app and all paths below"),
        ("Path=app", "below the directory of the page that set it: no Path"),
        ("", "sends it also over plain HTTP: no Secure"),
        ("Secure", "sends it only over HTTPS, and takes it only over HTTPS"),
        ("", "shows it to scripts: no HttpOnly"),
        ("HttpOnly", "hides it from scripts"),
        ("", "often as SameSite=Lax"),
        ("SameSite=LAX", "when a user follows a link: SameSite=Lax"),
        ("SameSite=strict", "only with requests of the same site: SameSite=Strict"),
        ("SameSite=None; Secure", "also with requests of other sites: SameSite=None"),
        ("Partitioned; Secure", "keeps one cookie for each site that embeds the page"),
    ],
)
def test_every_attribute_has_its_effect(attributes: str, effect: str) -> None:
    assert effect in "\n".join(judge(f"a=1; {attributes}", NOW).effects)


@pytest.mark.parametrize(
    "options",
    [{}, {"max_age": 60, "same_site": "lax"}, {"path": "/app", "domain": "example.com"}],
)
def test_browsers_keep_our_cookies(options: dict[str, Any]) -> None:
    session = CookieSession(keys=WORDS, clock=lambda: NOW, **options).open(None, https=True)
    session["user"] = 7

    assert ["keeps", "keeps"] == [judge(line, NOW).action for line in session.commit()]

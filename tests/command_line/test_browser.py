"""What the command says a browser does, beside the tests' own user agent, which does it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookiesession_adapters.command_line.browser import cookie_date, rule
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
def test_it_says_what_the_user_agent_does(
    name: str, value: str, attributes: list[str], equals: str
) -> None:
    line = "; ".join([f"{name}{equals}{value}", *attributes])
    jar = CookieJar()
    stored = jar.store(line, URL, now=NOW)
    expected = "ignores" if stored is None else "keeps" if jar.cookies(NOW) else "deletes"

    ruling = rule(line, NOW)

    assert expected == ruling.action
    assert (expected == "ignores") == bool(ruling.refusals)
    if stored is not None:
        assert (stored.name, stored.value) == (ruling.name, ruling.value)


def test_what_depends_on_the_page_is_told() -> None:
    effects = rule("__Host-a=1; Secure; Path", NOW).effects

    assert "takes it from pages of the topmost directory only: the prefix __Host-" in effects


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
def test_it_reads_dates_as_the_user_agent_does(text: str) -> None:
    assert parse_date(text) == cookie_date(text)


@given(st.text(st.characters(max_codepoint=255)))
def test_any_line_is_ruled_on(line: str) -> None:
    assert rule(line, NOW).action in ("keeps", "deletes", "ignores")


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
        (f"a={'x' * 4096}", "have 4097 octets, 4096 are allowed"),
        ("a=\x01", "control characters"),
        ("=; path=/", "neither a name nor a value"),
        ("__host-a", "a value without a name begins like a prefixed name"),
        ("a=1; domain=\xe4", "Domain is not ASCII"),
    ],
)
def test_a_cookie_that_browsers_ignore_comes_with_the_reason(line: str, reason: str) -> None:
    assert reason in "; ".join(rule(line, NOW).refusals)


@pytest.mark.parametrize(
    ("attributes", "effect"),
    [
        ("", "keeps it until the browser is closed: no Max-Age, no Expires"),
        ("Max-Age=7200", "keeps it until 2023-11-15 00:13:20 UTC (in 2 hours): Max-Age"),
        ("Expires=Wed, 15 Nov 2023 00:13:20 GMT", "(in 2 hours): Expires"),
        (f"Max-Age=7200; Expires={LONG_AGO}", "(in 2 hours): Max-Age"),
        (f"Expires={LONG_AGO}", "deletes it: Expires lies in the past"),
        ("Max-Age=0", "deletes it: Max-Age lies in the past"),
        (f"Max-Age={400 * DAY}", "(in 400 days): Max-Age"),
        (f"Max-Age={400 * DAY + 1}", "keeps it for 400 days: Max-Age says more, which is cut"),
        ("Max-Age=1.5", "Max-Age is no number of seconds and counts for nothing"),
        ("Expires=soon", "Expires is no date and counts for nothing"),
        (f"Path={'/' * 1025}", "Path has 1025 octets and counts for nothing beyond 1024"),
        ("foo", "an unknown attribute counts for nothing"),
        ("", "sends it to the host that set it, and to no other"),
        ("Domain=.Example.com", "sends it to example.com and all hosts below"),
        ("Path=/", "sends it whatever the path"),
        ("Path=/app", "sends it to /app and what is below"),
        ("Path=app", "below the directory of the page that set it: no Path"),
        ("", "sends it over plain HTTP, too: no Secure"),
        ("Secure", "sends it over HTTPS only, and takes it over HTTPS only"),
        ("", "shows it to scripts: no HttpOnly"),
        ("HttpOnly", "hides it from scripts"),
        ("", "often as SameSite=Lax"),
        ("SameSite=LAX", "when a link leads here: SameSite=Lax"),
        ("SameSite=strict", "of the same site only: SameSite=Strict"),
        ("SameSite=None; Secure", "of other sites, too: SameSite=None"),
        ("Partitioned; Secure", "keeps one for each site that embeds the page"),
    ],
)
def test_every_attribute_has_its_effect(attributes: str, effect: str) -> None:
    assert effect in "\n".join(rule(f"a=1; {attributes}", NOW).effects)


@pytest.mark.parametrize(
    "options",
    [{}, {"max_age": 60, "same_site": "lax"}, {"path": "/app", "domain": "example.com"}],
)
def test_what_we_send_is_kept(options: dict[str, Any]) -> None:
    session = CookieSession(keys=WORDS, clock=lambda: NOW, **options).open(None, https=True)
    session["user"] = 7

    assert ["keeps", "keeps"] == [rule(line, NOW).action for line in session.commit()]

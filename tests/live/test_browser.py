"""Chromium and our cookies: the demo site, its store, its tabs and its refusals."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import attrs
import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiesession_core import ConfigurationError, CookieOptions, CookieSession, format_set_cookie
from tests.conformance.script import Operation, Reply, Script
from tests.properties.delivery import HOST, OURS, Story, Told, stories
from tests.support import browser as harness
from tests.support.browser import Browser, StoredCookie
from tests.support.keys import KEYS
from tests.support.servers import PYTHON, ROOT, Server, running
from tests.support.user_agent import CookieJar

from .browser_site import SITES

DEMO = ROOT / "examples" / "view_counter" / "app.py"
SERVE = [
    *(PYTHON, "-m", "uvicorn", "tests.live.browser_site:application"),
    *("--port={port}", "--lifespan=off", "--log-level=warning", "--timeout-graceful-shutdown=1"),
]
READ = ("read",)
LOG_IN = ("set", "user", "Ada")
COUNT = ("increment", "views")


@attrs.frozen
class Page:
    """The report of a site: see ``browser_site``."""

    results: list[Any]
    received: list[str]
    written: str


@attrs.frozen
class Web:
    """The browser, and the sites that it finds."""

    browser: Browser
    ports: dict[str, int]
    """By scheme."""

    def url(
        self,
        site: str,
        *do: Operation,
        scheme: str = "https",
        path: str = "/",
        set_cookie: tuple[str, ...] = (),
    ) -> str:
        """Return the URL of a request that does something with its session."""
        headers = tuple(("Set-Cookie", line) for line in set_cookie)
        return self._url(site, scheme, path, script=Script(do, Reply(headers=headers)).dump())

    def visit(self, site: str, *do: Operation, **details: Any) -> Page:
        """Go to a page; ``details`` as in :meth:`url`."""
        self.browser.open(self.url(site, *do, **details))
        return self.page()

    def visit_from(self, other: str, site: str, *do: Operation) -> Page:
        """Go to a page by a link on another site."""
        self.browser.open(self._url(other, "https", "/"))
        self.browser.follow(self.url(site, *do))
        return self.page()

    def embed(self, other: str, site: str, *do: Operation) -> Page:
        """Go to a page of another site that shows one of this site in a frame."""
        self.browser.open(self._url(other, "https", "/", frame=self.url(site, *do)))
        with self.browser.frame("iframe"):
            return self.page()

    def page(self) -> Page:
        """Return the report of the page that is shown."""
        return Page(**json.loads(self.browser.text()))

    def kept(self, site: str) -> dict[str, StoredCookie]:
        """Return the cookies of a site in the browser's store, by name."""
        cookies = self.browser.cookies(f"{site}.test")
        by_name = {cookie.name: cookie for cookie in cookies}
        assert len(cookies) == len(by_name)
        return by_name

    def _url(self, site: str, scheme: str, path: str, **query: str) -> str:
        return f"{scheme}://{site}.test:{self.ports[scheme]}{path}?{urlencode(query)}"


@pytest.fixture(scope="module")
def browser(chromium: str, chromedriver: str) -> Iterator[Browser]:
    with harness.chromium(chromium, chromedriver) as started:
        yield started


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    certificate = tmp_path_factory.mktemp("tls") / "server.pem"
    trustme.CA().issue_cert("*.test").private_key_and_cert_chain_pem.write_to_path(certificate)
    tls = [f"--ssl-certfile={certificate}", f"--ssl-keyfile={certificate}"]
    with running(SERVE) as http, running([*SERVE, *tls]) as https:
        yield {"http": http.port, "https": https.port}


@pytest.fixture
def web(browser: Browser, ports: dict[str, int]) -> Web:
    browser.forget()
    return Web(browser, ports)


@pytest.fixture(scope="module")
def demo() -> Iterator[Server]:
    with running([PYTHON, DEMO, "--port", "{port}", "--express-port", "0"]) as server:
        yield server


@pytest.fixture
def visitor(browser: Browser, demo: Server) -> Browser:
    browser.forget()
    browser.open(demo.url)
    return browser


# --- the demo site ---------------------------------------------------------------------------


def test_a_visitor_of_the_demo_counts_logs_in_and_logs_out(visitor: Browser) -> None:
    assert "1" == visitor.text("#views")
    visitor.reload()
    assert "2" == visitor.text("#views")

    visitor.type("input[name=user]", "Zoë")
    visitor.click("#login")
    assert ("3", "Zoë") == (visitor.text("#views"), visitor.text("#user"))
    assert {"views": 3, "user": "Zoë"} == json.loads(visitor.text("#contents"))

    visitor.click("#logout")
    assert ("1", "ABSENT") == (visitor.text("#views"), visitor.text("#outcome"))
    assert not visitor.shows("#user")


def test_the_demo_shows_the_cookies_that_the_browser_has(visitor: Browser) -> None:
    kept = [f"{cookie.name}={cookie.value}" for cookie in visitor.cookies("127.0.0.1")]

    assert 2 == len(kept)
    assert kept == [visitor.text(f".cookie:nth-of-type({place})") for place in (2, 3)]


def test_both_halves_of_the_demo_count_for_one_visitor(node: str, visitor: Browser) -> None:
    assert node
    with visitor.frame("#express"):
        assert "1" == visitor.text("#views")
        visitor.press("#count")
    shown = "return location.pathname + document.readyState"
    visitor.wait(lambda: visitor.script(shown) == "/lookcomplete")

    assert "2" == visitor.text("#views")
    with visitor.frame("#express"):
        assert "2" == visitor.text("#views")


def test_the_session_lives_on_when_the_demo_stores_too_much(visitor: Browser) -> None:
    before = visitor.cookies("127.0.0.1")
    visitor.click("#oversize")

    assert 500 == visitor.status()
    assert "CookieTooLargeError" == visitor.text("h1")
    assert "'essay'" in visitor.text("#message")
    assert before == visitor.cookies("127.0.0.1")
    visitor.click("section a")
    assert ("2", "LOADED") == (visitor.text("#views"), visitor.text("#outcome"))


@pytest.mark.parametrize("width", [320, 800])
@pytest.mark.parametrize("path", ["/", "/oversize"])
def test_nothing_of_the_demo_is_wider_than_the_screen(
    visitor: Browser, path: str, width: int
) -> None:
    with visitor.screen(width, 600):
        if path == "/oversize":
            visitor.click("#oversize")
        assert width == visitor.script("return innerWidth")
        assert width >= visitor.script("return document.documentElement.scrollWidth")


# --- cookies as they are stored --------------------------------------------------------------


def test_scripts_see_the_cookies_only_where_http_only_is_off(web: Web) -> None:
    web.visit("plain", LOG_IN)
    assert {"session", "session.sig"} == set(web.kept("plain"))
    assert "" == web.browser.script("return document.cookie")

    web.visit("scripts", LOG_IN)
    cookies = [f"{each.name}={each.value}" for each in web.kept("scripts").values()]
    assert "; ".join(cookies) == web.browser.script("return document.cookie")


@pytest.mark.parametrize(
    ("site", "same_site", "with_a_link", "in_a_frame"),
    [
        ("strict", "strict", False, False),
        ("lax", "lax", True, False),
        ("plain", "default", True, False),
        ("none", "none", True, True),
    ],
)
def test_samesite_decides_which_requests_from_other_sites_carry_the_cookie(
    web: Web, site: str, same_site: str, *, with_a_link: bool, in_a_frame: bool
) -> None:
    web.visit(site, LOG_IN)

    assert {same_site} == {cookie.same_site for cookie in web.kept(site).values()}
    assert ([{"user": "Ada"}] if with_a_link else [{}]) == web.visit_from(
        "other", site, READ
    ).results
    assert ([{"user": "Ada"}] if in_a_frame else [{}]) == web.embed("other", site, READ).results
    assert [{"user": "Ada"}] == web.visit(site, READ).results


def test_a_host_cookie_is_secure_and_bound_to_its_host(web: Web) -> None:
    web.visit("host", LOG_IN)

    assert ["__Host-session", "__Host-session.sig"] == list(web.kept("host"))
    assert {(True, "host.test", "/")} == {
        (cookie.secure, cookie.domain, cookie.path) for cookie in web.kept("host").values()
    }
    assert [{"user": "Ada"}] == web.visit("host", READ).results


def test_a_domain_cookie_goes_to_every_host_of_its_domain(web: Web) -> None:
    web.visit("domain", LOG_IN)

    assert {".domain.test"} == {cookie.domain for cookie in web.browser.cookies()}
    assert [{"user": "Ada"}] == web.visit("shop.domain", READ).results


def test_a_partitioned_session_is_one_for_each_site_that_embeds_it(web: Web) -> None:
    views = [web.embed(other, "partitioned", COUNT).results for other in ("one", "two", "one")]
    shared = [web.embed(other, "none", COUNT).results for other in ("one", "two", "one")]

    assert [[1], [1], [2]] == views
    assert [[1], [2], [3]] == shared
    cookies = web.browser.cookies("partitioned.test")
    assert {"https://one.test", "https://two.test"} == {cookie.top_level for cookie in cookies}

    web.embed("one", "partitioned", ("destroy",))
    cookies = web.browser.cookies("partitioned.test")
    assert {"https://two.test"} == {cookie.top_level for cookie in cookies}


def test_a_partitioned_cookie_comes_after_the_older_one_of_the_same_name(web: Web) -> None:
    older, newer = ("session=older; Secure; Path=/", "session=newer; Secure; Path=/; Partitioned")
    web.visit("plain", set_cookie=(older,))
    web.visit("plain", set_cookie=(newer,))

    assert ["session=older; session=newer"] == web.visit("plain").received


def test_the_browser_drops_the_cookies_after_max_age(
    web: Web,
) -> None:
    before = time.time()
    web.visit("lasting", LOG_IN)
    after = time.time()
    web.visit("plain", LOG_IN)

    assert [None, None] == [cookie.expires for cookie in web.kept("plain").values()]
    # A date has whole seconds, and Chromium adds the difference between the two clocks.
    dates = [cookie.expires for cookie in web.kept("lasting").values()]
    assert 2 == len(dates)
    for date in dates:
        assert date is not None
        assert before - 1 <= date - 3600 <= after + (after - before) + 1


def test_a_secure_cookie_is_not_sent_over_plain_http_and_would_be_refused(web: Web) -> None:
    assert "REFUSED" == web.visit("secure", LOG_IN, scheme="http").written
    assert {} == web.kept("secure")

    line = "session=x; path=/; secure"
    web.visit("raw", scheme="http", set_cookie=(line,))
    assert {} == web.kept("raw")
    web.visit("raw", scheme="https", set_cookie=(line,))
    assert {"session"} == set(web.kept("raw"))


def test_plain_http_neither_sees_nor_replaces_a_session_of_https(web: Web) -> None:
    web.visit("plain", LOG_IN)

    page = web.visit("plain", READ, ("set", "user", "Eve"), scheme="http")

    assert ([{}], [], "SAVED") == (page.results, page.received, page.written)
    assert [{"user": "Ada"}] == web.visit("plain", READ).results


# --- too large -------------------------------------------------------------------------------


def test_a_session_too_large_is_an_error_and_the_browser_keeps_the_old_one(web: Web) -> None:
    web.visit("plain", LOG_IN)
    before = web.kept("plain")

    page = web.visit("plain", ("fill", "essay", 4000))

    assert (500, ["CookieTooLargeError"]) == (web.browser.status(), page.results)
    assert before == web.kept("plain")
    assert [{"user": "Ada"}] == web.visit("plain", READ).results


def test_without_the_limit_the_browser_drops_the_value_and_the_visitor_is_logged_out(
    web: Web,
) -> None:
    web.visit("unlimited", LOG_IN)
    before = web.kept("unlimited")

    page = web.visit("unlimited", ("fill", "essay", 4000))

    # The new signature is taken, and does not belong to the value that stayed.
    assert (200, "SAVED") == (web.browser.status(), page.written)
    assert before["session"] == web.kept("unlimited")["session"]
    assert before["session.sig"] != web.kept("unlimited")["session.sig"]
    assert [{}, "BAD_SIGNATURE"] == web.visit("unlimited", READ, ("outcome",)).results


def test_the_browser_takes_4096_bytes_of_name_and_value(web: Web) -> None:
    web.visit("raw", set_cookie=(f"fits={'x' * 4092}; Path=/", f"large={'x' * 4092}; Path=/"))

    assert {"fits"} == set(web.kept("raw"))


# --- tabs ------------------------------------------------------------------------------------


def overtake(web: Web, slow: Operation, fast: Operation) -> None:
    """Let a tab ask first and be answered last; meanwhile another tab asks and is answered."""
    first = web.browser.tab()
    web.browser.script(
        "window.answer = fetch(arguments[0]).then(response => response.text())",
        web.url("plain", slow, path="/held"),
    )
    web.browser.new_tab()
    web.visit("plain", fast, path="/overtake")
    web.visit("plain", path="/release")
    web.browser.tab(first)
    web.browser.script("return window.answer")


def test_the_last_response_wins_when_two_tabs_write_at_once(web: Web) -> None:
    web.visit("plain", LOG_IN)

    overtake(web, ("set", "theme", "dark"), ("set", "language", "fr"))

    assert [{"user": "Ada", "theme": "dark"}] == web.visit("plain", READ).results


def test_a_tab_that_only_reads_never_overwrites_another_one(web: Web) -> None:
    web.visit("plain", LOG_IN)

    overtake(web, READ, ("set", "language", "fr"))

    assert [{"user": "Ada", "language": "fr"}] == web.visit("plain", READ).results


def test_logging_out_in_one_tab_logs_the_other_out(web: Web) -> None:
    web.visit("plain", LOG_IN)
    first = web.browser.tab()
    web.browser.open(web.url("plain", READ))
    web.browser.new_tab()
    web.visit("plain", ("destroy",))

    web.browser.tab(first)
    assert [{"user": "Ada"}] == web.page().results
    web.browser.reload()
    assert [{}] == web.page().results


# --- what is called sent ---------------------------------------------------------------------


@attrs.frozen
class ChromiumAgent:
    """Chromium as the user agent of a story. Its clock is that of everybody."""

    web: Web
    accuracy: float = 5

    def now(self) -> float:
        return time.time()

    def pass_time(self, seconds: float) -> None:
        assert seconds == 0

    def header(self, url: str) -> str | None:
        return "; ".join(self._visit(url).received) or None

    def take(self, set_cookies: list[str], url: str) -> None:
        self._visit(url, *set_cookies)

    def has_secure_cookies(self) -> bool:
        return any(each.secure for each in self._cookies())

    def ends(self, path: str) -> set[float | None]:
        return {each.expires for each in self._cookies(HOST) if each.path == path}

    def _visit(self, url: str, *set_cookies: str) -> Page:
        parts = urlsplit(url)
        site = HOST.removesuffix(".test")
        return self.web.visit(site, scheme=parts.scheme, path=parts.path, set_cookie=set_cookies)

    def _cookies(self, domain: str | None = None) -> list[StoredCookie]:
        return [
            each
            for each in self.web.browser.cookies()
            if each.name in OURS and domain in (None, each.domain)
        ]


@pytest.mark.filterwarnings("ignore::cookiesession_core.ConfigurationWarning")
@settings(max_examples=15, derandomize=True, database=None)
@given(stories(st.just(0), short=False))
def test_what_is_called_sent_is_in_chromium(
    browser: Browser, ports: dict[str, int], story: Story
) -> None:
    browser.forget()
    Told(ChromiumAgent(Web(browser, ports))).tell(story)


# --- deleting, replacing, tossing ------------------------------------------------------------


@pytest.mark.parametrize("site", SITES)
def test_destroy_removes_both_cookies_from_the_browser(web: Web, site: str) -> None:
    web.visit(site, LOG_IN)
    assert 2 == len(web.kept(site))

    assert "EXPIRED" == web.visit(site, ("destroy",)).written

    assert {} == web.kept(site)


@pytest.mark.parametrize("site", SITES)
def test_a_forged_signature_stays_in_the_browser_until_a_write_replaces_it(
    web: Web, site: str
) -> None:
    sessions = CookieSession(keys=KEYS, **SITES[site])
    name = f"{sessions.name}.sig"
    web.visit(site, LOG_IN)
    forged = format_set_cookie(name, "forged", sessions.options, https=True, now=time.time())
    web.visit(site, set_cookie=(forged,))
    assert "forged" == web.kept(site)[name].value

    page = web.visit(site, ("outcome",))

    assert (["BAD_SIGNATURE"], "NOTHING") == (page.results, page.written)
    assert "forged" == web.kept(site)[name].value
    assert "SAVED" == web.visit(site, LOG_IN).written
    assert [{"user": "Ada"}, "LOADED"] == web.visit(site, READ, ("outcome",)).results


def test_forged_cookies_of_a_deeper_path_come_first_and_log_nobody_out(web: Web) -> None:
    web.visit("plain", LOG_IN)
    tossed = ("session=forged; Path=/account", "session.sig=forged; Path=/account")
    web.visit("plain", set_cookie=tossed)

    page = web.visit("plain", READ, ("outcome",), path="/account/orders")

    assert page.received[0].startswith("session=forged; session.sig=forged; session=")
    assert [{"user": "Ada"}, "LOADED"] == page.results


# --- cookies that browsers refuse ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "refused", "taken"),
    [
        ("s", {"same_site": "none"}, {"same_site": "none", "secure": True}),
        ("s", {"partitioned": True}, {"partitioned": True, "secure": True}),
        ("__Secure-s", {}, {"secure": True}),
        ("__Host-s", {}, {"secure": True}),
        ("__host-s", {"secure": True, "path": "/x"}, {"secure": True}),
        ("__Host-s", {"secure": True, "domain": "raw.test"}, {"secure": True}),
        ("__Http-s", {"secure": True, "http_only": False}, {"secure": True}),
        ("__Http-s", {}, {"secure": True}),
        ("__Host-Http-s", {"secure": True, "http_only": False}, {"secure": True}),
        ("__Host-Http-s", {"secure": True, "path": "/x"}, {"secure": True}),
    ],
)
def test_a_browser_drops_every_cookie_that_we_refuse_at_construction(
    web: Web, name: str, refused: dict[str, Any], taken: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match="browsers refuse"):
        CookieSession(keys=KEYS, name=name, **refused)
    CookieSession(keys=KEYS, name=name, **taken)

    for options, kept in ((refused, set()), (taken, {name})):
        attributes = CookieOptions(**options).attributes(https=False, now=time.time())
        web.visit("raw", set_cookie=(f"{name}=x{attributes}",), path="/x/y")
        assert kept == set(web.kept("raw"))


# --- the tests' own user agent ---------------------------------------------------------------


def responses() -> list[tuple[str, ...]]:
    """Return the Set-Cookie values of each response of the table."""
    rows = (
        (Path(__file__).parent / "set_cookie_values.txt").read_text(encoding="utf-8").splitlines()
    )
    return [
        *(tuple(row.strip().split(" && ")) for row in rows if row and not row.startswith("#")),
        (f"a=b; Path=/{'p' * 1023}",),
        (f"a=b; Path=/{'p' * 1024}",),
        (f"a={'x' * 4095}; Path=/; HttpOnly",),
        (f"a={'x' * 4096}; Path=/; HttpOnly",),
    ]


def agent_keeps(values: tuple[str, ...], url: str) -> list[StoredCookie]:
    """Return the cookies of a response that the tests' own user agent keeps."""
    now = time.time()

    def about(expires: float) -> Any:
        return pytest.approx(expires, abs=30)  # the browser read the clock at another moment

    jar = CookieJar()
    for value in values:
        jar.store(value, url, now=now)
    return [
        StoredCookie(
            name=cookie.name,
            value=cookie.value,
            domain=cookie.domain if cookie.host_only else f".{cookie.domain}",
            path=cookie.path,
            expires=None if cookie.expires is None else about(cookie.expires),
            secure=cookie.secure,
            http_only=cookie.http_only,
            same_site=cookie.same_site,
            top_level="https://values.test" if cookie.partitioned else None,
        )
        for cookie in jar.cookies(now)
    ]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_our_user_agent_keeps_the_same_cookies_as_chromium(web: Web, scheme: str) -> None:
    # A host for each response, all of one site: so they can be asked for at once.
    sent = {
        f"row{number}.values": tuple(
            value.format(host=f"row{number}.values.test", parent="values.test") for value in values
        )
        for number, values in enumerate(responses())
    }
    urls = {
        host: web.url(host, scheme=scheme, path="/a/b/c", set_cookie=values)
        for host, values in sent.items()
    }
    web.visit("values", scheme=scheme)
    web.browser.script(
        "const ask = url => fetch(url, {mode: 'no-cors', credentials: 'include'});"
        "return Promise.all(arguments[0].map(ask)).then(() => null)",
        list(urls.values()),
    )
    stored = web.browser.cookies()

    differ = {}
    for host, values in sent.items():
        ours = agent_keeps(values, urls[host])
        hosts = {f"{host}.test", *(cookie.domain.lstrip(".") for cookie in ours)}
        theirs = [cookie for cookie in stored if cookie.domain.lstrip(".") in hosts]
        if sorted(ours, key=place) != sorted(theirs, key=place):
            differ[values] = ours, theirs
    assert {} == differ
    # Chromium drops cookies of a site if there are more.
    assert 50 < len(stored) < 150


def place(cookie: StoredCookie) -> tuple[str, str, str, str]:
    """Return the identity of a cookie."""
    return cookie.domain, cookie.path, cookie.name, cookie.top_level or ""

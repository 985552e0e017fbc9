"""What the library calls sent is in the browser afterwards; see ``delivery.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from cookiesession_core import CookieSession, Written
from tests.support.keys import KEYS, NEWEST
from tests.support.user_agent import CookieJar, Site

from .delivery import OURS, Server, Story, Told, Visit, stories

pytestmark = pytest.mark.filterwarnings("ignore::cookiesession_core.ConfigurationWarning")

NOW = 1_700_000_000.25
WAITS = st.sampled_from([0, 0, 0, 0.5, 1, 31, 61, 1801, 30 * 24 * 3600, -0.5, -20])


@attrs.define
class JarAgent:
    """The tests' own user agent, at a time that a story moves."""

    accuracy: float = 0
    jar: CookieJar = attrs.field(factory=CookieJar)
    time: float = NOW

    def now(self) -> float:
        return self.time

    def pass_time(self, seconds: float) -> None:
        self.time += seconds

    def header(self, url: str) -> str | None:
        return self.jar.header(url, now=self.time)

    def take(self, set_cookies: list[str], url: str) -> None:
        for value in set_cookies:
            self.jar.store(value, url, now=self.time)

    def has_secure_cookies(self) -> bool:
        return any(each.secure for each in self.jar.cookies(self.time) if each.name in OURS)

    def ends(self, path: str) -> set[float | None]:
        return {
            each.expires
            for each in self.jar.cookies(self.time)
            if (each.name in OURS and each.host_only and each.path == path)
        }


def late(configured: str, **own: Any) -> Story:
    """Return the story of a response that leaves when ``expires`` has passed."""
    visit = Visit("write", {"user": "ada", "n": 1}, True, "/", own, [], takes=31)
    return [Server({"max_age": configured, "expires": 30}, (NEWEST,)), visit]


def renewed_by(max_age: str) -> Story:
    """Return the story of a session that a server with another ``max_age`` prolongs."""
    begin = Visit("write", {"user": "ada", "n": 1}, True, "/", {}, [], takes=0)
    read = attrs.evolve(begin, act="read")
    idle = {"idle_timeout": 60}
    first, second = Server(idle, (NEWEST,)), Server({**idle, "max_age": max_age}, (NEWEST,))
    return [first, begin, 31, second, read]


@example(late("none"))
@example(late("function"))
@example(late("days", max_age="none"))
@example(late("function", max_age="days"))
@example(late("broken function"))
@example(renewed_by("broken function"))
@example(renewed_by("days"))
@given(stories(WAITS, short=True))
def test_what_is_called_sent_is_in_the_browser(story: Story) -> None:
    for written in Told(JarAgent()).tell(story):
        event(str(written))


SHOP, CART = "https://example.test/shop", "https://example.test/shop/cart"
UNSEEN: Mapping[str, tuple[str, Site, dict[str, Any], Any]] = {
    "the domain is another one": (SHOP, Site.SAME, {"domain": "example.org"}, {"user": "old"}),
    "another site has asked": (SHOP, Site.CROSS, {}, {"user": "old"}),
    "a secure cookie of our name": (SHOP.replace("s:", ":", 1), Site.SAME, {}, {"user": "old"}),
    "a fast browser": (SHOP, Site.SAME, {"max_age": 60, "clock": lambda: NOW - 60}, None),
    "no limit of the size": (SHOP, Site.SAME, {"max_cookie_size": None}, None),
}
"""The URL and the site of a response, the options, and the session that the browser has then."""


@pytest.mark.parametrize(("url", "site", "options", "kept"), UNSEEN.values(), ids=UNSEEN)
def test_a_server_does_not_see_why_a_browser_drops_a_session(
    url: str, site: Site, options: dict[str, Any], kept: dict[str, Any] | None
) -> None:
    jar = CookieJar()
    for value in written({}, {"user": "old"}, SHOP):
        jar.store(value, SHOP, now=NOW)

    user = "x" * 4000 if "max_cookie_size" in options else "new"
    for value in written(options, {"user": user}, url):
        jar.store(value, url, now=NOW, site=site)

    assert kept == CookieSession(keys=KEYS).decode(jar.header(SHOP, now=NOW))


def test_a_session_of_a_longer_path_hides_one_of_a_shorter_path() -> None:
    jar = CookieJar()
    for path, user in (("/shop", "inner"), ("/", "outer")):
        for value in written({"path": path}, {"user": user}, SHOP):
            jar.store(value, SHOP, now=NOW)

    def seen(url: str) -> Any:
        return CookieSession(keys=KEYS).decode(jar.header(url, now=NOW))

    assert [{"user": "outer"}, {"user": "inner"}, {"user": "inner"}] == [
        seen(url) for url in ("https://example.test/", SHOP, CART)
    ]
    ended = CookieSession(keys=KEYS, path="/shop").open(jar.header(SHOP, now=NOW), https=True)
    ended.destroy()
    for value in ended.commit():
        jar.store(value, SHOP, now=NOW)
    assert {"user": "outer"} == seen(CART)


def written(options: dict[str, Any], contents: dict[str, Any], url: str) -> list[str]:
    """Return the ``Set-Cookie`` values of a session that is called saved."""
    options = {"clock": lambda: NOW, **options}
    session = CookieSession(keys=KEYS, **options).open(https=url.startswith("https"))
    session.replace(contents)
    values = session.commit()
    assert Written.SAVED is session.written
    return values

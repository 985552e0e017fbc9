"""The how-to on a new domain, path or name: its warning and its recipe, with a browser's jar."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cookiesession_core import CookieSession, Session
from tests.support.keys import KEYS
from tests.support.servers import ROOT
from tests.support.user_agent import CookieJar

PAGE = (ROOT / "docs" / "how-to" / "move-cookies.md").read_text("utf-8")
URL = "https://www.example.com/shop/"
NOW = 1_700_000_000
FRAMED: dict[str, Any] = {"same_site": "none", "secure": True}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a domain": ({}, {"domain": "example.com"}),
    "no domain": ({"domain": "example.com"}, {}),
    "another path": ({"path": "/shop"}, {}),
    "partitioned": (FRAMED, {**FRAMED, "partitioned": True}),
    "not partitioned": ({**FRAMED, "partitioned": True}, FRAMED),
}

shown: dict[str, Any] = {}
exec(re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0], shown)


class Site:
    """A site after the change of its configuration, and the cookies of Ada, who was logged in."""

    def __init__(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        self.old_sessions = CookieSession(keys=KEYS, name="session", **before)
        self.sessions = CookieSession(keys=KEYS, **after)
        self.jar = CookieJar()
        session = self._open(self.old_sessions)
        session["user"] = "ada"
        self._keep(session.commit())

    def count(self) -> Any:
        session, others = self._opened()
        session["views"] = session.get("views", 0) + 1
        self._keep(session.commit(others))
        return session["views"]

    def user(self) -> Any:
        session, others = self._opened()
        user = session.get("user")
        self._keep(session.commit(others))
        return user

    def log_out(self) -> None:
        session, others = self._opened()
        session.destroy()
        self._keep(session.commit(others))

    def names(self) -> list[str]:
        return sorted(cookie.name for cookie in self.jar.cookies(NOW))

    def _opened(self) -> tuple[Session, list[str]]:
        """Return the session and what the page's recipe sends, if there is a new name."""
        session = self._open(self.sessions)
        if self.sessions.name == self.old_sessions.name:
            return session, []
        old_session = self._open(self.old_sessions)
        shown["carry_over"](session, old_session)
        return session, old_session.commit()

    def _open(self, sessions: CookieSession) -> Session:
        return sessions.open(self.jar.header(URL, now=NOW), https=True)

    def _keep(self, set_cookies: list[str]) -> None:
        for value in set_cookies:
            assert self.jar.store(value, URL, now=NOW)


@pytest.mark.parametrize("change", CHANGES)
def test_under_the_same_name_the_old_cookie_counts_and_a_logout_does_not_log_out(
    change: str,
) -> None:
    before, after = CHANGES[change]
    site = Site(before, after)

    assert "shows 1, 1, 1 to" in PAGE
    assert [1, 1, 1] == [site.count() for _ in range(3)]
    assert ["session", "session", "session.sig", "session.sig"] == site.names()
    site.log_out()
    assert "ada" == site.user()


@pytest.mark.parametrize("change", CHANGES)
def test_with_a_new_name_the_session_is_carried_over_and_a_logout_logs_out(change: str) -> None:
    before, after = CHANGES[change]
    site = Site(before, {"name": "shop", **after})

    assert "ada" == site.user()
    assert ["shop", "shop.sig"] == site.names()
    assert [1, 2, 3] == [site.count() for _ in range(3)]
    site.log_out()
    assert site.user() is None
    assert [] == site.names()


@pytest.mark.parametrize("change", CHANGES)
def test_a_logout_in_the_first_request_after_the_change_logs_out(change: str) -> None:
    before, after = CHANGES[change]
    site = Site(before, {"name": "shop", **after})

    site.log_out()

    assert [] == site.names()


@pytest.mark.parametrize(
    "after", [{"secure": True}, {"same_site": "lax"}, {"max_age": 3600}, {"http_only": False}]
)
def test_the_other_attributes_may_change_under_the_same_name(after: dict[str, Any]) -> None:
    site = Site({}, after)

    assert [1, 2, 3] == [site.count() for _ in range(3)]
    assert ["session", "session.sig"] == site.names()
    site.log_out()
    assert site.user() is None

"""A visitor of an application whose time the test sets."""

from __future__ import annotations

import base64
import json
from typing import Any

import attrs

from cookiesession_core import CookieSession, Outcome, Written
from tests.support.user_agent import CookieJar

URL = "http://example.com/"
NOW = 1_700_000_000


@attrs.define
class Clock:
    """A clock that stands still until a test moves it."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@attrs.define
class Visitor:
    """Keeps the cookies of one application, and lets it serve requests."""

    sessions: CookieSession
    jar: CookieJar = attrs.field(factory=CookieJar)

    def request(self, **changes: Any) -> tuple[Outcome, dict[str, Any], Written | None]:
        """Touch and change the session; return the outcome, the contents before, and `written`."""
        session = self.sessions.open(self.jar.header(URL, now=0))
        outcome, seen = session.outcome, dict(session)
        session.update(changes)
        for value in session.commit():
            self.jar.store(value, URL, now=0)
        return outcome, seen, session.written

    def stored(self) -> Any:
        """The contents of the cookie."""
        return json.loads(base64.b64decode(self.jar.value("session")))

"""The formats of iron-session and React Router, and the originals in Node."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_adapters.formats.react_router import ReactRouter
from cookiesession_core import CookieSession, Outcome

from . import originals
from .bench_requests import request
from .payloads import KEY, LARGE, PLAIN, TYPICAL
from .question import Case, Question, checked, timed
from .sessions import SESSIONS, TITLE, session_calls, visitor

IRON = CookieSession(name="session", format=IronSession(KEY))
ROUTER = CookieSession(name="session", format=ReactRouter([KEY]))
ROWS = {TITLE: SESSIONS, "IronSession": IRON, "ReactRouter": ROUTER}


def formats() -> Iterator[Case]:
    """Compare the formats, and what a forged cookie costs in each."""
    for payload in (TYPICAL, LARGE):
        for row, sessions in ROWS.items():
            calls = session_calls(sessions, payload, PLAIN)
            calls.pop("read a list", None)
            forged = _forged(visitor(sessions, payload.contents))
            call = partial(request, sessions, forged)
            calls["forged"] = checked(call, lambda read: read.outcome, Outcome.BAD_SIGNATURE)
            yield from timed(payload.size, row, calls)
    task: dict[str, Any] = {"key": KEY, "contents": TYPICAL.contents}
    task["sealed"] = visitor(IRON, TYPICAL.contents)
    task["signed"] = visitor(ROUTER, TYPICAL.contents)
    for row, operation, sample in originals.calls("formats.js", task):
        yield Case(TYPICAL.size, row, operation, sample)


def _forged(cookie: str) -> str:
    """Return the cookie with another character in its signature or MAC."""
    place = len(cookie) - 8
    return f"{cookie[:place]}{'B' if cookie[place] == 'A' else 'A'}{cookie[place + 1 :]}"


QUESTIONS = (Question("formats", "Other formats", formats, TITLE),)

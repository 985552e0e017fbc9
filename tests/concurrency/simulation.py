"""Simulate the parallel requests of one visitor, and count lost and undone changes.

Every run draws the same schedule. Time is a number; nothing waits. Each schedule is served twice:
as the library does it, and by another rule, such as to send the session with every response.

``python -m tests.concurrency.simulation`` prints the tables for ``docs/concurrency.md``.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from cookiesession_core import CookieSession, Outcome, Session, Written
from tests.support.keys import NEWEST, OLDER, OTHER
from tests.support.user_agent import CookieJar

URL = "http://example.com/"
MINUTE, HOUR = 60, 3600
START = 1_700_000_000

TABS = 4
"""How many requests a page sends at once."""
LATENCY = 0.3
"""The mean time in seconds from a request to its response."""
PAUSE = 60
"""The mean time in seconds between two pages."""

READS = 10_000
WRITES = 2_000
VISITORS = 200
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5)

EXPIRED_SIGNATURE = "session.sig=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly"

Act = Callable[[Session], object]


@attrs.frozen
class Planned:
    """One request: the times of request and response, and the act of the application."""

    sent: float
    arrives: float
    act: Act
    is_elsewhere: bool = False
    """Whether it goes to a second application on the host, which has other keys."""


@attrs.define
class Visitor:
    """A browser and the server it talks to."""

    options: dict[str, Any]
    every_response: bool = False
    """Follow the rule of other libraries: send the session with every response."""
    deletes_bad_signatures: bool = False
    """Follow Node's rule: a request that reads a bad signature deletes it."""
    now: float = START
    jar: CookieJar = attrs.field(factory=CookieJar)
    keys: list[str] = attrs.field(factory=lambda: [OLDER])
    written: Counter[Written] = attrs.field(factory=Counter)

    def server(self, keys: list[str] | None = None) -> CookieSession:
        """Return the server with its current configuration, or one with other keys."""
        return CookieSession(keys=keys or self.keys, clock=lambda: self.now, **self.options)

    def run(self, plan: Iterator[Planned]) -> None:
        """Send the requests and take the responses, in the order of time."""
        number = itertools.count()
        waiting: list[tuple[float, int, Session, Act]] = []
        server, elsewhere = self.server(), self.server([OTHER])
        for planned in plan:
            while waiting and waiting[0][0] <= planned.sent:
                self._answer(*heapq.heappop(waiting))
            self.now = planned.sent
            asked = elsewhere if planned.is_elsewhere else server
            session = asked.open(self.jar.header(URL, now=self.now))
            # The application reads at once, and writes just before it responds.
            dict(session)
            heapq.heappush(waiting, (planned.arrives, next(number), session, planned.act))
        while waiting:
            self._answer(*heapq.heappop(waiting))

    def _answer(self, arrives: float, _: int, session: Session, act: Act) -> None:
        self.now = arrives
        act(session)
        if self.every_response and session.is_populated:
            session.replace(dict(session))
        set_cookies = session.commit()
        if (
            self.deletes_bad_signatures
            and not set_cookies
            and session.outcome is Outcome.BAD_SIGNATURE
        ):
            set_cookies = [EXPIRED_SIGNATURE]
        for set_cookie in set_cookies:
            self.jar.store(set_cookie, URL, now=self.now)
        if session.written is not None:
            self.written[session.written] += 1

    def stored(self) -> dict[str, Any]:
        """Return the contents of the browser's session."""
        return self.server().decode(self.jar.header(URL, now=self.now)) or {}


def between(draw: random.Random, mean: float) -> float:
    """Draw a time from an exponential distribution."""
    return -math.log(1 - draw.random()) * mean


def pages(
    draw: random.Random, requests: int, act: Callable[[random.Random], Act], now: float
) -> Iterator[Planned]:
    """Draw pages that send several requests at once."""
    for _ in range(requests // TABS):
        now += between(draw, PAUSE)
        for _ in range(TABS):
            yield Planned(now, now + between(draw, LATENCY), act(draw))


def read(session: Session) -> None:
    """Read the session for a page."""
    session.get("user")


def log_in(session: Session) -> None:
    """Begin the session of a user."""
    session["user"] = 7


def increment(session: Session) -> None:
    """Add one to a counter in the session."""
    session["count"] = session.get("count", 0) + 1


def reading(options: dict[str, Any], *, rotate: bool, every_response: bool) -> Visitor:
    """Let a logged-in visitor read; ``rotate`` puts a new key in front half-way."""
    draw, visitor = random.Random(2024), Visitor(options, every_response=every_response)
    visitor.run(iter([Planned(START, START, log_in)]))
    visitor.written.clear()
    visitor.run(pages(draw, READS // 2, lambda _: read, START))
    if rotate:
        visitor.keys = [NEWEST, OLDER]
    visitor.run(pages(draw, READS // 2, lambda _: read, visitor.now))
    return visitor


def writing(share: float, *, every_response: bool) -> tuple[int, int]:
    """Return how many requests added one, and how many of these the counter does not show."""
    counted = 0

    def act(draw: random.Random) -> Act:
        nonlocal counted
        writes = draw.random() < share
        counted += writes
        return increment if writes else read

    visitor = Visitor({}, every_response=every_response)
    visitor.run(iter([Planned(START, START, log_in)]))
    visitor.run(pages(random.Random(2024), WRITES, act, START))
    return counted, counted - visitor.stored().get("count", 0)


def logging_out(options: dict[str, Any], *, rotate: bool, every_response: bool) -> int:
    """Return how many logouts a slower request that only reads undoes.

    ``rotate`` puts a new key in front before the page on which the visitor logs out.
    """
    draw, undone = random.Random(2024), 0
    for _ in range(VISITORS):
        visitor = Visitor(options, every_response=every_response)
        visitor.run(iter([Planned(START, START, log_in)]))
        visitor.run(pages(draw, int(draw.random() * 20) * TABS, lambda _: read, START))
        if rotate:
            visitor.keys = [NEWEST, OLDER]
        now = visitor.now + between(draw, PAUSE)
        acts = [read] * (TABS - 1) + [Session.destroy]
        visitor.run(iter([Planned(now, now + between(draw, LATENCY), act) for act in acts]))
        undone += bool(visitor.stored())
    return undone


def beginning(*, elsewhere: bool, deletes_bad_signatures: bool) -> int:
    """Return how many sessions get lost that a page begins.

    The visitor's key was dropped. Or, with ``elsewhere``, the page also reads the session at a
    second application.
    """
    draw, lost = random.Random(2024), 0
    for _ in range(VISITORS):
        visitor = Visitor({}, deletes_bad_signatures=deletes_bad_signatures)
        visitor.run(iter([Planned(START, START, log_in)]))
        if not elsewhere:
            visitor.keys = [NEWEST]
        now = visitor.now + between(draw, PAUSE)
        acts = [read] * (TABS - 1) + [log_in]
        plan = [
            Planned(now, now + between(draw, LATENCY), act, is_elsewhere=elsewhere and act is read)
            for act in acts
        ]
        visitor.run(iter(plan))
        lost += not visitor.stored()
    return lost


IDLE = {"idle_timeout": 30 * MINUTE}


def table_of_reads() -> str:
    """Return how many responses to requests that only read carry cookies."""
    rows: list[tuple[str, ...]] = [("session", "cookies sent", "re-signed", "refreshed")]
    for name, options, rotate, every_response in (
        ("without a timeout", {}, False, False),
        ("keys rotated half-way", {}, True, False),
        ("`idle_timeout` of 30 minutes", IDLE, False, False),
        ("sent with every response", {}, False, True),
    ):
        written = reading(options, rotate=rotate, every_response=every_response).written
        figures = (
            sum(written.values()) - written[Written.NOTHING],
            written[Written.RESIGNED],
            written[Written.REFRESHED],
        )
        rows.append((name, *map(str, figures)))
    return table(rows)


def table_of_writes() -> str:
    """Return how many increments get lost."""
    rows: list[tuple[str, ...]] = [
        ("requests that write", "increments", "lost here", "lost with every response")
    ]
    for share in SHARES:
        counted, lost = writing(share, every_response=False)
        _, more = writing(share, every_response=True)
        rows.append((f"{share:.0%}", *map(str, (counted, lost, more))))
    return table(rows)


def table_of_logouts() -> str:
    """Return how many logouts get undone."""
    rows: list[tuple[str, ...]] = [("session", "undone here", "undone with every response")]
    for name, options, rotate in (
        ("without a timeout", {}, False),
        ("`idle_timeout` of 30 minutes", IDLE, False),
        ("keys rotated just before", {}, True),
    ):
        figures = (
            logging_out(options, rotate=rotate, every_response=every_response)
            for every_response in (False, True)
        )
        rows.append((name, *map(str, figures)))
    return table(rows)


def table_of_beginnings() -> str:
    """Return how many new sessions get lost."""
    rows: list[tuple[str, ...]] = [
        ("session", "lost here", "lost where reading deletes a bad signature")
    ]
    for name, elsewhere in (
        ("begun after its key was dropped", False),
        ("begun on a page that also reads at a second application", True),
    ):
        figures = (
            beginning(elsewhere=elsewhere, deletes_bad_signatures=deletes)
            for deletes in (False, True)
        )
        rows.append((name, *map(str, figures)))
    return table(rows)


def table(rows: list[tuple[str, ...]]) -> str:
    """Return ``rows`` as a Markdown table; the first row is its head."""
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "| --- |" + " --: |" * (len(rows[0]) - 1), *body])


TABLES = (table_of_reads, table_of_writes, table_of_logouts, table_of_beginnings)

if __name__ == "__main__":
    print("\n\n".join(make() for make in TABLES))  # noqa: T201

"""Parallel requests of one visitor, drawn and counted: what the documentation says in figures.

Every run draws the same schedule. Time is a number; nothing waits. A schedule is served twice:
as the library does it, and by a server that sends the session with every response.

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

from cookiesession_core import CookieSession, Session, Written
from tests.support.keys import NEWEST, OLDER
from tests.support.user_agent import CookieJar

URL = "http://example.com/"
MINUTE, HOUR = 60, 3600
START = 1_700_000_000

TABS = 4
"""Requests that a page sends at once."""
LATENCY = 0.3
"""Seconds that a request takes on average."""
PAUSE = 60
"""Seconds between two pages on average."""

READS = 10_000
WRITES = 2_000
LOGOUTS = 200
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5)

Act = Callable[[Session], object]


@attrs.frozen
class Planned:
    """One request: when it is sent, when its answer arrives, and what is done in between."""

    sent: float
    arrives: float
    act: Act


@attrs.define
class Visitor:
    """A browser and the server it talks to."""

    options: dict[str, Any]
    every_response: bool = False
    """Serve by the other rule: the session goes out with every response."""
    now: float = START
    jar: CookieJar = attrs.field(factory=CookieJar)
    keys: list[str] = attrs.field(factory=lambda: [OLDER])
    written: Counter[Written] = attrs.field(factory=Counter)

    def server(self) -> CookieSession:
        """Return the server as it is configured at this moment."""
        return CookieSession(keys=self.keys, clock=lambda: self.now, **self.options)

    def run(self, plan: Iterator[Planned]) -> None:
        """Send the requests and take the answers, in the order of time."""
        number = itertools.count()
        waiting: list[tuple[float, int, Session, Act]] = []
        server = self.server()
        for planned in plan:
            while waiting and waiting[0][0] <= planned.sent:
                self._answer(*heapq.heappop(waiting))
            self.now = planned.sent
            session = server.open(self.jar.header(URL, now=self.now))
            # The application reads at once, and writes before its answer leaves.
            dict(session)
            heapq.heappush(waiting, (planned.arrives, next(number), session, planned.act))
        while waiting:
            self._answer(*heapq.heappop(waiting))

    def _answer(self, arrives: float, _: int, session: Session, act: Act) -> None:
        self.now = arrives
        act(session)
        if self.every_response and session.is_populated:
            session.replace(dict(session))
        lines = session.commit()
        for line in lines:
            self.jar.store(line, URL, now=self.now)
        if session.written is not None:
            self.written[session.written] += 1

    def stored(self) -> dict[str, Any]:
        """Return what the browser's cookies hold."""
        return self.server().decode(self.jar.header(URL, now=self.now)) or {}


def between(draw: random.Random, mean: float) -> float:
    """Return a time drawn from an exponential distribution."""
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
    """Read what a page shows."""
    session.get("user")


def increment(session: Session) -> None:
    """Count, as a shop counts what is in the cart."""
    session["count"] = session.get("count", 0) + 1


def reading(options: dict[str, Any], *, rotate: bool, every_response: bool) -> Visitor:
    """Let a visitor who is logged in read, and perhaps rotate the keys in the meantime."""
    draw, visitor = random.Random(2024), Visitor(options, every_response=every_response)
    visitor.run(iter([Planned(START, START, lambda session: session.update(user=7))]))
    visitor.written.clear()
    visitor.run(pages(draw, READS // 2, lambda _: read, START))
    if rotate:
        visitor.keys = [NEWEST, OLDER]
    visitor.run(pages(draw, READS // 2, lambda _: read, visitor.now))
    return visitor


def writing(share: float, *, every_response: bool) -> tuple[int, int]:
    """Return how many requests counted, and how many of these the count does not show."""
    counted = 0

    def act(draw: random.Random) -> Act:
        nonlocal counted
        writes = draw.random() < share
        counted += writes
        return increment if writes else read

    visitor = Visitor({}, every_response=every_response)
    visitor.run(iter([Planned(START, START, lambda session: session.update(user=7))]))
    visitor.run(pages(random.Random(2024), WRITES, act, START))
    return counted, counted - visitor.stored().get("count", 0)


def logging_out(options: dict[str, Any], *, every_response: bool) -> int:
    """Return how many of the log-outs a slower, reading request has undone."""
    draw, undone = random.Random(2024), 0
    for _ in range(LOGOUTS):
        visitor = Visitor(options, every_response=every_response)
        visitor.run(iter([Planned(START, START, lambda session: session.update(user=7))]))
        visitor.run(pages(draw, int(draw.random() * 20) * TABS, lambda _: read, START))
        now = visitor.now + between(draw, PAUSE)
        acts = [read] * (TABS - 1) + [Session.destroy]
        visitor.run(iter([Planned(now, now + between(draw, LATENCY), act) for act in acts]))
        undone += bool(visitor.stored())
    return undone


IDLE = {"idle_timeout": 30 * MINUTE}


def table_of_reads() -> str:
    """Return how many responses to reading requests carry cookies."""
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
    """Return how many increments are lost."""
    rows: list[tuple[str, ...]] = [
        ("requests that write", "increments", "lost here", "lost with every response")
    ]
    for share in SHARES:
        counted, lost = writing(share, every_response=False)
        _, more = writing(share, every_response=True)
        rows.append((f"{share:.0%}", *map(str, (counted, lost, more))))
    return table(rows)


def table_of_logouts() -> str:
    """Return how many log-outs are undone."""
    rows: list[tuple[str, ...]] = [("session", "undone here", "undone with every response")]
    for name, options in (("without a timeout", {}), ("`idle_timeout` of 30 minutes", IDLE)):
        figures = (
            logging_out(options, every_response=every_response) for every_response in (False, True)
        )
        rows.append((name, *map(str, figures)))
    return table(rows)


def table(rows: list[tuple[str, ...]]) -> str:
    """Return ``rows`` in Markdown, the first as the head."""
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "| --- |" + " --: |" * (len(rows[0]) - 1), *body])


TABLES = (table_of_reads, table_of_writes, table_of_logouts)

if __name__ == "__main__":
    print("\n\n".join(make() for make in TABLES))  # noqa: T201

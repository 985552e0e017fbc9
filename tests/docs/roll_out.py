"""Simulate a fleet whose timeouts are turned on server by server, and count who is logged out.

Every run draws the same visitors. Time is a number; nothing waits.

``python -m tests.docs.roll_out`` prints the table for ``docs/expiry.md``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from cookiesession_core import CookieSession, Outcome
from tests.support.keys import NEWEST
from tests.support.user_agent import CookieJar

URL = "http://example.com/"
START = 1_700_000_000
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
IDLE = 30 * MINUTE
SERVERS = 10
VISITORS = 100
REST = 2 * HOUR
"""Seconds between two steps in which nothing changes."""

Options = Mapping[str, Any]
PLAIN: Options = {}
SHORT: Options = {"idle_timeout": IDLE}


def in_one_step(_: float) -> list[Options]:
    """Turn the timeout on."""
    return [PLAIN, SHORT]


def by_a_long_timeout(roll_out: float) -> list[Options]:
    """Turn on a long timeout first, and shorten it then."""
    return [PLAIN, {"idle_timeout": max(DAY, 2 * roll_out)}, SHORT]


def in_three_steps(roll_out: float) -> list[Options]:
    """Let the application note the use of a session until all servers have the timeout."""
    long = {"idle_timeout": 2 * roll_out, "seen": IDLE / 2}
    return [PLAIN, long, {**SHORT, "seen": IDLE / 2}, SHORT]


def in_three_steps_back(roll_out: float) -> list[Options]:
    """Turn it off in the same way."""
    return in_three_steps(roll_out)[::-1]


class Fleet:
    """Ten servers, each of them with the options of the step that it has reached."""

    def __init__(self, steps: list[Options], roll_out: float) -> None:
        self.now: float = START
        self._steps = [self._server(options) for options in steps]
        self._roll_out = roll_out

    def _server(self, options: Options) -> tuple[CookieSession, float | None]:
        own = dict(options)
        seen = own.pop("seen", None)
        return CookieSession(keys=[NEWEST], clock=lambda: self.now, **own), seen

    @property
    def end(self) -> float:
        """The time at which the last step is over."""
        return START + (len(self._steps) - 1) * (self._roll_out + REST)

    def outcome(self, server: int, jar: CookieJar) -> Outcome:
        """Let a visitor read at a server."""
        # The first server takes a step at its beginning, the last one when the roll-out ends.
        passed = self.now - START - self._roll_out * server / (SERVERS - 1)
        reached = 0 if passed < 0 else int(passed // (self._roll_out + REST)) + 1
        sessions, seen = self._steps[min(reached, len(self._steps) - 1)]
        session = sessions.open(jar.header(URL, now=self.now))
        if seen is not None and session:
            session["seen"] = int(self.now // seen)
        outcome = session.outcome
        for value in session.commit():
            jar.store(value, URL, now=self.now)
        return outcome


def logged_out(order: Callable[[float], list[Options]], roll_out: float) -> int:
    """Return how many visitors are logged out who come at least every fifteen minutes."""
    draw, lost = random.Random(2024), 0
    for _ in range(VISITORS):
        fleet = Fleet(order(roll_out), roll_out)
        jar = CookieJar()
        for pair in CookieSession(keys=[NEWEST]).encode({"user": 7}).items():
            jar.store("=".join(pair), URL, now=START)
        pause = draw.uniform(MINUTE, IDLE / 2)
        while fleet.now < fleet.end:
            fleet.now += draw.uniform(MINUTE, pause)
            if fleet.outcome(draw.randrange(SERVERS), jar) is not Outcome.LOADED:
                lost += 1
                break
    return lost


ORDERS: Mapping[str, Callable[[float], list[Options]]] = {
    "`idle_timeout=1800` in one step": in_one_step,
    "`idle_timeout` of a day or more, then 1800": by_a_long_timeout,
    "the three steps below": in_three_steps,
    "the three steps backwards, to turn it off": in_three_steps_back,
}
ROLL_OUTS = {"15 minutes": 15 * MINUTE, "1 hour": HOUR, "4 hours": 4 * HOUR}


def table() -> str:
    """Return the table."""
    rows = [("order", *ROLL_OUTS)]
    rows += [
        (name, *(str(logged_out(order, roll_out)) for roll_out in ROLL_OUTS.values()))
        for name, order in ORDERS.items()
    ]
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "| --- |" + " --: |" * len(ROLL_OUTS), *body])


if __name__ == "__main__":
    print(table())  # noqa: T201

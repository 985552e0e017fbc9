"""What do more keys cost? They are tried in turn, newest first, so the place of the key counts."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.payloads import TYPICAL, cookie_header
from benchmarks.run import Results, Run
from benchmarks.tables import Table, ratio, time
from benchmarks.timing import Call
from cookiesession_core import CookieSession

NAME = "rotation"
KEYS = [f"key number {index} of the rotation, 32 octets" for index in range(10)]
PLACES = ((1, 1), (2, 1), (2, 2), (3, 3), (5, 1), (5, 5), (10, 1), (10, 5), (10, 10))


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row for so many keys and the place of the one that verifies.

    ``load`` reads; ``request`` also commits, and signs again what an older key had signed.
    """
    calls: dict[tuple[int, int, str], Call] = {}
    for count, place in PLACES:
        sessions = CookieSession(keys=KEYS[:count])
        visitor = CookieSession(keys=[KEYS[place - 1]]).encode(TYPICAL.contents)
        header = cookie_header(*(f"{name}={value}" for name, value in visitor.items()))
        calls[count, place, "load"] = partial(_load, sessions, header)
        calls[count, place, "request"] = partial(_request, sessions, header)
    timings = run.watch.measure(calls)
    rows: dict[tuple[int, int], dict[str, Any]] = {
        (count, place): {"keys": count, "place": place} for count, place in PLACES
    }
    for (count, place, what), timing in timings.items():
        rows[count, place][what] = round(timing.median, 1)
    return list(rows.values())


def _load(sessions: CookieSession, header: str) -> int:
    return len(sessions.open(header))


def _request(sessions: CookieSession, header: str) -> list[str]:
    session = sessions.open(header)
    len(session)
    return session.commit()


def tables(results: Results) -> list[Table]:
    """Return times by keys; the ratio is to a single key."""
    measured = results.get(NAME, ())
    rows = [
        (
            f"{row['keys']}",
            f"{row['place']}",
            time(row["load"]),
            ratio(row["load"], measured[0]["load"]),
            time(row["request"]),
            ratio(row["request"], measured[0]["request"]),
        )
        for row in measured
    ]
    head = ("keys", "the one that verifies", "load", "to one key", "whole request", "to one key")
    return [Table("Keys in rotation (an older key's session is signed again)", head, rows)]

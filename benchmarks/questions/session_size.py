"""What does the size of a session cost? One long text beside a counter, up to the 4 KB cookie."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks import floor
from benchmarks.contenders.ours import SESSIONS
from benchmarks.payloads import as_request, sized
from benchmarks.run import Results, Run
from benchmarks.tables import Table, time, time_and_ratio
from benchmarks.timing import Call

NAME = "session_size"
OCTETS = (20, 50, 100, 200, 500, 1000, 2000, 3000)


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row a size: its octets as JSON and as a cookie, and what loading and saving cost."""
    calls: dict[tuple[int, str], Call] = {}
    cookies: dict[int, str] = {}
    for octets in run.some(OCTETS):
        contents = sized(octets).contents
        cookie = cookies[octets] = as_request(floor.save(contents))
        calls[octets, "load"] = partial(_load, cookie)
        calls[octets, "save"] = partial(_save, contents)
        calls[octets, "floor_load"] = partial(floor.load, cookie)
        calls[octets, "floor_save"] = partial(floor.save, contents)
    timings = run.watch.measure(calls)
    rows: dict[int, dict[str, Any]] = {
        octets: {"octets": octets, "cookie": len(cookie)} for octets, cookie in cookies.items()
    }
    for (octets, what), timing in timings.items():
        rows[octets][what] = round(timing.median, 1)
    return list(rows.values())


def _load(cookie: str) -> int:
    return len(SESSIONS.open(cookie))


def _save(contents: dict[str, Any]) -> list[str]:
    session = SESSIONS.open()
    session.replace(contents)
    return session.commit()


def tables(results: Results) -> list[Table]:
    """Return times by size, with ratios to the floor."""
    head = ("octets of JSON", "of the Cookie header", "load", "save", "floor: load", "save")
    rows = [
        (
            f"{row['octets']}",
            f"{row['cookie']}",
            time_and_ratio(row["load"], row["floor_load"]),
            time_and_ratio(row["save"], row["floor_save"]),
            time(row["floor_load"]),
            time(row["floor_save"]),
        )
        for row in results.get(NAME, ())
    ]
    return [Table("The size of the session (one long text)", head, rows)]

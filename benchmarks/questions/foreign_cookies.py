"""What do other cookies in the same header cost? They stand before ours, the worst place."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks import floor
from benchmarks.contenders.ours import SESSIONS
from benchmarks.payloads import TYPICAL, as_request, cookie_header
from benchmarks.run import Results, Run
from benchmarks.tables import Table, time, time_and_ratio
from benchmarks.timing import Call

NAME = "foreign_cookies"
COUNTS = (0, 1, 2, 5, 10, 20, 50)


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row a number of cookies: what it costs to load, and to leave the session alone."""
    own = as_request(floor.save(TYPICAL.contents))
    headers = {count: cookie_header(own, foreign=count) for count in run.some(COUNTS)}
    calls: dict[tuple[int, str], Call] = {}
    for count, header in headers.items():
        calls[count, "load"] = partial(_load, header)
        calls[count, "untouched"] = partial(_untouched, header)
        calls[count, "floor_load"] = partial(floor.load, header)
    timings = run.watch.measure(calls)
    rows: dict[int, dict[str, Any]] = {
        count: {"cookies": count, "header": len(header)} for count, header in headers.items()
    }
    for (count, what), timing in timings.items():
        rows[count][what] = round(timing.median, 1)
    return list(rows.values())


def _load(header: str) -> int:
    return len(SESSIONS.open(header))


def _untouched(header: str) -> list[str]:
    return SESSIONS.open(header).commit()


def tables(results: Results) -> list[Table]:
    """Return times by number of cookies."""
    head = ("other cookies", "octets of the header", "load", "untouched", "floor: load")
    rows = [
        (
            f"{row['cookies']}",
            f"{row['header']}",
            time_and_ratio(row["load"], row["floor_load"]),
            time(row["untouched"]),
            time(row["floor_load"]),
        )
        for row in results.get(NAME, ())
    ]
    return [Table("Other cookies in the header", head, rows)]

"""Does time grow in proportion to what a client sends? Whatever it sends?

The slope is that of time over length, both as logarithms, where the length doubles: 1 is linear,
2 would be quadratic.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import floor
from benchmarks.contenders.ours import SESSIONS
from benchmarks.payloads import as_request, sized
from benchmarks.run import Results, Run
from benchmarks.tables import Table, time
from benchmarks.timing import Call

NAME = "linearity"
LENGTHS = tuple(2**power for power in range(10, 18))
"""Octets, from a usual header to far more than any server takes."""


def _repeated(text: str) -> Callable[[int], str]:
    return lambda length: text * (length // len(text))


HEADERS: dict[str, Callable[[int], str]] = {
    "a session": lambda length: as_request(floor.save(sized(length * 3 // 4).contents)),
    "no session, one long value": lambda length: "theme=" + "x" * length,
    "no session, many cookies": _repeated("name=value; "),
    "names that end in ours": _repeated("xsession=1; "),
    "spaces": lambda length: " " * length + "session=1",
    "separators": _repeated(";"),
    "our name, over and over": _repeated("session=1; session.sig=2; "),
    "our name without separators": _repeated("session="),
    "an opening quote, never closed": lambda length: 'session="' + "x" * length,
    "signed nonsense": lambda length: "session=" + "e" * length + "; session.sig=" + "x" * 27,
}


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row a kind of header: times at the least and the greatest length, and the slope."""
    lengths = run.some(LENGTHS)
    calls: dict[tuple[str, int], Call] = {
        (name, length): partial(_read, make(length))
        for name, make in HEADERS.items()
        for length in lengths
    }
    timings = run.watch.measure(calls)
    rows: list[dict[str, Any]] = []
    for name in HEADERS:
        times = [timings[name, length].median for length in lengths]
        upper = len(lengths) // 2  # below, what each request costs anyway hides the growth
        slope = math.log(times[-1] / times[upper - 1]) / math.log(lengths[-1] / lengths[upper - 1])
        rows.append(
            {
                "header": name,
                "octets": [lengths[0], lengths[-1]],
                "ns": [round(times[0], 1), round(times[-1], 1)],
                "slope": round(slope, 3),
            }
        )
    return rows


def _read(header: str) -> int:
    return len(SESSIONS.open(header))


def tables(results: Results) -> list[Table]:
    """Return times and slopes by kind of header."""
    measured = results.get(NAME, ())
    if not measured:
        return []
    low, high = measured[0]["octets"]
    head = ("the Cookie header", f"{low} octets", f"{high} octets", "slope")
    rows = [
        (row["header"], time(row["ns"][0]), time(row["ns"][1]), f"{row['slope']:.2f}")
        for row in measured
    ]
    return [Table("Growth with the length of the header", head, rows)]

"""How much memory does a request hold, and how much does it need for a moment?

``tracemalloc`` sees what is alive, not what came and went. So this counts what a number of
requests hold that are all under way, and the peak while one of them is served.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import floor
from benchmarks.contenders.ours import SESSIONS
from benchmarks.payloads import PAYLOADS, as_request
from benchmarks.run import Results, Run
from benchmarks.tables import Table

NAME = "allocations"
AT_ONCE = 200


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row for each thing that a request may do, by size of the session."""
    at_once = 10 if run.quick else AT_ONCE
    rows: list[dict[str, Any]] = []
    for payload in PAYLOADS:
        cookie = as_request(floor.save(payload.contents))
        for name, request in REQUESTS.items():
            figures = _traced(partial(request, cookie), at_once)
            rows.append({"request": name, "size": payload.size, **figures})
    return rows


def _untouched(cookie: str) -> Any:
    session = SESSIONS.open(cookie)
    return session, session.commit()


def _read(cookie: str) -> Any:
    session = SESSIONS.open(cookie)
    return session, session["views"], session.commit()


def _round_trip(cookie: str) -> Any:
    session = SESSIONS.open(cookie)
    session["views"] = session.get("views", 0) + 1
    return session, session.commit()


REQUESTS: dict[str, Callable[[str], Any]] = {
    "floor: read": floor.load,
    "floor: round trip": floor.round_trip,
    "untouched": _untouched,
    "read": _read,
    "round trip": _round_trip,
}


def _traced(request: Callable[[], Any], at_once: int) -> dict[str, int]:
    held: list[Any] = [None] * at_once
    request()  # what is made once does not count
    gc.collect()
    tracemalloc.start()
    try:
        for index in range(at_once):
            held[index] = request()
        traces = tracemalloc.take_snapshot().traces
        blocks = round(len(traces) / at_once)
        octets = round(sum(trace.size for trace in traces) / at_once)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        request()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return {"blocks": blocks, "octets": octets, "peak": peak - before}


def tables(results: Results) -> list[Table]:
    """Return the figures by request; S, T and L side by side."""
    by_request: dict[str, dict[str, dict[str, Any]]] = {}
    for row in results.get(NAME, ()):
        by_request.setdefault(row["request"], {})[row["size"]] = row
    rows = [
        (
            name,
            *(f"{by_size[size]['octets']} in {by_size[size]['blocks']}" for size in by_size),
            *(f"{by_size[size]['peak']}" for size in by_size),
        )
        for name, by_size in by_request.items()
    ]
    sizes = [payload.size for payload in PAYLOADS]
    head = ("request", *(f"held, {size}" for size in sizes), *(f"peak, {size}" for size in sizes))
    return [
        Table(
            "Memory of a request: octets held in so many blocks, octets at the peak",
            head,
            rows,
        )
    ]

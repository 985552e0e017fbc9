"""What does each operation cost, side by side with the floor and with others?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from benchmarks.contender import Contender, Operation
from benchmarks.payloads import PAYLOADS
from benchmarks.timing import Call, Timing, Watch

Key = tuple[str, str, str, str]
"""Contender, layer, operation, size."""


def measure(watch: Watch, contenders: Iterable[Contender]) -> list[dict[str, Any]]:
    """Return a row for every operation of every contender: nanoseconds, and their spread.

    What runs inside an application is given without the time of the application, which stands
    beside it.
    """
    operations = dict(_operations(contenders))
    calls: dict[tuple[Key, str], Call] = {}
    for key, operation in operations.items():
        calls[key, "with"] = operation.call
        if operation.without is not None:
            calls[key, "without"] = operation.without
    timings = watch.measure(calls)
    return [_row(key, timings[key, "with"], timings.get((key, "without"))) for key in operations]


def _operations(contenders: Iterable[Contender]) -> Iterable[tuple[Key, Operation]]:
    for contender in contenders:
        for payload in PAYLOADS:
            for operation in contender.operations(payload):
                key = (contender.name, operation.layer, operation.name, payload.size)
                yield key, operation


def _row(key: Key, total: Timing, bare: Timing | None) -> dict[str, Any]:
    contender, layer, operation, size = key
    row: dict[str, Any] = {
        "contender": contender,
        "layer": layer,
        "operation": operation,
        "size": size,
        "ns": round(total.median - (bare.median if bare else 0), 1),
        "spread": round(total.spread, 4),
    }
    if bare is not None:
        row["application_ns"] = round(bare.median, 1)
    return row

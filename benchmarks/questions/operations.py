"""What does each operation cost, side by side with the floor and with others?

The letters of the columns are those of ``contender``: a load, b save, c round trip, d untouched,
e read, and lend.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks import node
from benchmarks.contender import (
    ASGI,
    FUNCTIONS,
    LEND,
    LOAD,
    MIDDLEWARE,
    READ,
    ROUND_TRIP,
    SAVE,
    SESSION,
    UNTOUCHED,
    WSGI,
    Operation,
    expected,
)
from benchmarks.payloads import PAYLOADS, Payload
from benchmarks.run import Results, Run
from benchmarks.tables import Table, time, time_and_ratio
from benchmarks.timing import Call, Timing

NAME = "operations"

Key = tuple[str, str, str, str]
"""Contender, layer, operation, size."""


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row for every operation of every contender: nanoseconds, and their spread.

    What runs inside an application is given without the time of the application, which stands
    beside it.

    Raises:
        RuntimeError: when an operation does not do its work.
    """
    operations: dict[Key, Operation] = {}
    calls: dict[tuple[Key, str], Call] = {}
    for key, operation, payload in _operations(run):
        _check(key, operation, payload)
        operations[key] = operation
        calls[key, "with"] = operation.call
        if operation.without is not None:
            calls[key, "without"] = operation.without
    timings = run.watch.measure(calls)
    rows = [_row(key, timings[key, "with"], timings.get((key, "without"))) for key in operations]
    if run.wanted(node.NAME):
        try:
            run.versions["Node"], more = node.measure(run.watch, PAYLOADS)
        except node.NotAvailableError as error:
            run.left_out[node.NAME] = str(error)
        else:
            rows += more
    return rows


def _operations(run: Run) -> Iterator[tuple[Key, Operation, Payload]]:
    for contender in run.contenders:
        for payload in PAYLOADS:
            for operation in contender.operations(payload):
                key = (contender.name, operation.layer, operation.name, payload.size)
                yield key, operation, payload


def _check(key: Key, operation: Operation, payload: Payload) -> None:
    if operation.outcome(operation.call()) != expected(operation.name, payload):
        message = f"{' '.join(key)}: has not done its work"
        raise RuntimeError(message)


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


# --- reading the result ------------------------------------------------------------------------


def times(results: Results) -> dict[Key, float]:
    """Return the nanoseconds of each operation."""
    return {
        (row["contender"], row["layer"], row["operation"], row["size"]): row["ns"]
        for row in results.get(NAME, ())
    }


def base_of(layer: str) -> str:
    """Return the layer of the floor that a layer is compared with."""
    return layer if layer in (ASGI, WSGI) else FUNCTIONS


TITLES = {
    FUNCTIONS: "functions",
    SESSION: "Session object",
    MIDDLEWARE: "whole middleware",
    ASGI: "ASGI",
    WSGI: "WSGI",
}
CORE = (LOAD, SAVE, ROUND_TRIP, READ, LEND)
WHOLE = (ROUND_TRIP, UNTOUCHED, READ)


def tables(results: Results) -> list[Table]:
    """Return everything, the typical session first."""
    return [*core(results), *whole(results)]


def core(results: Results) -> list[Table]:
    """Return what it takes to get from header to contents and back, by size."""
    layers = (FUNCTIONS, SESSION, MIDDLEWARE)
    return [
        _table(results, f"{words}: from header to contents and back", layers, CORE, size)
        for size, words in _sizes()
    ]


def whole(results: Results) -> list[Table]:
    """Return what a session adds to an application, by size."""
    layers = (ASGI, WSGI, MIDDLEWARE)
    return [
        _table(results, f"{words}: added to an application", layers, WHOLE, size)
        for size, words in _sizes()
    ]


def _sizes() -> list[tuple[str, str]]:
    names = {"T": "A typical session", "S": "A small session", "L": "A large session"}
    octets = {payload.size: payload.octets for payload in PAYLOADS}
    return [(size, f"{name} ({octets[size]} octets of JSON)") for size, name in names.items()]


def faster(results: Results) -> Table:
    """Return where others take less time than we do, the floor apart."""
    measured = times(results)
    titles = {each["name"]: each["title"] for each in results["contenders"]}
    rows = []
    for (contender, layer, operation, size), ns in measured.items():
        ours = measured.get(("ours", _ours_beside(layer, operation), operation, size))
        if contender not in ("floor", "ours", "fast") and ours is not None and ns < ours:
            rows.append((titles[contender], operation, size, time(ns), time(ours)))
    return Table("Where others are faster", ("", "operation", "size", "theirs", "ours"), rows)


def _ours_beside(layer: str, operation: str) -> str:
    """Return which layer of ours is compared with another's."""
    if layer == MIDDLEWARE:
        return ASGI if operation in WHOLE else SESSION
    return SESSION if layer == FUNCTIONS else layer


def _table(
    results: Results, title: str, layers: tuple[str, ...], operations: tuple[str, ...], size: str
) -> Table:
    measured = times(results)
    titles = {each["name"]: each["title"] for each in results["contenders"]}
    rows: list[tuple[str, ...]] = []
    for contender, layer in dict.fromkeys(key[:2] for key in measured):
        if layer not in layers:
            continue
        cells = [
            time_and_ratio(
                measured.get((contender, layer, operation, size)),
                measured.get(("floor", base_of(layer), operation, size)),
            )
            for operation in operations
        ]
        rows.append((f"{titles[contender]}, {TITLES[layer]}", *cells))
    return Table(title, ("", *operations), rows)

"""Tables of a run, and the pages of the documentation that show one.

A mark of a page is a comment ``<!-- benchmarks: NAME -->``. What stands between it and the next
``<!-- end -->`` is written by this module, from the results in ``docs/performance``.
"""

import re
import statistics
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyperf

from .question import Question

FOLDER = Path(__file__).resolve().parents[1] / "docs"
PAGES = FOLDER / "performance.md", FOLDER / "performance" / "tables.md"
RESULTS = FOLDER / "performance" / "results.json"
_MARK = re.compile(r"(<!-- benchmarks: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

CHART = {
    "WSGI": ("frameworks", "T, WSGI"),
    "ASGI": ("frameworks", "T, ASGI"),
    "Python and Node, without a framework": ("node", "T"),
}
"""The groups of bars, each with the question and the group of its figures."""

Rows = dict[str, dict[str, Any]]


def tables(benchmarks: Iterable[Any], question: Question) -> str:
    """Return the tables that answer a question, in Markdown."""
    groups = _groups(benchmarks, question.name)
    return "\n\n".join(_table(group, rows, question.base) for group, rows in groups.items())


def _groups(benchmarks: Iterable[Any], question: str) -> dict[str, Rows]:
    groups: dict[str, Rows] = {}
    for benchmark in benchmarks:
        name, group, row, column = benchmark.get_name().split(" | ")
        if name == question:
            groups.setdefault(group, {}).setdefault(row, {})[column] = benchmark
    return groups


def chart(benchmarks: Iterable[Any]) -> str:
    """Return the round trips as bars in HTML, whose text is as large on a phone as elsewhere.

    The style sheet draws a bar before each figure, and our bars in another colour.
    """
    lines = ['<div class="bars">']
    for caption, (question, group) in CHART.items():
        rows = _groups(benchmarks, question)[group]
        round_trips = {name: row["round trip"] for name, row in rows.items()}
        longest = max(each.median() for each in round_trips.values())
        lines.append(f"<b>{caption}</b>")
        for name, each in round_trips.items():
            of_ours = ' class="ours"' if name.startswith("cookiesession") else ""
            part = f'style="--part: {each.median() / longest:.3f}"'
            lines.append(f"<span{of_ours}>{name}</span><i{of_ours} {part}>{_figure(each)}</i>")
    return "\n".join([*lines, "</div>"])


def _table(group: str, rows: Rows, base: str) -> str:
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    bases = rows.get(base) or next(iter(rows.values()))
    lines = [[group, *columns], ["---", *("---:" for _ in columns)]]
    for name, row in rows.items():
        lines.append([name, *(_cell(row.get(column), bases.get(column)) for column in columns)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(benchmark: Any, base: Any) -> str:
    """Return the median and its ratio to the base; ± is half the distance between the quartiles."""
    if benchmark is None:
        return ""
    figure = _figure(benchmark)
    if base is None or benchmark is base:
        return figure if base is None else f"{figure} (1.00)"
    # Both had their turns in the same processes.
    pairs = zip(benchmark.get_values(), base.get_values(), strict=True)
    ratios = [value / other for value, other in pairs]
    # Twice, as quartiles need two values at least.
    low, middle, high = statistics.quantiles(ratios * 2, n=4, method="inclusive")
    return f"{figure} ({middle:.2f} ± {(high - low) / 2:.2f})"


def _figure(benchmark: Any) -> str:
    median = benchmark.median()
    return "0" if median <= 1e-9 else str(benchmark.format_value(median)).replace(" us", " µs")


def filled(page: str, suite: Any, questions: Iterable[Question]) -> str:
    """Return the page with every mark filled from the results."""
    places = {question.name: tables(suite, question) for question in questions}
    places["chart"] = chart(suite)
    about = {name: value for name, value in suite.get_metadata().items() if name != "unit"}
    rows = [f"| {name.replace('_', ' ')} | {about[name]} |" for name in sorted(about)]
    places["conditions"] = "\n".join(["| | |", "| --- | --- |", *rows])
    return _MARK.sub(lambda mark: f"{mark[1]}\n{places[mark[2]]}\n\n{mark[3]}", page)


def publish(benchmarks: list[Any], questions: Iterable[Question]) -> None:
    """Put the results of a run into the documentation."""
    suite = pyperf.BenchmarkSuite(benchmarks)
    suite.dump(str(RESULTS), replace=True)
    asked = [*questions]
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8"), suite, asked), encoding="utf-8")

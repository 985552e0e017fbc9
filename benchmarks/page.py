"""Writes a run into the documentation: tables between marks of the page, and the picture.

A mark is a comment ``<!-- benchmarks: NAME -->``; what stands between it and the next
``<!-- end -->`` belongs to this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from . import plot, verdicts
from .contender import Contender
from .questions import QUESTIONS, operations
from .run import ROOT, Results, read, write
from .tables import Table

PAGE = ROOT / "docs" / "performance.md"
RESULTS = ROOT / "docs" / "performance" / "results.json"
PLOT = ROOT / "docs" / "performance" / "requests.svg"

_MARKED = re.compile(r"(<!-- benchmarks: ([a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def publish(results: Results) -> None:
    """Make a run the one that the documentation shows."""
    write(results, RESULTS)
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
    PLOT.write_text(plot.svg(results), encoding="utf-8")


def filled(page: str, results: Results) -> str:
    """Return the page with every marked place filled from the results."""
    places = _places(results)

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}\n{places[match[2]]}\n\n{match[3]}"

    return _MARKED.sub(fill, page)


def marks(page: str) -> list[str]:
    """Return the names of the places that a page has marked."""
    return [match[2] for match in _MARKED.finditer(page)]


def _places(results: Results) -> dict[str, str]:
    places = {
        "conditions": conditions(results).markdown(),
        "contenders": contenders(results).markdown(),
        "targets": verdicts.table(results).markdown(),
        "summary": summary(results),
        "requests": _titled(operations.whole(results)),
        "core": _titled(operations.core(results)),
        "faster": operations.faster(results).markdown(),
    }
    for question in QUESTIONS:
        if question.NAME != operations.NAME:
            tables = question.tables(results)
            places[question.NAME] = "\n\n".join(table.markdown() for table in tables)
    return places


def _titled(tables: Iterable[Table]) -> str:
    return "\n\n".join(f"**{table.title}**\n\n{table.markdown()}" for table in tables)


def summary(results: Results) -> str:
    """Return how many targets were met, and which were not."""
    every = list(verdicts.verdicts(results))
    missed = [verdict for verdict in every if not verdict.met]
    return f"{len(every) - len(missed)} of {len(every)} targets are met."


def conditions(results: Results) -> Table:
    """Return on what and with what was measured."""
    found = dict(results["conditions"])
    versions = found.pop("versions")
    found["rounds"] = f"{found['rounds']} of {found.pop('slice_ns') / 1e6:g} ms for each operation"
    found["versions"] = ", ".join(f"{name} {value}" for name, value in versions.items())
    return Table(
        "Conditions",
        ("", "value"),
        [(name, str(value)) for name, value in found.items()],
        figures=False,
    )


def contenders(results: Results) -> Table:
    """Return what takes part, and what it does otherwise than we do."""
    rows = [(each["title"], each["differs"]) for each in results["contenders"]]
    return Table("What each of them does", ("", "differs"), rows, figures=False)


def described(contenders: list[Contender]) -> list[dict[str, str]]:
    """Return names, titles and differences, for the results."""
    return [
        {"name": each.name, "title": each.title, "differs": each.differs} for each in contenders
    ]


if __name__ == "__main__":
    publish(read(RESULTS))

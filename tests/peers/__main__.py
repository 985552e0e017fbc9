"""``python -m tests.peers [NAME ...]``: the suites whose names contain one of these texts."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from .runner import Comparison, Outcomes, compare
from .suites import SUITES


def main(names: list[str]) -> str | None:
    """Run the suites, print the figures, and return a text of the problems, if there are any."""
    chosen = [each for each in SUITES if not names or any(name in each.name for name in names)]
    if not chosen:
        return f"no suite of this name: {', '.join(each.name for each in SUITES)}"
    table = Table("suite", "on its own sessions", "on ours", "differences", title="peers")
    problems = []
    for suite in chosen:
        comparison = compare(suite)
        table.add_row(
            suite.name, counts(comparison.own), counts(comparison.ours), reasons(comparison)
        )
        problems += [f"{suite.name}: {problem}" for problem in comparison.problems()]
    Console(width=160).print(table)
    return "\n".join(problems) or None


def counts(outcomes: Outcomes) -> str:
    """Return how many tests have passed, failed and were skipped."""
    numbers = [
        (kind, list(outcomes.values()).count(kind)) for kind in ("passed", "failed", "skipped")
    ]
    return ", ".join(f"{number} {kind}" for kind, number in numbers if number)


def reasons(comparison: Comparison) -> str:
    """Return the reasons of the differences, each with its number of tests."""
    named = comparison.suite.differences
    found = [named[end] for name in comparison.differing() for end in named if name.endswith(end)]
    return "\n".join(f"{found.count(reason)}: {reason}" for reason in dict.fromkeys(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m tests.peers [NAME ...]``: the suites whose names contain one of these texts.

It prints the rows of the table in ``docs/peers.md``.
"""

from __future__ import annotations

import sys
from collections import Counter

from .runner import Comparison, Outcomes, Suite, compare
from .suites import SUITES


def main(names: list[str]) -> str | None:
    """Run the suites, print the figures, and return a text of the problems, if there are any."""
    chosen = [each for each in SUITES if not names or any(name in each.name for name in names)]
    if not chosen:
        return f"no suite of this name: {', '.join(each.name for each in SUITES)}"
    problems = []
    for suite in chosen:
        comparison = compare(suite)
        sys.stdout.write(f"{row(comparison)}\n")
        sys.stdout.flush()
        problems += [f"{suite.name}: {problem}" for problem in comparison.problems()]
    return "\n".join(problems) or None


def row(comparison: Comparison) -> str:
    """Return the row of the documentation."""
    suite = comparison.suite
    cells = (suite.name, passed(comparison.own), passed(comparison.ours), reasons(suite))
    return f"| {' | '.join(cells)} |"


def passed(outcomes: Outcomes) -> str:
    """Return how many of the tests that ran have passed."""
    results = Counter(outcomes.values())
    return f"{results['passed']} of {results['passed'] + results['failed']}"


def reasons(suite: Suite) -> str:
    """Return the reasons of the differences, each with its number of tests."""
    numbers = Counter(suite.differences.values())
    return "<br>".join(f"{number}: {reason}" for reason, number in numbers.items()) or "none"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Print the matrix of cases and targets, as it came out, unless pytest is told to be quiet."""

from __future__ import annotations

import pytest

from tests.support.targets import Target

from .cases import Case
from .matrix import ADAPTERS, NO, OPTION, PROPERTY, SLOTS, chosen, declared, matrix


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        OPTION,
        action="append",
        metavar="FILE",
        help="run the cases against the TARGET of this file, and not against our adapters",
    )


def pytest_configure(config: pytest.Config) -> None:
    chosen(config)  # a wrong file is an error before any test runs


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    outcomes = {
        value: outcome
        for outcome in ("passed", "failed", "error", "skipped")
        for report in terminalreporter.getreports(outcome)
        # A test that could not be collected has no properties.
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY
    }
    if not outcomes or terminalreporter.verbosity < 0:
        return

    def cell(case: Case, target: Target) -> str:
        outcome = outcomes.get((case.name, target.name), NO)
        return declared(case, target) if outcome == "passed" else outcome

    terminalreporter.section("conformance")
    given = chosen(terminalreporter.config)
    for targets in (given,) if given else (ADAPTERS, SLOTS):
        terminalreporter.write_line(matrix(targets, cell))

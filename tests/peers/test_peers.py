"""The short suites of the peers; ``make peers`` runs all of them."""

from __future__ import annotations

import re

import attrs
import pytest

from tests.support.servers import ROOT

from .__main__ import reasons
from .runner import Comparison, Suite, compare
from .suites import SUITES

SUITE = Suite(
    name="Peer 1.0",
    source="peer==1.0",
    packages=(),
    tests=(),
    folder="peer",
    ours=(),
    differences={"::test_known": "a reason"},
)


@pytest.mark.parametrize(
    "suite", [suite for suite in SUITES if suite.is_short], ids=lambda suite: suite.name
)
def test_a_suite_differs_only_where_it_says(suite: Suite) -> None:
    assert [] == compare(suite).problems()


def test_a_test_that_fails_on_both_sessions_is_no_difference() -> None:
    both = {"a.py::test_known": "failed", "a.py::test_other": "passed"}

    assert [] == Comparison(attrs.evolve(SUITE, differences={}), both, both).problems()


def test_a_difference_without_a_reason_is_a_problem() -> None:
    ours = {"a.py::test_known": "failed", "a.py::test_new": "failed", "a.py::test_other": "passed"}

    assert ["a.py::test_new fails"] == Comparison(SUITE, {}, ours).problems()


def test_a_difference_that_is_gone_is_a_problem() -> None:
    ours = {"a.py::test_known": "passed"}

    assert ["::test_known does not fail any more"] == Comparison(SUITE, {}, ours).problems()


def test_a_reason_stands_for_one_test() -> None:
    ours = {"a.py::test_known": "failed", "b.py::test_known": "failed", "b.py::test": "passed"}

    assert ["::test_known names 2 tests"] == Comparison(SUITE, {}, ours).problems()


def test_a_run_without_a_passed_test_is_a_problem() -> None:
    ours = {"a.py::test_known": "failed", "a.py::test_other": "skipped"}

    assert ["no test passed"] == Comparison(SUITE, {}, ours).problems()


def test_the_page_has_a_row_for_each_suite_with_its_differences() -> None:
    page = (ROOT / "docs" / "peers.md").read_text("utf-8")
    rows = [line.strip("| ").split(" | ") for line in re.findall(r"^\|.*\|$", page, re.MULTILINE)]

    assert {suite.name: reasons(suite) for suite in SUITES} == {
        name: differences for name, _own, _ours, differences in rows[2:]
    }

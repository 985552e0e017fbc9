"""A pytest plugin that writes the name of each test and its outcome to the file in OUTCOMES."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

outcomes: dict[str, str] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take note of a phase of a test; a failure in any phase is one of the test."""
    if report.failed or (report.when == "call" and report.nodeid not in outcomes):
        outcomes[report.nodeid] = "failed" if report.failed else report.outcome


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Take note of a file that cannot be collected."""
    if report.failed:
        outcomes[report.nodeid] = "failed"


def pytest_sessionfinish() -> None:
    """Write everything at the end."""
    Path(os.environ["OUTCOMES"]).write_text(json.dumps(outcomes), encoding="utf-8")

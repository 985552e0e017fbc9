"""The benchmarks work, and their page shows the recorded run; nothing here looks at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import benchmarks
import pytest
from benchmarks.question import Timed, checked
from benchmarks.worker import QUESTIONS, cases

ROOT = Path(__file__).resolve().parents[2]


def test_floor_and_library_do_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    # A contender checks its own work before it is timed: with the floor's and our own reading.
    monkeypatch.setattr(Timed, "turn", 1e-5)
    found = {(each.row, each.column): each.sample() for each in cases("floor", "T")}

    assert {row for row, _ in found} >= {"floor", "cookiesession"}
    assert all(seconds > 0 for seconds in found.values())


def test_a_call_that_does_not_do_its_work_is_refused() -> None:
    with pytest.raises(RuntimeError, match="does not do its work"):
        checked(dict, lambda found: found, {"views": 1})


def test_a_question_is_asked_from_the_command_line() -> None:
    pytest.importorskip("pyperf")
    command = [sys.executable, "-m", "benchmarks", "responses", "--quick", "--size", "T"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert "| T, careful | round trip | read | read a list |" in run.stdout


def test_the_page_shows_the_recorded_run_and_nothing_by_hand() -> None:
    pyperf = pytest.importorskip("pyperf")
    from benchmarks import publish  # noqa: PLC0415 - it needs pyperf

    text = publish.PAGE.read_text(encoding="utf-8")
    suite = pyperf.BenchmarkSuite.load(str(publish.RESULTS))

    assert publish.filled(text, suite, QUESTIONS.values()) == text
    assert all(f"<!-- benchmarks: {name} -->" in text for name in [*QUESTIONS, "conditions"])


def test_the_package_names_its_files_in_its_docstring() -> None:
    lines = (benchmarks.__doc__ or "").splitlines()
    named = {line.split()[0] for line in lines if line.startswith("    ")}
    present = {path.name for path in (ROOT / "benchmarks").glob("*.py")} - {"__init__.py"}

    assert named == present | {"contenders/", "node/"}

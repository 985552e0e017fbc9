"""The benchmarks work, and their page shows the recorded run; nothing here looks at a time."""

from __future__ import annotations

import re
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


def test_the_pages_show_the_recorded_run_and_nothing_by_hand() -> None:
    pyperf = pytest.importorskip("pyperf")
    from benchmarks import publish  # noqa: PLC0415 - it needs pyperf

    texts = [page.read_text(encoding="utf-8") for page in publish.PAGES]
    suite = pyperf.BenchmarkSuite.load(str(publish.RESULTS))

    assert texts == [publish.filled(text, suite, QUESTIONS.values()) for text in texts]
    marks = [f"<!-- benchmarks: {name} -->" for name in [*QUESTIONS, "conditions", "chart"]]
    assert {1} == {"".join(texts).count(mark) for mark in marks}


def test_the_chart_has_a_bar_for_each_row_and_colours_ours_apart() -> None:
    pyperf = pytest.importorskip("pyperf")
    from benchmarks import publish  # noqa: PLC0415 - it needs pyperf

    chart = publish.chart(pyperf.BenchmarkSuite.load(str(publish.RESULTS)))
    bars = re.findall(
        r"<span((?: class=.ours.)?)>(.+?)</span><i\1 style=.--part: ([\d.]+).>", chart
    )

    ours = {name for mark, name, _ in bars if mark}
    assert {"cookiesession", "cookiesession[fast]"} == ours
    assert {"Starlette", "Django", "Flask", "Pyramid", "Node cookie-session"} == {
        name for mark, name, _ in bars if not mark
    }
    assert len(publish.CHART) == [part for _, _, part in bars].count("1.000")


def test_the_package_names_its_files_in_its_docstring() -> None:
    lines = (benchmarks.__doc__ or "").splitlines()
    named = {line.split()[0] for line in lines if line.startswith("    ")}
    present = {path.name for path in (ROOT / "benchmarks").glob("*.py")} - {"__init__.py"}

    assert named == present | {"contenders/", "node/"}

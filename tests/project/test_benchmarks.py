"""The benchmarks work, and measure contenders that do their work; nothing here looks at a time."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from benchmarks import page, plot
from benchmarks.__main__ import main
from benchmarks.contender import NAMES, Contender, Operation, expected
from benchmarks.contenders import floor, naive, ours
from benchmarks.payloads import PAYLOADS, sized
from benchmarks.questions import QUESTIONS, operations
from benchmarks.run import Run, read
from benchmarks.targets import TARGETS
from benchmarks.timing import QUICK_SLICE, Watch
from benchmarks.verdicts import verdicts

ROOT = Path(__file__).resolve().parents[2]
Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a run finds that asks everything, in a process of its own as `make bench` does."""
    output = tmp_path_factory.mktemp("benchmarks") / "results.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(output)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    return json.loads(output.read_text(encoding="utf-8"))


def _raw(contender: Contender) -> dict[Key, Any]:
    """Return what the calls of a contender return, as they return it."""
    return {
        (operation.layer, operation.name, payload.size): operation.call()
        for payload in PAYLOADS
        for operation in contender.operations(payload)
    }


def test_every_question_is_answered_or_left_out_with_a_word(results: Any) -> None:
    assert [
        question.NAME
        for question in QUESTIONS
        if not results[question.NAME] and question.NAME not in results["left_out"]
    ] == []


def test_every_contender_is_measured_or_left_out_with_a_word(results: Any) -> None:
    named = {each["name"] for each in results["contenders"]}
    measured = {row["contender"] for row in results["operations"]}

    assert named == measured
    assert named | set(results["left_out"]) >= {*NAMES, "node"}
    assert all(each["differs"] for each in results["contenders"])


def test_a_row_tells_who_did_what_and_how_long_it_took(results: Any) -> None:
    for row in results["operations"]:
        assert {"contender", "layer", "operation", "size", "ns", "spread"} <= set(row)
        assert row["size"] in "STL"


def test_every_answer_can_be_shown(results: Any) -> None:
    tables = [table for question in QUESTIONS for table in question.tables(results)]

    assert all(len(row) == len(table.head) for table in tables for row in table.rows)
    assert len(page.contenders(results).rows) == len(results["contenders"])


def test_every_target_speaks_of_what_is_measured(results: Any) -> None:
    measured = operations.times(results)
    left_out = set(results["left_out"])

    missing = [
        (which, size)
        for target in TARGETS
        for which in (target.ours, target.other)
        for size in target.limits
        if (*which, size) not in measured and which[0] not in left_out
    ]
    assert missing == []
    assert {verdict.target.ours[0] for verdict in verdicts(results)} == {"fast", "ours"}


def test_floor_and_library_return_the_same_octets() -> None:
    lowest, library = _raw(floor.CONTENDER), _raw(ours.CONTENDER)
    alike = [key for key in lowest if key[0] != "functions" or key[1] in ("load", "save")]

    assert len(alike) > len(PAYLOADS)
    assert {key: library[key] for key in alike} == {key: lowest[key] for key in alike}


def test_the_session_object_and_the_bare_port_save_the_same_octets_as_the_floor() -> None:
    lowest = _raw(floor.CONTENDER)
    session, port = _raw(ours.CONTENDER), _raw(naive.CONTENDER)
    for payload in PAYLOADS:
        for name in ("save", "round trip"):
            lines = lowest["functions", name, payload.size]

            assert session["session", name, payload.size] == lines
            assert port["functions", name, payload.size] == lines


def test_an_operation_that_does_not_do_its_work_is_not_timed() -> None:
    def operations_of(_: Any) -> list[Operation]:
        return [Operation("functions", "load", dict, lambda result: result)]

    idle = Contender("idle", "idle", "does nothing", operations_of)
    run = Run(Watch(1, QUICK_SLICE), [idle], {}, wanted=lambda _: False)

    with pytest.raises(RuntimeError, match="idle functions load S: has not done its work"):
        operations.measure(run)


def test_only_what_was_asked_for_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "results.json"

    main(["operations", "--quick", "--only", "ours", "--output", str(output), "--width", "200"])

    found = read(output)
    assert {row["contender"] for row in found["operations"]} == {"floor", "ours"}
    assert "imports" not in found
    printed = capsys.readouterr().out
    assert "cookiesession, ASGI" in printed
    assert "Starlette" not in printed


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["opreations"], "no such question: opreations"),
        (["--only", "nobody"], "invalid choice: 'nobody'"),
        (["--publish", "--quick"], "--publish needs a whole run"),
        (["--publish", "--only", "ours"], "--publish needs a whole run"),
        (["--publish", "imports"], "--publish needs a whole run"),
    ],
)
def test_a_wrong_command_is_refused_with_the_reason(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)

    assert reason in capsys.readouterr().err


def test_calls_have_their_turns_and_the_collector_is_on_again() -> None:
    order: list[str] = []

    def call(name: str) -> None:
        if order[-1:] != [name]:
            order.append(name)

    timings = Watch(3, QUICK_SLICE).measure({"a": lambda: call("a"), "b": lambda: call("b")})

    assert gc.isenabled()
    assert order[-4:] == ["a", "b", "a", "b"]
    assert all(timing.median > 0 for timing in timings.values())


def test_the_sizes_of_the_payloads_are_those_of_the_documentation() -> None:
    assert [(each.size, each.octets) for each in PAYLOADS] == [("S", 11), ("T", 119), ("L", 2674)]
    assert [sized(octets).octets for octets in (20, 3000)] == [20, 3000]
    assert expected("round trip", PAYLOADS[0]) == {"views": 2}


def test_the_page_shows_the_recorded_run_and_nothing_by_hand() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    recorded = read(page.RESULTS)

    assert page.filled(text, recorded) == text
    assert plot.svg(recorded) == page.PLOT.read_text(encoding="utf-8")


def test_the_page_has_a_place_for_every_answer() -> None:
    marks = page.marks(page.PAGE.read_text(encoding="utf-8"))
    questions = {question.NAME for question in QUESTIONS} - {"operations"}

    assert len(marks) == len(set(marks))
    assert set(marks) >= questions | {"requests", "core", "faster", "contenders", "targets"}


def test_the_picture_is_well_formed_and_names_every_middleware(results: Any) -> None:
    picture = ET.fromstring(plot.svg(results))
    texts = {element.text for element in picture.iter("{http://www.w3.org/2000/svg}text")}

    assert {"cookiesession, ASGI", "cookiesession, WSGI", "floor, WSGI"} <= texts


def test_the_package_names_its_files_in_its_docstring() -> None:
    import benchmarks  # noqa: PLC0415 - the package, not its parts

    folder = ROOT / "benchmarks"
    named = {
        line.split()[0] for line in (benchmarks.__doc__ or "").splitlines() if line[:4] == "    "
    }
    present = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
    folders = {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}

    assert named == present | folders

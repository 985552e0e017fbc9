"""The specification of the signed pair: its vectors, and the script that checks with them."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docs.wire.check import Case, Question, check

from tests.node.express import EXPRESS
from tests.support.servers import ROOT

from .library import answer_of
from .vectors import FILE, text_of_file

CHECK = ROOT / "docs" / "wire" / "check.py"
LIBRARY = (sys.executable, "-m", "tests.node.wire.library")
CASES: list[Case] = json.loads(FILE.read_text("utf-8"))["cases"]
REQUIREMENTS = [*dict.fromkeys(case["requirement"] for case in CASES)]

pytestmark = pytest.mark.filterwarnings(
    "ignore::cookiesession_core.WeakKeyWarning", "ignore::cookiesession_core.CookieNameWarning"
)

Mutation = Callable[[Question, Any], Any]


def run_check(*arguments: str | Path) -> tuple[int, str]:
    """Run the script; its exit code and its report."""
    done = subprocess.run(
        [sys.executable, CHECK, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def sums_of(report: str) -> dict[str, str]:
    """Return what the report says of each requirement."""
    lines = [line.partition(": ") for line in report.splitlines()]
    return {name: sums for name, _, sums in lines if name in REQUIREMENTS}


def test_the_file_has_the_vectors_that_are_made_from_the_recorded_cases_today() -> None:
    assert text_of_file() == FILE.read_text("utf-8"), "run: python -m tests.node.wire"


def test_each_vector_has_an_id_of_its_own_and_a_question_of_its_own() -> None:
    assert len(CASES) > 900
    assert len(CASES) == len({case["id"] for case in CASES})
    assert len(CASES) == len({json.dumps([case["op"], case["given"]]) for case in CASES})


@pytest.mark.parametrize("like", [(), ("--like", "python")])
def test_the_library_fulfils_every_requirement(like: tuple[str, ...]) -> None:
    code, report = run_check(*like, *LIBRARY)

    assert code == 0, report
    assert sums_of(report) == {
        requirement: f"{sum(case['requirement'] == requirement for case in CASES)} right"
        for requirement in REQUIREMENTS
    }


@pytest.mark.parametrize("like", [(), ("--like", "node")])
def test_the_node_packages_fulfil_every_requirement(node: str, like: tuple[str, ...]) -> None:
    code, report = run_check(*like, node, EXPRESS / "wire.js")

    skipped = {name for name, sums in sums_of(report).items() if "right" not in sums}
    assert code == 0, report
    assert {"T5"} == skipped
    assert [*sums_of(report)] == REQUIREMENTS


def test_node_is_not_like_the_library_where_the_vectors_have_two_answers(node: str) -> None:
    code, report = run_check("--like", "python", node, EXPRESS / "wire.js")

    wrong = {name for name, sums in sums_of(report).items() if "WRONG" in sums}
    differing = {
        case["requirement"]
        for case in CASES
        if case.get("node") is not None and case["node"] != case["expect"]
    }
    assert code == 1
    assert differing == wrong


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_one_wrong_answer_fails_its_requirement(
    requirement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [case for case in CASES if case["requirement"] == requirement]
    last = cases[-1]["id"]

    def ask(question: Question) -> Any:
        answer = answer_of(question)
        return mutated(answer) if question["id"] == last else answer

    assert not check(ask, cases, None)

    report = capsys.readouterr().out
    assert f"{requirement} fails in {last}" in report
    assert "1 WRONG" in sums_of(report)[requirement]


def mutated(answer: Any) -> Any:
    """Return an answer that differs from this one in one place."""
    ((name, value),) = answer.items()
    if isinstance(value, list):
        return {name: [*value, "session=; path=/"]}
    return {name: f"{value} " if isinstance(value, str) else 1 if value is None else None}


def padded(question: Question, answer: Any) -> Any:
    return {"signature": answer["signature"] + "="} if question["op"] == "sign" else answer


def python_json(question: Question, answer: Any) -> Any:
    if question["op"] != "encode":
        return answer
    text = json.dumps(json.loads(question["contents"]), separators=(",", ":"))
    return {"value": base64.b64encode(text.encode()).decode()}


def trimmed(question: Question, answer: Any) -> Any:
    is_text = question["op"] == "find" and answer["value"] is not None
    return {"value": answer["value"].strip()} if is_text else answer


def one_key(question: Question, _: Any) -> Any:
    return answer_of(
        {**question, "keys": question["keys"][:1]} if question.get("keys") else question
    )


def titled(question: Question, answer: Any) -> Any:
    if question["op"] != "set_cookie" or "error" in answer:
        return answer
    return {"set_cookie": answer["set_cookie"].replace("; httponly", "; HttpOnly")}


def always_sent(question: Question, answer: Any) -> Any:
    is_loaded = question["op"] == "respond" and answer_of({**question, "op": "read"})["contents"]
    if not is_loaded or question["action"] != "read" or answer["set_cookie"]:
        return answer
    contents = is_loaded
    return answer_of({**question, "action": "replace", "contents": contents})


def as_numbers(question: Question, answer: Any) -> Any:
    return {"key": answer["key"] == 0} if question["op"] == "verify" else answer


@pytest.mark.parametrize(
    ("mutation", "found"),
    [
        (padded, {"S1", "S2"}),
        (python_json, {"V2", "V3", "V4"}),
        (trimmed, {"H1"}),
        (one_key, {"S3", "R1"}),
        (titled, {"C1", "C2", "C3", "C4", "C5"}),
        (always_sent, {"W2"}),
        (as_numbers, {"S3", "S4"}),
    ],
)
def test_the_requirements_of_a_usual_mistake_fail(
    mutation: Mutation, found: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not check(lambda question: mutation(question, answer_of(question)), CASES, None)

    sums = sums_of(capsys.readouterr().out)
    assert found <= {name for name, text in sums.items() if "WRONG" in text}


def test_a_wrong_program_is_reported_with_the_case_and_both_answers(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys\nfor line in sys.stdin: print('{\"key\": 7}', flush=True)")

    code, report = run_check("--only", "S4", sys.executable, program)

    case = next(case for case in CASES if case["requirement"] == "S4")
    assert code == 1
    assert report.startswith(f"S4 fails in {case['id']}, operation 'verify':\n  given     ")
    assert '\n  expected  {"key": null}\n  answered  {"key": 7}\n' in report
    assert {"S4": "11 WRONG"} == sums_of(report)


def test_an_answer_of_null_counts_as_skipped(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import sys\nfor line in sys.stdin: print('null', flush=True)")

    code, report = run_check("--only", "T5", sys.executable, program)

    assert (0, "T5: 4 skipped\n") == (code, report)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "the command has ended"),
        ("import sys; sys.stdin.readline(); print('yes')", "this line is not JSON: 'yes'"),
        ("import sys; sys.stdin.read()", "no answer within 0.5 seconds"),
    ],
)
def test_a_program_that_does_not_answer_stops_the_check(
    source: str, said: str, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(source)
    wait = ("--wait", "0.5") if "0.5" in said else ()

    code, report = run_check(*wait, sys.executable, program)

    assert code == 2
    assert report.startswith(f"the check has stopped: {said}")


def test_a_command_that_does_not_exist_stops_the_check(tmp_path: Path) -> None:
    code, report = run_check(tmp_path / "nothing")

    assert code == 2
    assert "the check has stopped" in report


@pytest.mark.parametrize("arguments", [(), ("--only", "Z", "true")])
def test_a_wrong_call_of_the_script_is_explained(arguments: tuple[str, ...]) -> None:
    code, report = run_check(*arguments)

    assert code == 2
    assert "usage: check.py" in report

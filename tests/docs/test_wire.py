"""The page on the signed pair, beside the vectors."""

from __future__ import annotations

import json
import re

import pytest
from docs.hooks import on_page_markdown, vectors

from tests.node.wire.library import answer_of
from tests.support.servers import ROOT

PAGE = (ROOT / "docs" / "wire.md").read_text("utf-8")
CASES = json.loads((ROOT / "docs" / "wire" / "vectors.json").read_text("utf-8"))["cases"]


def test_every_requirement_of_the_page_has_vectors_or_says_that_it_has_none() -> None:
    requirements = re.findall(r"^- \*\*(\w\d)\*\*(\{ #(\w\d) \})?(.*)$", PAGE, re.MULTILINE)
    with_vectors = [name for name, _, _, text in requirements if "(No vectors.)" not in text]

    assert len(requirements) == len(re.findall(r"^- \*\*[A-Z]\d", PAGE, re.MULTILINE))
    assert with_vectors == [*dict.fromkeys(case["requirement"] for case in CASES)]
    assert with_vectors == [anchor.upper() for _, _, anchor, _ in requirements if anchor]


def test_a_requirement_is_marked_if_its_vectors_have_two_answers() -> None:
    marked = dict(re.findall(r"^- \*\*(\w\d)\*\*\{.*?\*\*(Added|Differs):\*\*", PAGE, re.MULTILINE))
    differing = {case["requirement"] for case in CASES if "node" in case}

    assert differing == marked.keys()


def test_the_page_lists_the_vectors_of_each_requirement() -> None:
    page = on_page_markdown(PAGE)

    assert "<!--" not in page
    assert vectors() in page


def test_the_page_describes_every_operation_and_its_members() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE))
    for case in CASES:
        described = {*re.findall(r"`(\w+)`", rows[case["op"]])}
        more = case["given"].keys() - described

        assert described <= case["given"].keys()
        assert more <= {"contents", "idle_timeout", "absolute_timeout", "now"}

    assert rows.keys() >= {case["op"] for case in CASES}


@pytest.mark.filterwarnings("ignore::cookiesession_core.WeakKeyWarning")
def test_the_example_of_the_page_has_the_answer_that_it_shows() -> None:
    question, answer = (
        json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)
    )

    assert answer == answer_of(question)


def test_the_report_of_the_page_is_about_a_vector_that_exists() -> None:
    report = re.search(
        r"^(\w+) fails in (\S+), operation '(\w+)':\n  given     (.*)\n  expected  (.*)\n",
        PAGE,
        re.MULTILINE,
    )
    assert report is not None
    requirement, case_id, operation, given, expected = report.groups()

    assert {
        "id": case_id,
        "requirement": requirement,
        "op": operation,
        "given": json.loads(given),
        "expect": json.loads(expected),
    } in CASES

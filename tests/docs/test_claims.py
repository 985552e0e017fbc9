"""Each claim of the main pages stands in `claims.md` beside the tests that hold it.

A sentence with one of ``WORDS`` is a claim, and so is each row of a table.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import attrs
import pytest

from tests.support.servers import ROOT

PAGES = (
    "README.md",
    "docs/concurrency.md",
    "docs/deviations.md",
    "docs/expiry.md",
    "docs/index.md",
    "docs/promises.md",
    "docs/security.md",
)
WORDS = re.compile(
    r"\b(?i:never|always|cannot|only|every|all|any|no|none|nobody|nothing|not|must|whatever|at most"
    r"|equal|refuses|raises|is logged|byte for byte|constant time|linear time)\b"
    r"|`\w+(?:Error|Warning)`|`(?:Written\.)?[A-Z]{4,}`"
)
"""Words that promise, and the names of errors, warnings and answers of the library."""
NO_TEST = "no test: "
"""In the place of a test: the sentence is not about the library; the reason follows."""

FENCED = re.compile(r"^```(\w*).*?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ITEM = re.compile(r"^\s*(?:[-*]|\d+\.) ")
END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[.!?]\*\*)\s+")


@attrs.frozen
class Page:
    """The sentences and the rows of a page, without its code."""

    sentences: list[str]
    rows: list[tuple[str, str]]
    """For each row of a table the heading above it, and its first cell."""


def read_page(text: str) -> Page:
    """Take a page apart."""
    blocks = [""]
    rows: list[tuple[str, str]] = []
    heading, in_table = "", False
    for line in FENCED.sub("", text).splitlines():
        if line.startswith("|"):
            cell = line.strip("| ").split(" | ")[0]
            if in_table and not cell.startswith("---"):
                rows.append((heading, cell))
            in_table = True  # the next row is not the head
            continue
        in_table = False
        if line.startswith("#"):
            heading = line.lstrip("# ")
        if ITEM.match(line) or not line.strip() or line.startswith(("#", "    ")):
            blocks.append("")
        if not line.startswith(("#", "    ")):
            blocks[-1] += f" {ITEM.sub('', line).strip()}"
    return Page([part for block in blocks for part in END_OF_SENTENCE.split(block.strip())], rows)


def claims_of(page: Page) -> list[str]:
    """Return what a page claims, as `claims.md` has to list it."""
    sentences = [sentence for sentence in page.sentences if WORDS.search(sentence)]
    return sentences + [f"| {cell} |" for _, cell in page.rows]


def read_list(text: str) -> dict[str, dict[str, list[str]]]:
    """Return for each page its listed claims, and the tests of each."""
    listed: dict[str, dict[str, list[str]]] = {}
    claims: list[str] = []
    tests: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            page = listed.setdefault(line[3:], {})
        elif line.startswith("> "):
            if tests:  # of the claims above
                claims, tests = [], []
            claims.append(line[2:])
        elif line.startswith("- "):
            tests.append(line[2:])
            page.update(dict.fromkeys(claims, tests))
        else:
            claims, tests = [], []
    return listed


LISTED = read_list((ROOT / "tests" / "docs" / "claims.md").read_text("utf-8"))
TEXTS = {page: (ROOT / page).read_text("utf-8") for page in PAGES}


def whole_tables(page: Page) -> dict[str, list[str]]:
    """Return how `claims.md` lists all rows below a heading at once, and these rows."""
    tables: dict[str, list[str]] = {}
    for heading, cell in page.rows:
        tables.setdefault(f"| every row under {heading} |", []).append(f"| {cell} |")
    return tables


def test_every_page_has_a_list() -> None:
    assert sorted(PAGES) == sorted(LISTED)


@pytest.mark.parametrize("page", PAGES)
def test_every_claim_of_a_page_is_listed(page: str) -> None:
    parts = read_page(TEXTS[page])
    listed = LISTED[page]
    by_table = {
        row for table, rows in whole_tables(parts).items() if table in listed for row in rows
    }

    missing = [f"> {claim}" for claim in claims_of(parts) if claim not in {*listed, *by_table}]

    lines = "\n".join(missing)
    assert not missing, f"add to tests/docs/claims.md, or say less in {page}:\n{lines}"


@pytest.mark.parametrize("page", PAGES)
def test_every_listed_claim_stands_in_its_page(page: str) -> None:
    parts = read_page(TEXTS[page])
    standing = {*parts.sentences, *claims_of(parts), *whole_tables(parts)}

    lines = "\n".join(f"> {claim}" for claim in LISTED[page] if claim not in standing)
    assert not lines, f"no longer in {page}; change tests/docs/claims.md:\n{lines}"


def test_every_claim_names_tests_that_exist() -> None:
    named = {test for claims in LISTED.values() for tests in claims.values() for test in tests}

    assert [] == sorted(test for test in named if not exists(test))


def exists(test: str) -> bool:
    """Whether there is such a test: ``path::name``, or a reason why there is none."""
    if test.startswith(NO_TEST):
        return len(test) > len(NO_TEST)
    path, _, name = test.partition("::")
    return (ROOT / path).is_file() and name in names_in(path)


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the tests in a file, of the cases of conformance, or of asserts."""
    text = (ROOT / path).read_text("utf-8")
    if path.endswith(".md"):
        blocks = [code for language, code in FENCED.findall(text) if language == "python"]
        lines = "".join(blocks).splitlines()
        return frozenset(line.strip() for line in lines if line.startswith("assert "))
    return frozenset(defined_by(ast.parse(text)))


def defined_by(module: ast.Module) -> Iterator[str]:
    """Yield the names of tests, and the names given to ``case(...)``."""
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name.startswith("test_"):
                yield node.name
        elif isinstance(node, ast.Assign):  # of a machine of hypothesis
            yield from (
                target.id
                for target in node.targets
                if isinstance(target, ast.Name) and target.id.startswith("Test")
            )
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "case" and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)


# --- the rule itself -------------------------------------------------------------------------

SAMPLE = """# Head

It always works. It may
fail on Mondays. **It never stops.** Then it rests.

| when | what |
| --- | --- |
| at noon | it rings |

- Nobody hears it.

```python
assert not all
```

    no code
"""


def test_a_promising_word_makes_a_claim_and_so_does_a_row() -> None:
    claims = claims_of(read_page(SAMPLE))

    assert ["It always works.", "**It never stops.**", "Nobody hears it.", "| at noon |"] == claims


def test_claims_share_the_tests_below_them() -> None:
    listed = read_list("## a.md\n\n> One.\n> Two.\n- x::y\n- x::z\n\n> Three.\n- no test: why\n")

    assert {"One.": ["x::y", "x::z"], "Two.": ["x::y", "x::z"], "Three.": ["no test: why"]} == (
        listed["a.md"]
    )


@pytest.mark.parametrize(
    "test",
    [
        "tests/docs/test_claims.py::test_that_nobody_wrote",
        "tests/docs/test_nowhere.py::test_every_page_has_a_list",
        "tests/docs/test_claims.py",
        "docs/expiry.md::assert False",
        "no test: ",
    ],
)
def test_a_test_that_does_not_exist_holds_nothing(test: str) -> None:
    assert not exists(test)

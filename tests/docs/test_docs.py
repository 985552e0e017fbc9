from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from docs.hooks import EVENTS, ask, diagram, on_page_markdown, transitions, writes

from cookiesession_core import Outcome, Written
from cookiesession_core.state import State

ROOT = Path(__file__).resolve().parents[2]


def test_the_deviations_of_the_recorded_cases_are_documented_and_no_others() -> None:
    page = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")
    entries = json.loads(
        (ROOT / "tests" / "node" / "vectors" / "deviations.json").read_text("utf-8")
    )

    rows = [f"| {entry['node']} | {entry['here']} | {entry['why']} |" for entry in entries]
    section = page.split("## Seen in the recorded cases")[1].split("\n## ")[0]

    assert rows == re.findall(r"^\|.*\|$", section, re.MULTILINE)[2:]


def test_the_page_on_the_states_has_all_tables() -> None:
    page = on_page_markdown((ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8"))

    assert "<!--" not in page
    assert [] == [part for part in (diagram(), transitions(), writes()) if part not in page]


def test_the_table_of_the_transitions_has_every_state_and_event() -> None:
    head, _rule, *rows = rows_of(transitions())

    assert ["state", *EVENTS] == head
    assert {method for method in vars(State) if method.startswith("after_")} == {
        after.__name__ for after in EVENTS.values()
    }
    assert [
        [state.name, *(after(state).name for after in EVENTS.values())] for state in State
    ] == rows


def test_the_table_of_the_writes_has_a_row_for_each_answer() -> None:
    _head, _rule, *rows = rows_of(writes())
    said = {(state, new, sent): cookies.split("; ") for state, new, cookies, sent, _ in rows}

    assert {"UNTOUCHED": 1, "READ": 4, "REPLACED": 3, "DESTROYED": 2} == Counter(
        row[0] for row in rows
    )
    assert {written.name for written in Written} == {name for row in rows for name in row[3:]}
    assert ["any"] == said["READ", "yes", "SAVED"] == said["DESTROYED", "no", "EXPIRED"]
    assert ["LOADED, from an older key"] == said["READ", "no", "RESIGNED"]
    assert ["LOADED, a refresh is due"] == said["READ", "no", "REFRESHED"]
    assert {"EXPIRED", "REFUSED"} < {*said["REPLACED", "no", "EXPIRED"]}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("new_contents", [True, False])
@pytest.mark.parametrize("outcome", Outcome)
def test_every_session_has_one_answer_in_the_table_of_the_writes(
    state: State,
    new_contents: bool,  # noqa: FBT001
    outcome: Outcome,
) -> None:
    _head, _rule, *rows = rows_of(writes())
    new = "yes" if new_contents else "no"
    answers = [
        (row[3], row[4])
        for row in rows
        if row[:2] == [state.name, new] and {outcome.name, "any"} & {*row[2].split("; ")}
    ]

    if state is State.UNTOUCHED and new_contents:
        assert [] == answers
    else:
        written = ask(state, new_contents, outcome, False, False, True)
        refused = ask(state, new_contents, outcome, False, False, False)
        assert [(written.name, refused.name)] == answers


def rows_of(table: str) -> list[list[str]]:
    """Return the cells of a table."""
    return [row.strip("| ").split(" | ") for row in table.splitlines()]


def test_the_picture_of_the_demo_loads_fast() -> None:
    picture = (ROOT / "docs" / "images" / "demo.png").read_bytes()

    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 150_000


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert ["make demo", "make test"] == re.findall(r"^\$ (make \w+)", readme, re.MULTILINE)


LEAKING = re.compile(
    r"curl\b[^|\n]* (?:-b|--cookie) *['\"$]"
    r"|curl\b[^|\n]* (?:-H|--header) *['\"]Cookie:"
    r"|COOKIESESSION_KEYS=(?!\"\$\()"
)
"""A session or a key in the arguments of a process, or in the history of a shell."""


@pytest.mark.parametrize("command", ["curl -b 'a=1' x", "curl -H 'Cookie: a' x"])
def test_a_command_that_shows_a_session_is_found(command: str) -> None:
    assert LEAKING.search(command)
    assert LEAKING.search("COOKIESESSION_KEYS='key' cookiesession encode")


def test_no_command_shows_a_session_or_a_key_to_others() -> None:
    texts = [
        *(path for folder in ("docs", "examples", "src") for path in (ROOT / folder).rglob("*.*")),
        *ROOT.glob("*.md"),
    ]
    leaking = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in texts
        if path.suffix in (".md", ".py", ".js")
        for found in LEAKING.finditer(path.read_text("utf-8"))
    ]

    assert len(texts) > 100
    assert [] == leaking


def test_every_problem_names_its_answer_and_where_to_see_it() -> None:
    page = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    problems, left_out = page.split("## Left out, and why")
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\|.*\|$", problems, re.MULTILINE)]
    reasons = re.findall(r"^\| (.+?) \| (.+?) \|", left_out, re.MULTILINE)

    shown = [row for row in rows if row[0] != "problem" and not row[0].startswith("---")]

    assert [] == [row for row in shown if len(row) != 3 or "](" not in row[2]]
    assert len(shown) >= 25
    assert len(reasons) >= 15


PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
EXAMPLES = [*(ROOT / "examples").rglob("*.py"), *(ROOT / "examples").rglob("*.js")]
EXAMPLES = [path for path in EXAMPLES if "node_modules" not in path.parts]


def test_no_key_on_a_page_or_in_an_example_has_a_blank() -> None:
    lists = re.compile(r"""\b(?:keys|KEYS|KEY|OLD, NEW|secret)["']?\s*[:=]\s*\[?["'][^"'\n]* """)

    assert [] == [path for path in PAGES + EXAMPLES if lists.search(path.read_text("utf-8"))]


def test_every_page_that_makes_a_key_says_to_keep_it() -> None:
    pages = {path: path.read_text("utf-8") for path in PAGES}
    making = [path for path, text in pages.items() if "cookiesession keygen" in text]

    assert len(making) > 10
    assert [] == [path for path in making if not re.search(r"\b[Kk]eep (it|th)", pages[path])]


def test_no_page_puts_a_key_or_a_cookie_into_the_history_of_a_shell() -> None:
    typed = re.compile(
        r"^\$ .*(?:session(?:\.sig)?=\w|eyJ\w{3,}\S*==|COOKIESESSION_KEYS=(?!\"\$\())", re.MULTILINE
    )
    found = [path for path in PAGES if typed.search(path.read_text("utf-8"))]

    assert [] == found


def test_an_example_without_keys_says_what_to_do() -> None:
    environ = {key: value for key, value in os.environ.items() if key != "COOKIESESSION_KEYS"}
    file = ROOT / "examples" / "frameworks" / "flask_app.py"
    run = subprocess.run(
        [sys.executable, file], env=environ, capture_output=True, text=True, check=False
    )

    assert "KeyError" not in run.stderr
    assert "ConfigurationError: there are no keys" in run.stderr.splitlines()[-1]
    assert "COOKIESESSION_KEYS, to a key from `cookiesession keygen`" in run.stderr
    texts = {path: path.read_text("utf-8") for path in PAGES + EXAMPLES}
    assert [] == [path for path, text in texts.items() if 'environ["COOKIESESSION_KEYS"]' in text]

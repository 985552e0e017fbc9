from __future__ import annotations

import json
import re
from pathlib import Path

from docs.hooks import on_page_markdown

from cookiesession_core.state import TRANSITIONS, WRITES

ROOT = Path(__file__).resolve().parents[2]


def test_every_deviation_of_the_recorded_cases_is_documented() -> None:
    page = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")
    entries = json.loads(
        (ROOT / "tests" / "node" / "vectors" / "deviations.json").read_text("utf-8")
    )

    rows = [f"| {entry['node']} | {entry['here']} | {entry['why']} |" for entry in entries]

    assert [] == [row for row in rows if row not in page]


def test_the_state_tables_are_drawn_from_the_code() -> None:
    page = on_page_markdown((ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8"))
    cells = re.findall(r"(?<=\| )[A-Z]{3,}(?= \|)", page)

    assert "<!--" not in page
    assert len(TRANSITIONS) + len({state for state, _ in TRANSITIONS}) + len(
        {state for state, _ in WRITES}
    ) == len(cells)


def test_the_picture_of_the_demo_loads_fast() -> None:
    picture = (ROOT / "docs" / "images" / "demo.png").read_bytes()

    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 150_000


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert ["make demo", "make test"] == re.findall(r"^\$ (make \w+)", readme, re.MULTILINE)


def test_every_pain_says_what_is_done_and_where_it_is_shown() -> None:
    page = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    pains, left_out = page.split("## Left out, and why")
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\|.*\|$", pains, re.MULTILINE)]
    reasons = re.findall(r"^\| (.+?) \| (.+?) \|", left_out, re.MULTILINE)

    shown = [row for row in rows if row[0] != "what hurts" and not row[0].startswith("---")]

    assert [] == [row for row in shown if len(row) != 3 or "](" not in row[2]]
    assert len(shown) >= 25
    assert len(reasons) >= 15

"""The page "why are my visitors logged out?": it quotes the log, and misses no outcome."""

from __future__ import annotations

import re

import pytest

from cookiesession_core import CookieSession, Outcome
from tests.support.keys import KEYS
from tests.support.servers import ROOT

PAGE = (ROOT / "docs" / "why-logged-out.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_each_outcome_that_is_logged_has_a_row() -> None:
    rows = set(re.findall(r"^\| `was not loaded: (\w+)`", PAGE, re.MULTILINE))

    assert {outcome.name for outcome in Outcome} - {"LOADED", "ABSENT"} == rows


def test_the_other_lines_are_those_of_the_page_on_operations() -> None:
    lines = re.findall(r"^\| `([^`…]+)` \|", PAGE, re.MULTILINE)
    others = [line for line in lines if " not loaded: " not in line]

    assert len(others) >= 2
    assert [] == [line for line in others if line not in OPERATIONS]


def test_the_comment_in_the_code_is_the_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "cookiesession")
    header = CookieSession(keys=KEYS[1:]).cookie_header({"user": 7})

    CookieSession(keys=KEYS[:1]).open(header).get("user")

    (record,) = caplog.records
    assert f"# {record.levelname}:{record.name}:{record.message}\n" in PAGE

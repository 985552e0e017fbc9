"""The built site in Chromium: nothing is cut off, and the buttons copy what a shell can run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import browser as harness
from tests.support.browser import Browser
from tests.support.servers import PYTHON, ROOT, running

DESKTOP, PHONE = 1280, 390

WIDER_THAN_THE_COLUMN = """
const column = document.querySelector('.md-content').getBoundingClientRect()
const found = []
for (const each of document.querySelectorAll('.md-content article *:not(svg *)')) {
  const box = each.getBoundingClientRect()
  if (!box.width || (box.left >= column.left - 1 && box.right <= column.right + 1)) continue
  let around = each.parentElement
  while (around.tagName !== 'BODY' && getComputedStyle(around).overflowX === 'visible')
    around = around.parentElement
  if (!['auto', 'scroll'].includes(getComputedStyle(around).overflowX))
    found.push(`${each.tagName}: ${each.textContent.trim().slice(0, 60)}`)
}
return found
"""
"""What is beside the column, and in nothing that scrolls."""

SCROLLING_TABLES = """
return [...document.querySelectorAll('.md-typeset__scrollwrap')]
  .filter(each => each.scrollWidth > each.clientWidth + 1)
  .map(each => each.textContent.trim().slice(0, 60))
"""

NARROW_CELLS = """
const width = each => each.getBoundingClientRect().width
return [...document.querySelectorAll('.md-typeset table:not([class]) td')]
  .filter(each => width(each) && width(each) < 110 && each.textContent.trim().length > 60)
  .map(each => each.textContent.trim())
"""
"""Cells that hold a sentence, and have room for a word or two in a line."""

OVERFULL_CELLS = """
return [...document.querySelectorAll('.md-typeset table:not([class]) td')]
  .filter(each => each.scrollWidth > each.clientWidth + 1)
  .map(each => each.textContent.trim())
"""
"""Cells whose text runs into the next column."""

SCROLLING_CODE = """
return [...document.querySelectorAll('.md-typeset pre > code')]
  .filter(each => each.scrollWidth > each.clientWidth + 1)
  .flatMap(each => each.textContent.split('\\n'))
  .filter(line => line.length > 90 && !/^[{"]/.test(line))
"""
"""Long lines of blocks that are cut off; one line of JSON may be longer than a page is wide."""

FINISH_MOVEMENTS = """
document.getAnimations()
  .filter(each => Number.isFinite(each.effect.getComputedTiming().endTime))
  .forEach(each => each.finish())
"""
"""The theme moves its search field when the width changes."""

LOOSE_TABLE = ".md-content article > table:not([class])"
"""A table that the theme has not yet put into what scrolls."""

SAMPLE = (
    *(".", "command-line", "compared", "conformance", "how-it-works", "operations", "peers"),
    *("performance", "performance/tables", "reference", "reference/adapters", "security", "wire"),
    *("cheat-sheets/node", "frameworks/flask", "how-to/share-with-nextjs", "tutorial"),
)
"""Pages of each kind. ``make site`` looks at every page."""

CHECKS = {
    DESKTOP: {"scrolls": SCROLLING_TABLES, "code": SCROLLING_CODE},
    PHONE: {"narrow": NARROW_CELLS, "overfull": OVERFULL_CELLS},
}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the site, as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    build: list[str | Path] = [
        PYTHON,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        folder,
    ]
    subprocess.run(build, cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[str]:
    """Where the site is served."""
    serve: list[str | Path] = [PYTHON, "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
    with running([*serve, "--directory", built]) as server:
        yield f"{server.url}/"


@pytest.fixture(scope="module")
def browser(chromium: str, chromedriver: str) -> Iterator[Browser]:
    with harness.chromium(chromium, chromedriver) as started:
        yield started


@pytest.fixture(scope="module")
def found(browser: Browser, built: Path, site: str) -> dict[str, list[str]]:
    """What is wrong with each page, by page and kind."""
    found: dict[str, list[str]] = {}
    every = sorted(file.parent.relative_to(built).as_posix() for file in built.rglob("index.html"))
    assert set(every) >= set(SAMPLE)
    for page in every if os.environ.get("EVERY_PAGE") else SAMPLE:
        browser.open(f"{site}{page}/")
        for width in (DESKTOP, PHONE):
            with browser.screen(width, 800):
                browser.wait(lambda: not browser.shows(LOOSE_TABLE))
                browser.script(FINISH_MOVEMENTS)
                found[f"{page}, cut off at {width}"] = browser.script(WIDER_THAN_THE_COLUMN)
                overall = browser.script("return document.documentElement.scrollWidth")
                found[f"{page}, wider than {width}"] = [str(overall)] if overall > width else []
                for kind, code in CHECKS[width].items():
                    found[f"{page}, {kind}"] = browser.script(code)
    return found


def wrong(found: dict[str, list[str]], kind: str) -> dict[str, list[str]]:
    """Return the pages that this is wrong with."""
    assert len(SAMPLE) <= sum(f", {kind}" in name for name in found)
    return {name: what for name, what in found.items() if f", {kind}" in name and what}


def test_nothing_is_cut_off(found: dict[str, list[str]]) -> None:
    assert {} == wrong(found, "cut off")
    assert {} == wrong(found, "wider")


def test_tables_do_not_scroll_on_a_desktop(found: dict[str, list[str]]) -> None:
    assert {} == wrong(found, "scrolls")


def test_no_line_of_code_is_cut_off_on_a_desktop(found: dict[str, list[str]]) -> None:
    assert {} == wrong(found, "code")


def test_no_cell_runs_into_the_next_column_on_a_phone(found: dict[str, list[str]]) -> None:
    assert {} == wrong(found, "overfull")


def test_no_cell_has_a_word_a_line_on_a_phone(found: dict[str, list[str]]) -> None:
    assert {} == wrong(found, "narrow")


def test_a_wide_table_keeps_its_first_column_in_sight_on_a_phone(
    browser: Browser, site: str
) -> None:
    with browser.screen(PHONE, 800):
        browser.open(f"{site}conformance/")
        browser.wait(lambda: browser.shows(".md-typeset__scrollwrap table"))
        before, after, scrolled = browser.script(
            "const table = document.querySelector('.md-typeset__scrollwrap');"
            "const place = () => table.querySelector('td').getBoundingClientRect().left;"
            "const before = place(); table.scrollLeft = 200;"
            "return [before, place(), table.scrollLeft]"
        )

    assert scrolled > 100
    assert 0 <= after <= before


def test_the_page_on_performance_has_at_most_five_screens(browser: Browser, site: str) -> None:
    with browser.screen(DESKTOP, 800):
        browser.open(f"{site}performance/")

        assert 5 * 800 >= browser.script("return document.documentElement.scrollHeight")


def test_the_chart_is_legible_on_a_phone_and_shows_our_bars_in_another_colour(
    browser: Browser, site: str
) -> None:
    with browser.screen(PHONE, 800):
        browser.open(f"{site}performance/")
        bars = browser.script(
            "return [...document.querySelectorAll('.bars i')].map(each => ["
            "each.className, getComputedStyle(each, '::before').backgroundColor,"
            "parseFloat(getComputedStyle(each).fontSize)])"
        )

    ours = {colour for name, colour, _ in bars if name == "ours"}
    others = {colour for name, colour, _ in bars if name == ""}
    assert (1, 1) == (len(ours), len(others))
    assert ours.isdisjoint(others)
    assert min(size for _, _, size in bars) >= 12


@pytest.mark.parametrize(
    ("block", "copied"),
    [
        ("mkdir shop", "mkdir shop && cd shop\npython3 -m venv .venv && . .venv/bin/activate\n"),
        ("curl -s -c jar", "curl -s -c jar -b jar http://127.0.0.1:8000/\n" * 2),
    ],
)
def test_the_button_copies_commands_without_prompts_and_output(
    browser: Browser, site: str, block: str, copied: str
) -> None:
    browser.open(f"{site}tutorial/")
    browser.command("Browser.grantPermissions", permissions=["clipboardReadWrite"])
    browser.script("return navigator.clipboard.writeText('')")
    browser.wait(lambda: browser.shows(".highlight[data-copy] .md-code__button"))
    browser.press(f".highlight[data-copy^='{block}'] .md-code__button")

    text = browser.wait(lambda: browser.script("return navigator.clipboard.readText()"))
    assert f"{text}\n".startswith(copied)

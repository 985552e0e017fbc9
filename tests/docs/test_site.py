"""The build of the documentation: its additions and its checks."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docs.hooks import EVENTS, diagram, listed, on_page_content, on_post_build
from mkdocs.exceptions import PluginError

from cookiesession_core.state import State
from tests.support.servers import PYTHON, ROOT


def test_the_drawing_shows_every_state_and_every_event_that_changes_it() -> None:
    words = re.findall(r">([^<>]+)</text>", diagram())
    changes = [
        event for state in State for event, after in EVENTS.items() if after(state) is not state
    ]

    assert [state.name for state in State] == [word for word in words if word.isupper()]
    assert sorted(changes) == sorted(word for word in words if not word.isupper())
    assert diagram().count("<path d=") == len(changes) + 1  # the head of the arrows


def test_the_drawing_has_no_colour_of_its_own() -> None:
    assert {"none", "currentColor"} == set(re.findall(r'(?:fill|stroke)="([^"]+)"', diagram()))


def page_at(path: str) -> Any:
    """Return what MkDocs knows about a page."""
    return SimpleNamespace(file=SimpleNamespace(src_uri=path))


def test_names_in_docstrings_are_shown_without_their_roles() -> None:
    html = "<p>see :meth:<code>open</code> and <code>~a.b.Class</code>: <code>c</code></p>"

    shown = "<p>see <code>open</code> and <code>Class</code>: <code>c</code></p>"
    assert shown == on_page_content(html, page=page_at("tutorial.md"))


def test_the_button_of_a_block_copies_its_commands_alone() -> None:
    html = (
        '<div class="highlight"><span class="filename">shell</span><pre><span></span><code>'
        '<span class="gp">$ </span>echo <span class="s2">&quot;a&quot;</span>'
        ' <span class="se">\\</span>\n  b\n<span class="go">a b</span>\n\n'
        '<span class="gp">$ </span>ls\n</code></pre></div>'
    )

    shown = on_page_content(html, page=page_at("tutorial.md"))
    assert shown.startswith('<div data-copy="echo &quot;a&quot; \\\n  b\nls" class="highlight">')
    assert shown.endswith(html.removeprefix("<div"))


def test_a_block_without_a_prompt_is_copied_as_it_is() -> None:
    html = '<div class="highlight"><pre><code>a</code></pre></div> <span class="gp">$ </span>'

    assert html == on_page_content(html, page=page_at("tutorial.md"))


def test_only_the_page_on_adapters_leaves_out_parameters_without_a_description() -> None:
    def row(name: str, description: str) -> str:
        cell = f'<div class="doc-md-description">\n{description}\n</div>'
        return f'<tr class="doc-section-item"><td>{name}</td><td>{cell}</td></tr>'

    def table(*rows: str) -> str:
        title = '<p><span class="doc-section-title">Parameters:</span></p>\n'
        return f"{title}<table><thead></thead><tbody>{''.join(rows)}</tbody></table>"

    html = table(row("app", "<p>any</p>"), row("keys", ""), row("name", "")) + table(row("x", ""))

    assert html == on_page_content(html, page=page_at("reference.md"))
    shown = on_page_content(html, page=page_at("reference/adapters.md"))
    assert shown == table(row("app", "<p>any</p>"))


def test_the_list_for_language_models_has_the_first_sentence_of_each_page() -> None:
    text = "# T\n\n```python\nNo = 1\n```\n\n| a |\n\nA [link](x.md) to 1.5. More.\nEven more."
    page = SimpleNamespace(is_section=False, title="T", url="t/", markdown=text)
    empty = SimpleNamespace(is_section=False, title="E", url="", markdown="::: name")
    section = SimpleNamespace(is_section=True, title="S", children=[page, empty])

    assert ["", "## S", "", "- [T](t/): A link to 1.5.", "- [E](./)"] == listed(section)


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://example.com/x.js"></script>',
        '<img alt="" src=//example.com/x.png>',
        '<link rel="stylesheet" href="https://example.com/x.css">',
        "@font-face { src: url('https://example.com/x.woff') }",
    ],
)
def test_a_site_that_loads_anything_from_elsewhere_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "index.html").write_text(text)

    with pytest.raises(PluginError, match="from elsewhere"):
        on_post_build({"site_dir": str(tmp_path)})


def test_links_to_elsewhere_are_allowed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<a href="https://example.com/">x</a><link rel="canonical" href="https://example.com/">'
        '<script src="../assets/x.js"></script><style>a { background: url("x.png") }</style>'
    )

    on_post_build({"site_dir": str(tmp_path)})


def test_every_row_of_the_comparison_says_where_it_is_shown_and_fills_every_column() -> None:
    page = (
        (ROOT / "docs" / "index.md")
        .read_text(encoding="utf-8")
        .split("## Compared with other libraries")[1]
    )
    rows = [line.strip("| ").split(" | ") for line in re.findall(r"^\|.*\|$", page, re.MULTILINE)]
    _head, _rule, versions, *claims = rows

    assert len(claims) >= 15
    assert {9} == {len(row) for row in (versions, *claims)}
    assert all(cell.strip() for row in claims for cell in row)
    assert [] == [row[0] for row in claims if "](" not in row[0]]


@pytest.fixture(scope="module")
def headings(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build the site, and return what its search finds first: the titles of pages and sections."""
    site = tmp_path_factory.mktemp("site")
    subprocess.run(
        [PYTHON, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", site],
        cwd=ROOT,
        check=True,
    )
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    return [entry["title"].lower() for entry in index["docs"]]


def test_the_search_finds_what_people_look_for_in_a_heading(headings: list[str]) -> None:
    terms = [
        *("logout", "log out", "logged out", "troubleshooting", "common problems", "faq"),
        *("migrate from", "next.js", "express", "passport", "powertools", "cheat sheet"),
        *("csrf", "samesite", "cors", "localhost", "safari", "saml", "apple", "cache"),
        *("jwt", "iron-session", "remember me", "4096", "rotate", "encrypt", "sha-1"),
    ]

    assert [] == [term for term in terms if not any(term in heading for heading in headings)]

"""Draw the states of the core into the documentation when it is built, by asking the core."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape, unescape
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mkdocs.exceptions import PluginError

from cookiesession_core import Outcome, Written
from cookiesession_core.state import State, decide

EVENTS = {
    "read or write": State.after_read,
    "replace": State.after_replace,
    "destroy": State.after_destroy,
}
"""The events of a session, each with the method that returns the next state."""


def diagram() -> str:
    """Return the transitions as a drawing in the colour of the text around it.

    The states stand in a row. An arrow to the next state is straight. Other arrows are curves:
    above the row from every second state, below it from the rest.
    """
    places = {state: 70 + 215 * index for index, state in enumerate(State)}
    parts: list[str] = []
    for index, (state, x) in enumerate(places.items()):
        parts.append(f'<rect x="{x - 60}" y="90" width="120" height="40" rx="6" fill="none"/>')
        parts.append(_text(x, 115, state.name))
        side = 1 if index % 2 else -1
        for event, after in EVENTS.items():
            end = places[after(state)]
            path, label = f"M{x + 60} 110 H{end - 60}", 102
            if end > x + 215:
                edge, height = 110 + side * 20, side * (end - x - 215) * 2 // 5
                path = f"M{x} {edge} Q{(x + end) // 2} {edge + height} {end} {edge}"
                label = edge + height // 2 + 5 + side * 11
            if end > x:
                parts.append(f'<path d="{path}" fill="none" marker-end="url(#arrow)"/>')
                parts.append(_text((x + end) // 2, label, event))
    return (
        '<div style="overflow-x: auto"><svg viewBox="0 -10 785 220" role="img" '
        'aria-label="The states of a session; the table below says the same" '
        'style="min-width: 34rem; width: 100%" '
        'stroke="currentColor" stroke-width="1.3" font-size="13" text-anchor="middle">'
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"/>'
        f"</marker></defs>{''.join(parts)}</svg></div>"
    )


def _text(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="currentColor" stroke="none">{text}</text>'


def transitions() -> str:
    """Return the transitions as a table: a row for each state, a column for each event."""
    rows = [[state.name, *(after(state).name for after in EVENTS.values())] for state in State]
    return table([["state", *EVENTS], *rows])


def writes() -> str:
    """Return the answers of ``decide`` for every session, as a table.

    Cookies with the same answers share a row.
    """
    answers: dict[tuple[str, ...], dict[str, None]] = {}
    for facts in product(State, (True, False), Outcome, (False, True), (False, True)):
        state, new_contents, outcome, needs_refresh, is_stale = facts
        if state is State.UNTOUCHED and new_contents:
            continue  # there cannot be any
        cookies = outcome.name
        if outcome is Outcome.LOADED and (needs_refresh or is_stale):
            cookies += ", a refresh is due" if needs_refresh else ", from an older key"
        sent = [ask(*facts, can_be_sent).name for can_be_sent in (True, False)]
        row = state.name, "yes" if new_contents else "no", *sent
        answers.setdefault(row, {})[cookies] = None
    count = max(map(len, answers.values()))
    rows = [["state", "new contents", "cookies", "sent", "`secure=True` over plain HTTP"]]
    for (name, new, *sent), held in answers.items():
        rows.append([name, new, "any" if len(held) == count else "; ".join(held), *sent])
    return table(rows)


def ask(state: State, *facts: Any) -> Written:
    """Return the answer of ``decide`` for these facts."""
    new_contents, outcome, needs_refresh, is_stale, can_be_sent = facts
    session: Any = SimpleNamespace(
        _state=state,
        _has_new_contents=lambda: new_contents,
        _read=lambda: SimpleNamespace(outcome=outcome, is_stale=is_stale),
        _needs_refresh=lambda: needs_refresh,
        _can_be_sent=lambda _: can_be_sent,
    )
    return decide(session)


def vectors() -> str:
    """Return the number of vectors of each requirement of the wire format, as a table."""
    file = Path(__file__).parent / "wire" / "vectors.json"
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    rows = [["requirement", "operations", "vectors", "of these, with two right answers"]]
    for requirement in dict.fromkeys(case["requirement"] for case in cases):
        own = [case for case in cases if case["requirement"] == requirement]
        operations = ", ".join(f"`{name}`" for name in dict.fromkeys(case["op"] for case in own))
        two = sum(case.get("node") is not None for case in own)
        rows.append(
            [f"[{requirement}](#{requirement.lower()})", operations, f"{len(own)}", f"{two}"]
        )
    return table(rows)


def table(rows: list[list[str]]) -> str:
    """Return ``rows`` in Markdown, the first as the head."""
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *body])


ROLE = re.compile(r":[a-z]+:(?=<code>)|(?<=<code>)~(?:\w+\.)+(?=\w+</code>)")
"""The rest of Sphinx's notation for roles, such as ``:meth:`open```, in a page."""


BLOCK = re.compile(
    r'<div class="highlight">((?:(?!</pre>).)*<span class="gp">.*?)</pre>', re.DOTALL
)
"""A block of commands, each after a prompt."""

NOT_COPIED = re.compile(r'<span class="filename">.*?</span>|<span class="gp">.*?</span>|<[^>]+>')


UNDESCRIBED = re.compile(
    r'<tr class="doc-section-item">(?:(?!</tr>).)*<div class="doc-md-description">\s*</div>'
    r".*?</tr>",
    re.DOTALL,
)
"""A parameter without a description: an option that an adapter passes on."""

EMPTY = re.compile(
    r'<p><span class="doc-section-title">[^<]*</span></p>\s*'
    r"<table>(?:(?!</table>).)*<tbody>\s*</tbody>\s*</table>",
    re.DOTALL,
)
"""A table of parameters without a row."""


def on_page_content(html: str, *, page: Any, **_: Any) -> str:
    """Show the names in docstrings as code and nothing else; called by MkDocs.

    The button beside a block of commands copies the commands, without prompts and output.
    The page on the adapters does not list the options of ``CookieSession`` for each of them.
    """
    if page.file.src_uri == "reference/adapters.md":
        html = EMPTY.sub("", UNDESCRIBED.sub("", html))
    return BLOCK.sub(_with_commands, ROLE.sub("", html))


def _with_commands(block: re.Match[str]) -> str:
    lines = [line for line in block[1].splitlines() if 'class="go"' not in line]
    commands = "\n".join(filter(None, (NOT_COPIED.sub("", line) for line in lines)))
    return block[0].replace("<div", f'<div data-copy="{escape(unescape(commands))}"', 1)


PROSE = re.compile(r"^[A-Z`*\[].*?(?:[.?!](?= [A-Z])|$)", re.MULTILINE)
"""The first sentence of a paragraph."""


def on_page_context(context: Any, *, page: Any, config: Any, nav: Any, **_: Any) -> Any:
    """Write the list of all pages for language models, with the first page; called by MkDocs."""
    if page.is_homepage:
        lines = [f"# {config['site_name']}", "", f"> {config['site_description']}", ""]
        lines += [line for item in nav for line in listed(item)]
        path = Path(config["site_dir"]) / "llms.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return context


def listed(item: Any) -> list[str]:
    """Return the lines for a page or for a section: title, address and first sentence."""
    if item.is_section:
        return [
            "",
            f"## {item.title}",
            "",
            *(line for each in item.children for line in listed(each)),
        ]
    text = re.sub(r"^```.*?^```", "", item.markdown, flags=re.MULTILINE | re.DOTALL)
    found = PROSE.search(text)
    sentence = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", f": {found[0]}") if found else ""
    return [f"- [{item.title}]({item.url or './'}){sentence}"]


LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|modulepreload))[^>]*"""
    r"""\bhref=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|(?:url\(|@import)\s*["']?(?:https?:)?//[^"')\s]+"""
)
"""Markup that makes a browser ask another host for a page or a style sheet."""


def on_post_build(config: Mapping[str, Any], **_: Any) -> None:
    """Refuse a site whose pages load anything from elsewhere; called by MkDocs."""
    for file in Path(config["site_dir"]).rglob("*"):
        if file.suffix in {".html", ".css"}:
            found = LOADED.search(file.read_text(encoding="utf-8"))
            if found:
                message = f"{file.name} loads something from elsewhere: {found.group()}"
                raise PluginError(message)


REFERENCE = re.compile(r"(?<=\]\()((?:\.\./)*)reference\.md#([\w.-]+)")
"""A link to a name or a section of the reference."""


@cache
def places() -> dict[str, str]:
    """Return the page of the reference for each name and each section."""
    docs = Path(__file__).parent
    found = {}
    for page in (docs / "reference.md", *(docs / "reference").glob("*.md")):
        for name, title in re.findall(
            r"^::: (\S+)|^## (.+)", page.read_text("utf-8"), re.MULTILINE
        ):
            found[name or title.lower().replace(" ", "-")] = page.relative_to(docs).as_posix()
    return found


def _linked(link: re.Match[str]) -> str:
    up, name = link.groups()
    page = places().get(name) or places().get(name.rpartition(".")[0], "reference.md")
    return f"{up}{page}#{name}"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill the marked places of a page; called by MkDocs.

    A link to a name of the reference leads to the page that has the name.
    """
    for mark, draw in (
        ("<!-- diagram of the transitions -->", diagram),
        ("<!-- table of the transitions -->", transitions),
        ("<!-- table of the writes -->", writes),
        ("<!-- table of the vectors -->", vectors),
    ):
        if mark in markdown:
            markdown = markdown.replace(mark, draw())
    return REFERENCE.sub(_linked, markdown)

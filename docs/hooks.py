"""Draw the state tables of the core into the documentation when it is built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

from cookiesession_core.state import TRANSITIONS, WRITES, Contents, Event, State

BOX = (132, 40)
"""Width and height of a state."""
PLACES = {
    State.UNTOUCHED: (84, 190),
    State.LOADED: (340, 90),
    State.NEW: (340, 290),
    State.REPLACED: (640, 90),
    State.DESTROYED: (640, 290),
}
"""The centre of each state but the last one, COMMITTED, which every other one leads to."""
PATHS: dict[tuple[State, State], tuple[str, tuple[int, int]]] = {
    (State.UNTOUCHED, State.LOADED): ("M118 170 L272 98", (176, 122)),
    (State.UNTOUCHED, State.NEW): ("M118 210 L272 282", (256, 238)),
    (State.UNTOUCHED, State.REPLACED): ("M84 170 C84 20 560 -10 628 68", (340, 24)),
    (State.UNTOUCHED, State.DESTROYED): ("M84 210 C84 360 560 390 628 312", (340, 368)),
    (State.LOADED, State.REPLACED): ("M406 90 H572", (489, 80)),
    (State.LOADED, State.DESTROYED): ("M390 110 L588 268", (468, 140)),
    (State.NEW, State.REPLACED): ("M390 270 L588 112", (468, 250)),
    (State.NEW, State.DESTROYED): ("M406 290 H572", (489, 308)),
    (State.REPLACED, State.DESTROYED): ("M622 110 V268", (590, 194)),
    (State.DESTROYED, State.REPLACED): ("M662 270 V112", (728, 194)),
}
"""How an arrow runs from state to state, and where its label stands."""


def diagram() -> str:
    """Return the transitions as a drawing that takes its colour from the text around it.

    The layout is made by hand; which arrows there are, and what they say, is in the table. An
    arrow that the layout lacks is an error.
    """
    arrows: dict[tuple[State, State], list[str]] = {}
    for (before, event), after in TRANSITIONS.items():
        if before is not after and event is not Event.COMMIT:
            arrows.setdefault((before, after), []).append(event.value)
    parts = [_box(state, place) for state, place in PLACES.items()]
    for states, events in arrows.items():
        path, (x, y) = PATHS[states]
        parts.append(f'<path d="{path}" fill="none" marker-end="url(#arrow)"/>')
        parts.append(_text(x, y, ", ".join(events)))
    marker = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"/>'
        "</marker></defs>"
    )
    return (
        '<div style="overflow-x: auto"><svg viewBox="0 0 780 390" role="img" '
        'aria-label="The states of a session; the table below says the same" '
        'style="min-width: 34rem; width: 100%" '
        'stroke="currentColor" stroke-width="1.3" font-size="13">'
        f"{marker}{''.join(parts)}</svg></div>"
    )


def _box(state: State, place: tuple[int, int]) -> str:
    (x, y), (width, height) = place, BOX
    return (
        f'<rect x="{x - width // 2}" y="{y - height // 2}" width="{width}" height="{height}" '
        f'rx="6" fill="none"/>{_text(x, y + 5, state.name, "bold")}'
    )


def _text(x: int, y: int, text: str, weight: str = "normal") -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="middle" fill="currentColor" stroke="none" '
        f'font-weight="{weight}">{text}</text>'
    )


def transitions() -> str:
    """Return the transitions as a table: a row a state, a column an event."""
    rows = [["state", *(event.value for event in Event)]]
    for state in State:
        after = (TRANSITIONS.get((state, event)) for event in Event)
        rows.append([state.name, *(new.name if new else "" for new in after)])
    return table(rows)


def writes() -> str:
    """Return the write decision as a table: a row a state, a column its contents."""
    rows = [["state at commit", *(contents.value for contents in Contents)]]
    for state in dict.fromkeys(state for state, _ in WRITES):
        write = (WRITES.get((state, contents)) for contents in Contents)
        rows.append([state.name, *(found.value if found else "" for found in write)])
    return table(rows)


def table(rows: list[list[str]]) -> str:
    """Return ``rows`` in Markdown, the first as the head."""
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *body])


ROLE = re.compile(r":[a-z]+:(?=<code>)|(?<=<code>)~(?:\w+\.)+(?=\w+</code>)")
"""What Sphinx's notation leaves of ``:meth:`open``` in a page."""


def on_page_content(html: str, **_: Any) -> str:
    """Show the names in docstrings as code and nothing else; called by MkDocs."""
    return ROLE.sub("", html)


LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preload|preconnect|modulepreload))[^>]*"""
    r"""\bhref=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|(?:url\(|@import)\s*["']?(?:https?:)?//[^"')\s]+"""
)
"""What makes a browser ask another host when it shows a page or a style sheet."""


def on_post_build(config: Mapping[str, Any], **_: Any) -> None:
    """Refuse a site whose pages load anything from elsewhere; called by MkDocs."""
    for file in Path(config["site_dir"]).rglob("*"):
        if file.suffix in {".html", ".css"}:
            found = LOADED.search(file.read_text(encoding="utf-8"))
            if found:
                message = f"{file.name} loads something from elsewhere: {found.group()}"
                raise PluginError(message)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Fill the marked places of a page; called by MkDocs."""
    for mark, draw in (
        ("<!-- diagram of the transitions -->", diagram),
        ("<!-- table of the transitions -->", transitions),
        ("<!-- table of the writes -->", writes),
    ):
        if mark in markdown:
            markdown = markdown.replace(mark, draw())
    return markdown

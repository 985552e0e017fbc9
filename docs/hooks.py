"""Draw the state tables of the core into the documentation when it is built."""

from __future__ import annotations

from typing import Any

from cookiesession_core.state import TRANSITIONS, WRITES, Contents, Event, State


def diagram() -> str:
    """Return the transitions as a Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.UNTOUCHED.name}"]
    for (before, event), after in TRANSITIONS.items():
        if before is not after and event is not Event.COMMIT:
            lines.append(f"    {before.name} --> {after.name}: {event.value.replace(':', '')}")
    return "\n".join([*lines, "```"])


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

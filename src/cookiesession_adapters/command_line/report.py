"""An inspection as text for people, and as JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from cookiesession_core import MAX_COOKIE_SIZE, Timestamps

from .browser import Verdict
from .dates import date, duration
from .formats import COOKIE_SESSION
from .hints import hints
from .inspection import NOT_CHECKED, NOTHING_FOUND, VERIFIED, Inspection

_WIDTH = 79


def as_text(inspection: Inspection) -> str:
    """Return the text for a person: whether it verifies, the contents, and what to try."""
    name = inspection.settings.format_name
    kind = "" if name == COOKIE_SESSION else f" of {name}"
    title = f"{inspection.name}{kind}, from {inspection.source.value}"
    blocks = [[*_wrapped(title), *_wrapped(inspection.explanation)]]
    if inspection.contents is not None:
        blocks.append([_laid_out(inspection.contents)])
    facts = [line for fact in _facts(inspection) for line in _wrapped(fact)]
    blocks.extend([facts] if facts else [])
    blocks.extend(_verdicts(inspection.verdicts))
    found = [line for hint in hints(inspection) for line in _wrapped(f"hint: {hint}")]
    blocks.extend([found] if found else [])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


_COLOURS = {VERIFIED: "32", NOTHING_FOUND: "33", NOT_CHECKED: "33"}
_RED = "31"


def in_colour(text: str, inspection: Inspection) -> str:
    """Return a text of :func:`as_text` with its verdict in green, yellow or red."""
    title, line_break, rest = text.partition(f"\n{inspection.verdict}")
    colour = _COLOURS.get(inspection.status, _RED)
    return f"{title}\n\x1b[{colour}m{line_break[1:]}\x1b[0m{rest}"


def as_json(inspection: Inspection) -> str:
    """Return the same facts in one line of JSON; the documentation lists its members."""
    timestamps = inspection.timestamps
    report = {
        "source": inspection.source.name.lower(),
        "name": inspection.name,
        "format": inspection.settings.format_name,
        "status": inspection.status,
        "verified": inspection.status == VERIFIED,
        "outcome": inspection.outcome.value if inspection.settings.keys else None,
        "key_index": inspection.key_index,
        "keys": len(inspection.settings.keys),
        "explanation": inspection.explanation,
        "hints": list(hints(inspection)),
        "contents": inspection.contents,
        "bytes": inspection.size,
        "lifetime": None
        if timestamps == Timestamps()
        else {
            "start": _seconds(timestamps.start),
            "written": _seconds(timestamps.written),
            "end": _seconds(timestamps.end),
            "until_browser_closes": timestamps.until_browser_closes,
        },
        "set_cookie": [
            {
                "name": each.name,
                "bytes": each.size,
                "browser": each.action,
                "because": list(each.refusals),
                "effects": list(each.effects),
            }
            for each in inspection.verdicts
        ],
    }
    try:
        return f"{one_line(report)}\n"
    except RecursionError:
        return f"{one_line({**report, 'contents': None})}\n"


def one_line(value: Any) -> str:
    """Return compact JSON.

    Raises:
        RecursionError: when it is nested too deeply.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _laid_out(contents: dict[str, Any]) -> str:
    # Writing with indents takes more of the stack than reading.
    try:
        return json.dumps(contents, ensure_ascii=False, indent=2)
    except RecursionError:
        return "(contents that are nested too deeply to be shown)"


def _facts(inspection: Inspection) -> Iterator[str]:
    if inspection.size is not None and not inspection.verdicts:
        yield (
            f"size: {inspection.size} bytes; a Set-Cookie value may have {MAX_COOKIE_SIZE}, "
            "attributes included"
        )
    timestamps, now = inspection.timestamps, inspection.now
    if timestamps.start is not None:
        yield f"began: {date(timestamps.start / 1000, now)}"
    if timestamps.written is not None and timestamps.end is not None:
        allowance = duration((timestamps.end - timestamps.written) / 1000)
        yield f"written: {date(timestamps.written / 1000, now)}, valid for {allowance} from then"
    if timestamps.end is not None:
        yield f"ends: {date(timestamps.end / 1000, now)}"
    if timestamps.until_browser_closes:
        yield "Koa keeps it until the browser is closed"


def _verdicts(verdicts: tuple[Verdict, ...]) -> Iterator[list[str]]:
    told: set[tuple[str, ...]] = set()
    for verdict in verdicts:
        verb = "ignores" if verdict.refusals else "takes"
        title = f"a browser {verb} {verdict.name} ({verdict.size} of {MAX_COOKIE_SIZE} bytes)"
        items = verdict.refusals or verdict.effects
        if items in told:
            yield [f"{title}, likewise"]
            continue
        told.add(items)
        lines = [f"{title}:" if verdict.refusals else f"{title}, and"]
        for item in items:
            lines.extend(wrap(item, _WIDTH, initial_indent="- ", subsequent_indent="  "))
        yield lines


def _wrapped(text: str) -> list[str]:
    return wrap(
        text, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000

"""An inspection as text for people, and as JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from cookiesession_core import MAX_COOKIE_SIZE, Stamp

from .browser import Ruling
from .hints import hints
from .inspection import VERIFIED, Inspection
from .moments import duration, moment

_WIDTH = 79


def as_text(inspection: Inspection) -> str:
    """Return what a person wants to know: the verdict, the contents, and what to try."""
    title = f"{inspection.name}, from {inspection.source.value}"
    blocks = [[*_wrapped(title), *_wrapped(inspection.explanation)]]
    if inspection.contents is not None:
        blocks.append([_laid_out(inspection.contents)])
    facts = [line for fact in _facts(inspection) for line in _wrapped(fact)]
    blocks.extend([facts] if facts else [])
    blocks.extend(_rulings(inspection.rulings))
    found = [line for hint in hints(inspection) for line in _wrapped(f"hint: {hint}")]
    blocks.extend([found] if found else [])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def as_json(inspection: Inspection) -> str:
    """Return the same in one line of JSON; the documentation lists its members."""
    stamp = inspection.stamp
    report = {
        "source": inspection.source.name.lower(),
        "name": inspection.name,
        "status": inspection.status,
        "verified": inspection.status == VERIFIED,
        "outcome": inspection.outcome.value if inspection.settings.keys else None,
        "key_index": inspection.key_index,
        "keys": len(inspection.settings.keys),
        "explanation": inspection.explanation,
        "hints": list(hints(inspection)),
        "contents": inspection.contents,
        "octets": inspection.octets,
        "lifetime": None
        if stamp == Stamp()
        else {
            "start": _seconds(stamp.start),
            "written": _seconds(stamp.written),
            "end": _seconds(stamp.end),
            "until_browser_closes": stamp.until_browser_closes,
        },
        "set_cookie": [
            {
                "name": each.name,
                "octets": each.octets,
                "browser": each.action,
                "because": list(each.refusals),
                "effects": list(each.effects),
            }
            for each in inspection.rulings
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
    # Laying out takes more of the stack than reading did.
    try:
        return json.dumps(contents, ensure_ascii=False, indent=2)
    except RecursionError:
        return "(contents that are nested too deeply to be shown)"


def _facts(inspection: Inspection) -> Iterator[str]:
    if inspection.octets is not None and not inspection.rulings:
        yield (
            f"size: {inspection.octets} octets; a Set-Cookie line may have {MAX_COOKIE_SIZE}, "
            "attributes included"
        )
    stamp, now = inspection.stamp, inspection.now
    if stamp.start is not None:
        yield f"began: {moment(stamp.start / 1000, now)}"
    if stamp.written is not None and stamp.end is not None:
        allowance = duration((stamp.end - stamp.written) / 1000)
        yield f"written: {moment(stamp.written / 1000, now)}, good for {allowance} from then"
    if stamp.end is not None:
        yield f"ends: {moment(stamp.end / 1000, now)}"
    if stamp.until_browser_closes:
        yield "Koa keeps it until the browser is closed"


def _rulings(rulings: tuple[Ruling, ...]) -> Iterator[list[str]]:
    told: set[tuple[str, ...]] = set()
    for ruling in rulings:
        verb = "ignores" if ruling.refusals else "takes"
        title = f"a browser {verb} {ruling.name} ({ruling.octets} of {MAX_COOKIE_SIZE} octets)"
        items = ruling.refusals or ruling.effects
        if items in told:
            yield [f"{title}, likewise"]
            continue
        told.add(items)
        lines = [f"{title}:" if ruling.refusals else f"{title}, and"]
        for item in items:
            lines.extend(wrap(item, _WIDTH, initial_indent="- ", subsequent_indent="  "))
        yield lines


def _wrapped(text: str) -> list[str]:
    return wrap(
        text, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000

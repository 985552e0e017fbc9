"""The picture for the documentation: what a session adds to a request, on a logarithmic scale.

Hand-made SVG: a row a contender, a dot an operation. Its colours can be read on white and on
black, and it brings no background.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

from .contender import ASGI, MIDDLEWARE, READ, ROUND_TRIP, UNTOUCHED, WSGI
from .questions.operations import TITLES, times
from .run import Results

SIZE = "T"
SERIES = (
    (UNTOUCHED, "#2e9e6b", "leaves its session alone"),
    (READ, "#3f83d6", "reads a value"),
    (ROUND_TRIP, "#d9652b", "counts a view"),
)
GREY = "#808890"

WIDTH, LEFT, RIGHT, TOP, ROW = 800, 310, 24, 60, 26
APART = 3
"""Dots of one row stand a little above each other, lest one hides another."""
FIRST, LAST = 100, 1_000_000
"""The ends of the axis, in nanoseconds."""


def svg(results: Results) -> str:
    """Return the picture of a run."""
    measured = times(results)
    titles = {each["name"]: each["title"] for each in results["contenders"]}
    rows = [
        (f"{titles[contender]}, {TITLES[layer]}", contender, layer)
        for contender, layer in dict.fromkeys(key[:2] for key in measured)
        if layer in (ASGI, WSGI, MIDDLEWARE)
    ]
    height = TOP + ROW * len(rows) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f'<g font-family="system-ui, sans-serif" font-size="12" fill="{GREY}">',
        "<title>What a session adds to a request, in microseconds</title>",
        *_legend(),
        *_axis(height),
    ]
    for index, (title, contender, layer) in enumerate(rows):
        y = TOP + ROW * index + ROW // 2
        points = [
            (measured[contender, layer, operation, SIZE], colour)
            for operation, colour, _ in SERIES
            if (contender, layer, operation, SIZE) in measured
        ]
        parts += _row(title, y, points, ours=contender == "ours")
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _x(ns: float) -> float:
    part = math.log(max(ns, FIRST) / FIRST) / math.log(LAST / FIRST)
    return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)


def _legend() -> Iterator[str]:
    yield f'<text x="{LEFT}" y="16">Added to a request with a typical session, in µs</text>'
    x = LEFT
    for _, colour, words in SERIES:
        yield f'<circle cx="{x + 5}" cy="34" r="5" fill="{colour}"/>'
        yield f'<text x="{x + 15}" y="38">{words}</text>'
        x += 40 + 6 * len(words)


def _axis(height: int) -> Iterator[str]:
    for power in range(round(math.log10(FIRST)), round(math.log10(LAST)) + 1):
        x = _x(10**power)
        bottom = height - 26
        yield f'<path d="M{x} {TOP}V{bottom}" stroke="{GREY}" stroke-opacity="0.35"/>'
        yield f'<text x="{x}" y="{height - 8}" text-anchor="middle">{10 ** (power - 3):g}</text>'


def _row(title: str, y: int, points: list[tuple[float, str]], *, ours: bool) -> Iterator[str]:
    weight = ' font-weight="bold"' if ours else ""
    yield f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end"{weight}>{escape(title)}</text>'
    places = [_x(ns) for ns, _ in points]
    if places:
        line = f"M{min(places)} {y}H{max(places)}"
        yield f'<path d="{line}" stroke="{GREY}" stroke-opacity="0.5"/>'
    for index, (place, (ns, colour)) in enumerate(zip(places, points, strict=True)):
        height = y + APART * (index - 1)
        yield f'<circle cx="{place}" cy="{height}" r="5" fill="{colour}">'
        yield f"<title>{ns / 1000:.2f} µs</title></circle>"

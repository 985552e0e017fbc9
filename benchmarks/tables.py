"""A table, to be printed or written into a page, and the words for figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs


@attrs.frozen
class Table:
    """Rows under a head; the first column is text, and so are the others unless ``figures``."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    figures: bool = True

    def markdown(self) -> str:
        """Return the table in Markdown, without its title."""
        rows = [self.head, *self.rows]
        if not self.figures:
            return "\n".join(
                [_line(self.head), _line(("---",) * len(self.head)), *map(_line, self.rows)]
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [_line(_aligned(row, widths)) for row in rows]
        rule = _line(["-" * widths[0], *(f"{'-' * (width - 1)}:" for width in widths[1:])])
        return "\n".join([lines[0], rule, *lines[1:]])


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
    return [row[0].ljust(widths[0]), *cells[1:]]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def time(ns: float | None) -> str:
    """Return nanoseconds as microseconds, with as many digits as mean something."""
    if ns is None:
        return ""
    if ns < 0:  # a difference, and less than can be told apart
        return "0 µs"
    microseconds = ns / 1000
    return f"{microseconds:.2f} µs" if microseconds < 10 else f"{microseconds:.1f} µs"


def ratio(value: float | None, base: float | None) -> str:
    """Return how many times ``base`` the value is."""
    return "" if value is None or not base else f"{max(value, 0) / base:.2f}"


def time_and_ratio(ns: float | None, base: float | None) -> str:
    """Return both, the ratio in brackets."""
    return f"{time(ns)} ({ratio(ns, base)})" if ratio(ns, base) else time(ns)

"""A table, to be printed or written into a page, and the words for figures."""

from __future__ import annotations

from collections.abc import Sequence

import attrs


@attrs.frozen
class Table:
    """Rows under a head; the first column is text, the others are figures."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def markdown(self) -> str:
        """Return the table in Markdown, without its title."""
        rows = [self.head, *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self.head))]
        lines = [self._line(row, widths) for row in rows]
        rule = [f"{'-' * widths[0]}", *(f"{'-' * (width - 1)}:" for width in widths[1:])]
        return "\n".join([lines[0], f"| {' | '.join(rule)} |", *lines[1:]])

    @staticmethod
    def _line(row: tuple[str, ...], widths: list[int]) -> str:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
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

"""One module a question; each measures, and shows what it has measured as tables."""

from __future__ import annotations

from typing import Any, Protocol

from benchmarks.run import Results, Run
from benchmarks.tables import Table

from . import (
    allocations,
    foreign_cookies,
    imports,
    linearity,
    operations,
    rejected,
    rotation,
    servers,
    session_size,
)


class Question(Protocol):
    """What such a module offers."""

    NAME: str

    def measure(self, run: Run, /) -> list[dict[str, Any]]:
        """Return rows of figures."""
        ...

    def tables(self, results: Results, /) -> list[Table]:
        """Return the rows in the results as tables."""
        ...


QUESTIONS: tuple[Question, ...] = (
    operations,
    session_size,
    foreign_cookies,
    rotation,
    rejected,
    linearity,
    allocations,
    imports,
    servers,
)

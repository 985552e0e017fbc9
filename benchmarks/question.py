"""A question, its cases, and the stop-watch."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from time import thread_time
from timeit import Timer
from typing import Any

import attrs

Call = Callable[[], Any]


@attrs.frozen
class Case:
    """One thing that is measured: a cell of the question's tables."""

    group: str
    """The table. Its first word is the size of the session, where sizes are compared."""
    row: str
    column: str
    sample: Callable[[], float]
    """Measures once, and returns seconds or bytes."""


@attrs.frozen
class Question:
    """A question; ratios are to the row ``base``, or else to the first row."""

    name: str
    title: str
    cases: Callable[[], Iterable[Case]]
    base: str = ""
    unit: str = "second"
    processes: int = 10
    rounds: int = 20


class Timed:
    """A sample of the processor time of ``call``, less that of ``without``, in seconds."""

    turn = 0.0015
    """Each turn takes so many seconds."""

    def __init__(self, call: Call, without: Call | None = None) -> None:
        self._timers = [Timer(each, timer=thread_time) for each in (call, without) if each]
        self._counts: list[int] = []

    def __call__(self) -> float:
        """Take one turn."""
        self._counts = self._counts or [self._calibrated(timer) for timer in self._timers]
        pairs = zip(self._timers, self._counts, strict=True)
        first, *others = (timer.timeit(count) / count for timer, count in pairs)
        return max(first - sum(others), 1e-9)

    def _calibrated(self, timer: Timer) -> int:
        count = 1
        while (elapsed := timer.timeit(count)) < self.turn / 2:
            count *= 2
        return max(1, round(count * self.turn / elapsed))


def checked(call: Call, outcome: Callable[[Any], Any], expected: Any) -> Call:
    """Return ``call`` after a check of its result.

    Raises:
        RuntimeError: when the outcome of the call is not as expected.
    """
    if (found := outcome(call())) != expected:
        message = f"a call does not do its work: {found!r}, not {expected!r}"
        raise RuntimeError(message)
    return call


def timed(group: str, row: str, calls: Mapping[str, Call]) -> Iterator[Case]:
    """Return the cases of one row: a call for each column."""
    for column, call in calls.items():
        yield Case(group, row, column, Timed(call))

"""The stop-watch: many short calls in turn, so that what disturbs the machine disturbs all alike.

Every call is repeated for about a millisecond and a half, then the next one has its turn, and so
on round after round. The figure of a call is the median over the rounds. It is processor time of
this thread: no call waits for anything, and what other programs take of a shared machine does not
count. The cyclic garbage collector is off inside a round and runs between rounds: else whoever
happens to trigger it pays for all.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import repeat
from time import thread_time_ns
from typing import TypeVar

import attrs

Call = Callable[[], object]
K = TypeVar("K", bound=Hashable)

SLICE = 1_500_000
"""Nanoseconds that one call is repeated for in one round."""
QUICK_SLICE = 20_000
"""As ``SLICE``, where only the shape of the result is wanted."""

MANY = 150
"""So many calls make a round long enough. Fewer have more rounds, up to five times as many, for
else all of them would fall into one bad moment of the machine."""

Progress = Callable[[Iterable[int]], Iterable[int]]


def silent(rounds: Iterable[int]) -> Iterable[int]:
    """Show no progress."""
    return rounds


@attrs.frozen
class Timing:
    """How long one call takes, in nanoseconds."""

    median: float
    spread: float
    """The distance of the quartiles, as a part of the median."""


@attrs.frozen
class Watch:
    """How carefully to measure."""

    rounds: int = 40
    slice_ns: int = SLICE
    progress: Progress = silent

    def measure(self, calls: Mapping[K, Call]) -> dict[K, Timing]:
        """Return the timing of every call; all run in this process, in turn."""
        rounds = self.rounds * min(5, max(1, MANY // len(calls)))
        repeats = {key: self._calibrated(call) for key, call in calls.items()}
        samples: dict[K, list[float]] = {key: [] for key in calls}
        with _collector_off() as collect:
            for _ in self.progress(range(rounds)):
                collect()
                for key, call in calls.items():
                    samples[key].append(_time(call, repeats[key]))
        return {key: _timing(values) for key, values in samples.items()}

    def _calibrated(self, call: Call) -> int:
        """Return how many calls fill one slice."""
        count = 1
        while (elapsed := _time(call, count) * count) < self.slice_ns / 2:
            count *= 2
        return max(1, round(count * self.slice_ns / elapsed))


def _time(call: Call, count: int) -> float:
    start = thread_time_ns()
    for _ in repeat(None, count):
        call()
    return (thread_time_ns() - start) / count


def _timing(samples: list[float]) -> Timing:
    median = statistics.median(samples)
    if len(samples) == 1:
        return Timing(median, 0.0)
    low, _, high = statistics.quantiles(samples, n=4, method="inclusive")
    return Timing(median, (high - low) / median)


@contextmanager
def _collector_off() -> Iterator[Callable[[], object]]:
    """Turn cyclic garbage collection off; gives the function that collects.

    What is there already is not looked at again and again, which would take longer than a round.
    """
    was_on = gc.isenabled()
    gc.disable()
    gc.collect()
    gc.freeze()
    try:
        yield gc.collect
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()

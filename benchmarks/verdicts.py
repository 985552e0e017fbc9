"""The targets beside what a run has found."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from .questions.operations import TITLES, times
from .run import Results
from .tables import Table, time
from .targets import TARGETS, Target


@attrs.frozen
class Verdict:
    """One target for one size of session, and how near we came."""

    target: Target
    size: str
    limit: float
    ratio: float
    ns: float

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.ratio <= self.limit or self.good_enough

    @property
    def good_enough(self) -> bool:
        """Whether the time is so short that the ratio does not matter."""
        return self.target.or_ns is not None and self.ns <= self.target.or_ns

    def __str__(self) -> str:
        if self.ratio > self.limit and self.good_enough:
            return f"{time(self.ns)} ≤ {time(self.target.or_ns)}"
        return f"{self.ratio:.2f} {'≤' if self.met else '>'} {self.limit:.2f}"


def verdicts(results: Results) -> Iterator[Verdict]:
    """Return the verdict of every target whose two sides were measured."""
    measured = times(results)
    for target in TARGETS:
        for size, limit in target.limits.items():
            ns, other = measured.get((*target.ours, size)), measured.get((*target.other, size))
            if ns is not None and other:
                yield Verdict(target, size, limit, ns / other, ns)


def table(results: Results) -> Table:
    """Return all verdicts: a row a target, its sizes side by side."""
    titles = {each["name"]: each["title"] for each in results["contenders"]}
    by_target: dict[Target, dict[str, Verdict]] = {}
    for verdict in verdicts(results):
        by_target.setdefault(verdict.target, {})[verdict.size] = verdict
    rows = []
    for target, by_size in by_target.items():
        contender, layer, operation = target.ours
        which = "" if contender == "ours" else f"{titles[contender]}: "
        what = f"{which}{operation}, {TITLES[layer]}, to {titles[target.other[0]]}"
        if target.or_ns is not None:
            what += f" (or {time(target.or_ns)})"
        cells = (str(by_size[size]) if size in by_size else "" for size in "STL")
        rows.append((what, *cells))
    return Table(
        "Targets: our time as a part of another's, and the most it should be",
        ("", "S", "T", "L"),
        rows,
    )

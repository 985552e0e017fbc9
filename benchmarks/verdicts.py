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
        good_enough = self.target.or_ns
        return self.ratio <= self.limit or (good_enough is not None and self.ns <= good_enough)


def verdicts(results: Results) -> Iterator[Verdict]:
    """Return the verdict of every target whose two sides were measured."""
    measured = times(results)
    for target in TARGETS:
        for size, limit in target.limits.items():
            ns, other = measured.get((*target.ours, size)), measured.get((*target.other, size))
            if ns is not None and other:
                yield Verdict(target, size, limit, ns / other, ns)


def table(results: Results) -> Table:
    """Return all verdicts."""
    titles = {each["name"]: each["title"] for each in results["contenders"]}
    rows = []
    for each in verdicts(results):
        _, layer, operation = each.target.ours
        other, _, _ = each.target.other
        limit = f"{each.limit:.2f}"
        if each.target.or_ns is not None:
            limit += f" or {time(each.target.or_ns)}"
        what = f"{operation}, {TITLES[layer]}, against {titles[other]}"
        result = "met" if each.met else "missed"
        rows.append((what, each.size, limit, f"{each.ratio:.2f}", time(each.ns), result))
    head = ("target", "size", "at most", "measured", "time", "result")
    return Table("Targets: our time as a part of another's", head, rows)

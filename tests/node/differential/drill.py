"""Ask both sides the same cases by the thousand, and account for every difference."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable

import attrs

from cookiesession_core import (
    ConfigurationWarning,
    CookieLifetimeWarning,
    CookieNameWarning,
    WeakKeyWarning,
)
from tests.node.differential.cases import case_of
from tests.node.differential.oracle import Oracle, Question
from tests.node.differential.rules import Explanation, explanation_of
from tests.node.vectors.replay import REPLAYS, Answer

WARNINGS = (WeakKeyWarning, ConfigurationWarning, CookieLifetimeWarning, CookieNameWarning)
BATCH = 250


@attrs.frozen
class Difference:
    """A case that no row of the deviations explains."""

    origin: str
    suite: str
    case: object
    node: Answer
    predicted: Answer | None
    ours: Answer
    rows: list[str]

    def __str__(self) -> str:
        lines = [
            f"no deviation explains {self.origin}:",
            f"  suite      {self.suite}",
            f"  case       {json.dumps(self.case)}",
            f"  Node       {json.dumps(self.node)}",
            f"  here       {json.dumps(self.ours)}",
        ]
        if self.rows:
            lines.append(f"  predicted  {json.dumps(self.predicted)}, by:")
            lines += [f"    - {row}" for row in self.rows]
        return "\n".join(lines)


@attrs.define
class Tally:
    """The counts of a comparison."""

    cases: int = 0
    different: int = 0
    by_row: Counter[str] = attrs.field(factory=Counter)
    unexplained: list[Difference] = attrs.field(factory=list)

    def __str__(self) -> str:
        rows = [f"\n{count:9,}  {row}" for row, count in self.by_row.most_common()]
        return (
            f"{self.cases:,} cases, {self.different:,} answered differently, "
            f"{len(self.unexplained):,} of these without a reason{''.join(rows)}"
        )


def run(oracle: Oracle, cases: int, seed: int) -> Tally:
    """Compare ``cases`` random cases of that seed."""
    tally = Tally()
    for start in range(0, cases, BATCH):
        numbers = range(start, min(start + BATCH, cases))
        compare(oracle, [(f"SEED={seed} CASE={n}", case_of(seed, n)) for n in numbers], tally)
    return tally


def compare(oracle: Oracle, named: Iterable[tuple[str, Question]], tally: Tally) -> None:
    """Ask both sides the same questions, and explain each difference or note it."""
    origins, questions = zip(*named, strict=True)
    answers = oracle.ask(questions)
    open_cases: list[tuple[str, Question, Answer, Answer, Explanation]] = []
    for origin, (suite, case), node in zip(origins, questions, answers, strict=True):
        ours = answer_of(suite, case)
        if ours != node:
            explanation = explanation_of(suite, case, ours)
            open_cases.append((origin, (suite, case), node, ours, explanation))
    tally.cases += len(questions)
    tally.different += len(open_cases)
    again = iter(oracle.ask([(suite, each.question) for _, (suite, _), _, _, each in open_cases
                             if each.question is not None]))  # fmt: skip
    for origin, (suite, case), node, ours, explanation in open_cases:
        asked = node if explanation.question is None else next(again)
        predicted = explanation.predicted(asked)
        if predicted == ours and explanation.rows:
            tally.by_row.update(explanation.rows)
        else:
            tally.unexplained.append(
                Difference(origin, suite, case, node, predicted, ours, explanation.rows)
            )


def answer_of(suite: str, case: dict[str, object]) -> Answer:
    """Return the library's answer as JSON would bring it back: tuples become lists."""
    with warnings.catch_warnings():
        for category in WARNINGS:
            warnings.simplefilter("ignore", category)
        answer: Answer = json.loads(json.dumps(REPLAYS[suite](case)))
    return answer

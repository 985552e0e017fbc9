"""A process that measures one question, a round at a time.

It answers each line of input with a line of JSON: the first time with the names of what it
measures, then with the figures of one round, in which each case has its turn. So two revisions of
the library take turns in one run.
"""

import gc
import json
import sys

from . import (
    bench_core,
    bench_costs,
    bench_formats,
    bench_requests,
    bench_responses,
    bench_servers,
)
from .question import Case, Question, Timed

FILES = (
    bench_core,
    bench_formats,
    bench_responses,
    bench_requests,
    bench_costs,
    bench_servers,
)
QUESTIONS: dict[str, Question] = {each.name: each for file in FILES for each in file.QUESTIONS}


def cases(name: str, sizes: str) -> list[Case]:
    """Return the cases of a question; of these sizes alone, if any are given."""
    every = QUESTIONS[name].cases()
    return [each for each in every if not sizes or each.group.split(",")[0] in sizes]


def main(name: str, sizes: str, turn: str) -> None:
    """Answer until the input ends."""
    Timed.turn = float(turn)
    measured = cases(name, sizes)
    names = [f"{name} | {each.group} | {each.row} | {each.column}" for each in measured]
    gc.collect()
    gc.freeze()
    for count, _ in enumerate(sys.stdin):
        print(json.dumps([each.sample() for each in measured] if count else names), flush=True)
        gc.collect()


if __name__ == "__main__":
    main(*sys.argv[1:])

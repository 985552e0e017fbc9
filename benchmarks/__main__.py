"""The command: ``python -m benchmarks [QUESTION ...]``; ``make bench ARGS="..."``."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import attrs
from rich.console import Console
from rich.progress import track
from rich.table import Table as RichTable

from . import node, page, verdicts
from .contender import NAMES, find
from .questions import QUESTIONS, operations
from .run import ROOT, Results, Run, conditions, write
from .tables import Table
from .timing import QUICK_SLICE, Watch

LATEST = ROOT / "benchmarks" / "results" / "latest.json"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and keep the figures."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = set(options.questions) - {question.NAME for question in QUESTIONS}
    if unknown:
        parser.error(f"no such question: {', '.join(sorted(unknown))}")
    if options.publish and (options.questions or options.only or options.quick):
        parser.error("--publish needs a whole run: no QUESTION, --only or --quick")
    # Pyramid's way to find its files.
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    results = measure(options)
    write(results, options.output)
    report(results, Console(width=options.width))
    if options.publish:
        page.publish(results)


def measure(options: argparse.Namespace) -> Results:
    """Return the results of what was asked for."""
    run = _run(options)
    progress = Console(stderr=True)
    answers = {}
    for question in QUESTIONS:
        if question.NAME in (options.questions or [each.NAME for each in QUESTIONS]):
            shown = partial(_shown, words=question.NAME.replace("_", " "), console=progress)
            run.watch = attrs.evolve(run.watch, progress=shown)
            answers[question.NAME] = question.measure(run)
    described = page.described(run.contenders)
    if run.wanted(node.NAME) and node.NAME not in run.left_out:
        described.append({"name": node.NAME, "title": node.TITLE, "differs": node.DIFFERS})
    return {
        "conditions": conditions(run),
        "contenders": described,
        "left_out": run.left_out,
        **answers,
    }


def _run(options: argparse.Namespace) -> Run:
    only: list[str] = options.only
    contenders, left_out = find(
        name for name in NAMES if not only or name == "floor" or name in only
    )
    return Run(
        Watch(2, QUICK_SLICE) if options.quick else Watch(options.rounds),
        contenders,
        left_out,
        quick=options.quick,
        wanted=lambda name: not only or name in only,
    )


def _shown(rounds: Iterable[int], words: str, console: Console) -> Iterable[int]:
    return track(list(rounds), words, console=console, transient=True)


def report(results: Results, console: Console) -> None:
    """Print every table that there are results for."""
    tables = [table for question in QUESTIONS for table in question.tables(results) if table.rows]
    if operations.NAME in results:
        tables += [verdicts.table(results), page.contenders(results)]
    for table in tables:
        console.print(_rich(table))
    for name, reason in results["left_out"].items():
        console.print(f"left out: {name}: {reason}")
    if operations.NAME in results:
        console.print(page.summary(results))


def _rich(table: Table) -> RichTable:
    shown = RichTable(title=table.title, title_justify="left", title_style="bold")
    for index, name in enumerate(table.head):
        words = index == 0 or not table.figures
        shown.add_column(name, justify="left" if words else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*(f"[yellow]{cell}[/]" if " > " in cell else cell for cell in row))
    return shown


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(question.NAME for question in QUESTIONS)
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"{names}; else all")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=[*NAMES, node.NAME],
        help="this contender beside the floor; may be repeated",
    )
    parser.add_argument("--rounds", type=int, default=40, help="how often each has its turn (40)")
    parser.add_argument("--quick", action="store_true", help="seconds, and figures without meaning")
    parser.add_argument("--output", type=Path, default=LATEST, help="where the results go, as JSON")
    parser.add_argument("--width", type=int, help="columns of the printed tables")
    parser.add_argument(
        "--publish", action="store_true", help="make this run the one in the documentation"
    )
    return parser


if __name__ == "__main__":
    main()

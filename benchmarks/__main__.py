"""The command: ``python -m benchmarks [QUESTION ...]``; ``make bench ARGS="..."``."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyperf

from . import publish, turns
from .worker import QUESTIONS

RESULTS = turns.ROOT / "benchmarks" / "results"


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("questions", nargs="*", metavar="QUESTION", help=f"{', '.join(QUESTIONS)}; else all")
    add("--size", default="", help="only sessions of these sizes: letters of STL")
    add("--against", type=Path, metavar="DIR", help="compare with the revision in this checkout")
    add("--processes", type=int, help="how many, one after the other (10; fewer for some)")
    add("--quick", action="store_true", help="seconds, and figures without meaning")
    add("--publish", action="store_true", help="show this run in the documentation")
    options = parser.parse_args(arguments)
    if unknown := set(options.questions) - {*QUESTIONS}:
        parser.error(f"no such question: {', '.join(sorted(unknown))}")
    if options.publish and (options.questions or options.size or options.quick):
        parser.error("--publish needs a whole run")
    sources = [turns.ROOT / "src"]
    if options.against:
        sources.append(options.against.resolve() / "src")
        if not (sources[1] / "cookiesession_core").is_dir():
            parser.error(f"there is no library in {options.against}")
    kept: list[list[Any]] = [[] for _ in sources]
    for question in [QUESTIONS[name] for name in options.questions or QUESTIONS]:
        print(f"\n## {question.title} ({question.name})\n", flush=True)
        processes = options.processes or question.processes
        found = turns.measure(question, sources, options.size, processes, quick=options.quick)
        print(publish.tables(found[0], question), flush=True)
        kept = [[*before, *more] for before, more in zip(kept, found, strict=True)]
    if not kept[0]:
        return
    RESULTS.mkdir(exist_ok=True)
    files = [str(RESULTS / name) for name in ("latest.json", "against.json")[: len(kept)]]
    for benchmarks, file in zip(kept, files, strict=True):
        pyperf.BenchmarkSuite(benchmarks).dump(file, replace=True)
    if options.against:
        print(f"\n## From the revision in {options.against} to this one\n", flush=True)
        compare = ["pyperf", "compare_to", "--verbose", "--quiet", *reversed(files)]
        subprocess.run([sys.executable, "-m", *compare], check=True)
    if options.publish:
        publish.publish(kept[0], QUESTIONS.values())


if __name__ == "__main__":
    main()

"""Lets workers take turns, and keeps their figures with pyperf."""

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyperf

from .question import Question

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("aiohttp-session", "django", "flask", "itsdangerous", "pyramid", "starlette", "tornado")
CONDITIONS = ("cpu_model_name", "python_implementation", "python_version")


@contextmanager
def worker(command: Sequence[str], source: Path) -> Iterator[Callable[[], Any]]:
    """Run a worker with the library in ``source``; gives a function that asks for one line."""
    environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{ROOT}"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=environment
    ) as process:

        def ask() -> Any:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return json.loads(process.stdout.readline())  # type: ignore[union-attr]

        yield ask


def measure(
    question: Question, sources: Sequence[Path], sizes: str, processes: int, *, quick: bool
) -> list[list[Any]]:
    """Return pyperf's benchmarks, a list for each source of the library."""
    turn, rounds = ("0.00002", 1) if quick else ("0.0015", question.rounds)
    python = [sys.executable, "-W", "ignore", "-m", "benchmarks.worker", question.name, sizes, turn]
    found: list[dict[str, list[float]]] = [{} for _ in sources]
    for _ in range(1 if quick else processes):
        with ExitStack() as stack:
            workers = [stack.enter_context(worker(python, source)) for source in sources]
            answers = [[ask() for ask in workers] for _ in range(rounds + 1)]
        for side, (names, *figures) in zip(found, zip(*answers, strict=True), strict=True):
            for name, values in zip(names, zip(*figures, strict=True), strict=True):
                side.setdefault(name, []).append(float(f"{statistics.median(values):.4g}"))
    return [_benchmarks(figures, question.unit) for figures in found]


def _benchmarks(figures: dict[str, list[float]], unit: str) -> list[Any]:
    """Return benchmarks with a run for each process, whose value is the median of the rounds."""
    machine = pyperf.Run([1.0]).get_metadata()
    about = {name: machine[name] for name in CONDITIONS if name in machine}
    about["system"] = f"{platform.system()} {platform.machine()}"
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            about[name] = version(name)

    def run(name: str, value: float) -> Any:
        known = {**about, "name": name, "unit": unit}
        return pyperf.Run([value], metadata=known, collect_metadata=False)

    return [
        pyperf.Benchmark([run(name, value) for value in values]) for name, values in figures.items()
    ]

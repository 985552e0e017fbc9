"""How long does it take to import? In fresh interpreters, above one that imports nothing."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from typing import Any

from benchmarks.run import Results, Run
from benchmarks.tables import Table

NAME = "imports"

MODULES = {
    "the floor's modules": "json, hashlib, hmac, binascii",
    "cookiesession_core": "cookiesession_core",
    "cookiesession_adapters.wsgi": "cookiesession_adapters.wsgi",
    "cookiesession_adapters.asgi": "cookiesession_adapters.asgi",
    "itsdangerous": "itsdangerous",
    "Starlette's sessions": "starlette.middleware.sessions",
    "Django's signed_cookies": "django.contrib.sessions.backends.signed_cookies",
    "tornado.web": "tornado.web",
    "Flask's sessions": "flask.sessions",
    "pyramid.session": "pyramid.session",
    "aiohttp_session": "aiohttp_session",
}


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row a module: milliseconds above a bare interpreter's start."""
    rounds = 1 if run.quick else max(5, run.watch.rounds // 4)
    asked = list(MODULES.items())[: 4 if run.quick else None]
    present = {name: modules for name, modules in asked if _start(modules) is not None}
    samples: dict[str, list[float]] = {name: [] for name in present}
    bare: list[float] = []
    for _ in run.watch.progress(range(rounds)):
        bare.append(_start("sys") or 0)
        for name, modules in present.items():
            samples[name].append(_start(modules) or 0)
    start = statistics.median(bare)
    rows = [{"module": "bare interpreter", "ms": round(start, 2)}]
    rows += [
        {"module": name, "ms": round(statistics.median(each) - start, 2)}
        for name, each in samples.items()
    ]
    return rows


def _start(modules: str) -> float | None:
    """Return the milliseconds of processor time that an import takes in a process of its own.

    ``None`` where it fails.
    """
    before = _children()
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import {modules}"],
        check=False,
        capture_output=True,
    )
    return None if run.returncode else _children() - before


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (usage.ru_utime + usage.ru_stime) * 1000


def tables(results: Results) -> list[Table]:
    """Return milliseconds by module."""
    rows = [(row["module"], f"{row['ms']:.1f} ms") for row in results.get(NAME, ())]
    return [Table("Import, above the start of a bare interpreter", ("", "time"), rows)]

"""The memory of a request, and the time of an import."""

import gc
import resource
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from functools import partial

from .payloads import PAYLOADS, PLAIN
from .question import Call, Case, Question
from .sessions import SESSIONS, TITLE, floor_calls, session_calls

MODULES = {
    "Python alone": "sys",
    "the floor's modules": "json, hashlib, hmac, binascii",
    "cookiesession_core": "cookiesession_core",
    "cookiesession_adapters.asgi": "cookiesession_adapters.asgi",
    "Starlette's sessions": "starlette.middleware.sessions",
    "Django's sessions": "django.contrib.sessions.backends.signed_cookies",
    "Flask's sessions": "flask.sessions",
    "Pyramid's sessions": "pyramid.session",
}


def allocations() -> Iterator[Case]:
    """Measure the bytes that a request needs at its peak."""
    for payload in PAYLOADS:
        rows = (
            ("floor", floor_calls(payload, PLAIN)),
            (TITLE, session_calls(SESSIONS, payload, PLAIN)),
        )
        for row, calls in rows:
            for column in ("round trip", "read", "untouched"):
                if column in calls:
                    yield Case(payload.size, row, column, partial(_peak, calls[column]))


def _peak(call: Call) -> float:
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak - before


def imports() -> Iterator[Case]:
    """Start interpreters that import one thing each."""
    for row, modules in MODULES.items():
        yield Case("", row, "start and import", partial(_start, modules))


def _start(modules: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-W", "ignore", "-c", f"import {modules}"]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


QUESTIONS = (
    Question("allocations", "Memory at the peak", allocations, unit="byte", processes=1, rounds=3),
    Question("imports", "Import", imports, processes=2, rounds=5),
)

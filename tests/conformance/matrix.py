"""A table of cases and targets: the abilities of each target.

``python -m tests.conformance.matrix`` prints it for the documentation.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.node import express
from tests.support import (
    aiohttp,
    aiohttp_session_slot,
    asgi,
    direct,
    django_slot,
    flask_slot,
    litestar_slot,
    pyramid_slot,
    quart_slot,
    tornado,
    wsgi,
)
from tests.support.targets import Target

from .cases import CASES, Case

ADAPTERS = (direct.TARGET, wsgi.TARGET, asgi.TARGET, aiohttp.TARGET, tornado.TARGET, express.TARGET)
SLOTS: tuple[Target, ...] = (
    django_slot.TARGET,
    flask_slot.TARGET,
    litestar_slot.TARGET,
    pyramid_slot.TARGET,
    quart_slot.TARGET,
    aiohttp_session_slot.TARGET,
)
"""The frameworks whose own session is ours."""
TARGETS = ADAPTERS + SLOTS

OPTION = "--target"
"""The option of pytest that names the file of another target."""


def chosen(config: pytest.Config) -> tuple[Target, ...]:
    """Return the targets of the files that ``--target`` names."""
    # The option is unknown where the whole suite runs: pytest finds the conftest.py too late.
    files = config.getoption(OPTION, None) or []
    return tuple(target_of(Path(config.invocation_params.dir, file)) for file in files)


@cache
def target_of(file: Path) -> Target:
    """Return the target that is called ``TARGET`` in a file."""
    spec = importlib.util.spec_from_file_location(f"target_in_{file.stem}", file)
    if spec is None or spec.loader is None or not file.is_file():
        message = f"{OPTION} needs a Python file, not {file}"
        raise pytest.UsageError(message)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    target = getattr(module, "TARGET", None)
    if not isinstance(target, Target):
        message = f"{file} must have a TARGET, a Target of tests.support.targets"
        raise pytest.UsageError(message)
    return target


PROPERTY = "conformance"
"""Under this name a test records its case and its target."""

YES, DIFFERS, NO = "yes", "differs", "no"


def declared(case: Case, target: Target) -> str:
    """Return the promise: yes, a deliberate difference (Express), or not possible."""
    if not case.needs <= target.features:
        return NO
    return DIFFERS if case.deviation and target is express.TARGET else YES


def matrix(targets: tuple[Target, ...], cell: Callable[[Case, Target], str] = declared) -> str:
    """Return the table of ``targets`` in Markdown."""
    width = max(len(case.name) for case in CASES)
    rows = [["case".ljust(width), *(target.name for target in targets)]]
    rows.append(["-" * width, *("-" * len(target.name) for target in targets)])
    for case in CASES:
        cells = (cell(case, target).ljust(len(target.name)) for target in targets)
        rows.append([case.name.ljust(width), *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    print(matrix(ADAPTERS), matrix(SLOTS), sep="\n\n")  # noqa: T201

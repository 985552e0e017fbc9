"""A table of cases and targets: the abilities of each target.

``python -m tests.conformance.matrix`` prints it for the documentation.
"""

from __future__ import annotations

from collections.abc import Callable

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

"""Node's own ``cookie-session`` at the same work, in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks import floor
from benchmarks.contender import MIDDLEWARE, expected
from benchmarks.payloads import KEY, Payload, as_request, cookie_header
from benchmarks.timing import Watch

NAME = "node"
TITLE = "Node cookie-session"
DIFFERS = (
    "the original, in JavaScript and in a process of its own; the whole middleware with a request "
    "and a response of the fewest parts; writes everything again to find out what changed"
)

FOLDER = Path(__file__).parent
MODULES = FOLDER.parents[1] / "tests" / "node" / "express" / "node_modules"
"""The packages that the tests compare the library with."""


class NotAvailableError(Exception):
    """Says what is missing."""


def command(script: str) -> tuple[list[str], dict[str, str]]:
    """Return what runs a script of this folder: the arguments, and the environment.

    Raises:
        NotAvailableError: without Node or without the packages.
    """
    node = shutil.which("node")
    if node is None:
        message = "node is not installed"
        raise NotAvailableError(message)
    if not (MODULES / "cookie-session").is_dir():
        message = "npm's packages are not installed; run `make setup`"
        raise NotAvailableError(message)
    return [node, str(FOLDER / script)], {**os.environ, "NODE_PATH": str(MODULES)}


def measure(watch: Watch, payloads: Iterable[Payload]) -> tuple[str, list[dict[str, Any]]]:
    """Return Node's version, and a row for every operation, as ``operations.measure`` does.

    Raises:
        NotAvailableError: see :func:`command`.
        RuntimeError: when an operation did not do its work.
    """
    arguments, environment = command("operations.js")
    by_size = {payload.size: payload for payload in payloads}
    task = {
        "key": KEY,
        "rounds": watch.rounds,
        "slice_ns": watch.slice_ns,
        "warm_up_ms": watch.slice_ns * 200 / 1e6,
        "payloads": [_task(payload) for payload in by_size.values()],
    }
    run = subprocess.run(
        arguments,
        env=environment,
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    rows = [_row(row, by_size[row["size"]]) for row in answer["rows"]]
    return answer["version"], rows


def _task(payload: Payload) -> dict[str, Any]:
    cookie = as_request(floor.save(payload.contents))
    return {
        "size": payload.size,
        "contents": payload.contents,
        "cookie": cookie,
        "crowded": cookie_header(cookie, foreign=10),
    }


def _row(row: dict[str, Any], payload: Payload) -> dict[str, Any]:
    sent = row["set_cookies"]
    outcome = floor.load(as_request(sent)) if sent else row.get("seen")
    if outcome != expected(row["operation"], payload):
        message = f"Node did not do its work: {row['operation']}, {row['size']}"
        raise RuntimeError(message)
    return {
        "contender": NAME,
        "layer": MIDDLEWARE,
        "operation": row["operation"],
        "size": row["size"],
        "ns": round(row["ns"], 1),
        "spread": round(row["spread"], 4),
    }

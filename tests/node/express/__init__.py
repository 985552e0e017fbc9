"""The original: Express with npm's ``cookie-session``, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.support.servers import running
from tests.support.targets import Feature, Setup, Target, node_options

EXPRESS = Path(__file__).parent


@contextlib.contextmanager
def serve(setup: Setup) -> Iterator[str]:
    """Serve the script handler."""
    options = json.dumps(node_options(dict(setup.options)))
    node = shutil.which("node") or "node"
    command: list[str | Path] = [node, EXPRESS / "probe.js", "{port}"]
    with running(command, env={"SESSION_OPTIONS": options}) as server:
        yield server.url


LIMITS = {Feature.WEBSOCKET, Feature.TWO_SESSIONS, Feature.VARY, Feature.REPORTS}
TARGET = Target("Express", frozenset(Feature) - LIMITS, serve)

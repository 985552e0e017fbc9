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
    layers = [setup.options] if setup.second is None else [setup.second, setup.options]
    layers = [setup.options] * 2 if setup.is_one else layers
    options = json.dumps([node_options(dict(layer)) for layer in layers])
    node = shutil.which("node") or "node"
    command: list[str | Path] = [node, EXPRESS / "probe.js", "{port}"]
    with running(command, env={"SESSION_OPTIONS": options}) as server:
        yield server.url


LIMITS = {
    *(Feature.WEBSOCKET, Feature.REFUSAL, Feature.TWO_SESSIONS, Feature.VARY, Feature.REPORTS),
    *(Feature.LIFETIME, Feature.LEGACY, Feature.SILENCE, Feature.CANCELLATION),
}
TARGET = Target("Express", frozenset(Feature) - LIMITS, serve)

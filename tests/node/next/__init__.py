"""An application of Next.js with iron-session, and one of FastAPI, which share a session.

``make next`` fetches Next.js, which takes 340 MB, builds the application and runs ``visits.py``.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.servers import PYTHON, running

NEXT = Path(__file__).parent
PASSWORD = "the password of a visitor, who logs in"
_ENVIRONMENT = {"SESSION_PASSWORD": PASSWORD, "NEXT_TELEMETRY_DISABLED": "1"}
_COMMAND = "node_modules/next/dist/bin/next"


@contextlib.contextmanager
def serve_next(node: str) -> Iterator[str]:
    """Build the application of Next.js, and serve it as in production; gives its URL."""
    subprocess.run(
        [node, _COMMAND, "build"],
        cwd=NEXT,
        env={**os.environ, **_ENVIRONMENT},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    command = [node, _COMMAND, "start", "--hostname", "127.0.0.1", "--port", "{port}"]
    with running(command, cwd=NEXT, env=_ENVIRONMENT) as server:
        yield server.url.replace("http:", "https:")


@contextlib.contextmanager
def serve_fastapi() -> Iterator[str]:
    """Serve the application of FastAPI; gives its URL."""
    command = [PYTHON, "-m", "uvicorn", "tests.node.next.backend:application", "--port", "{port}"]
    with running([*command, "--log-level", "warning"], env=_ENVIRONMENT) as server:
        yield server.url.replace("http:", "https:")

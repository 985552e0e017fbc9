"""Sites with the logins of the real Auth.js 5 and NextAuth 4, in processes of their own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.servers import running

AUTHJS = Path(__file__).parent


@contextlib.contextmanager
def serve(
    node: str, version: int, secrets: Sequence[str], *, scheme: str = "http"
) -> Iterator[str]:
    """Serve a site; gives its URL."""
    command = [node, "server.mjs", "{port}", str(version), scheme]
    with running(command, env={"AUTH_SECRETS": json.dumps(secrets)}, cwd=AUTHJS) as server:
        yield f"{scheme}://127.0.0.1:{server.port}/api/auth"

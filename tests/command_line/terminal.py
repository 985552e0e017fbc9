"""Runs the command within the test's own process, at a fixed time."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import attrs

from cookiesession_adapters.command_line import main
from cookiesession_core import CookieSession
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER

NOW = 1_700_000_000
MINUTE, HOUR, DAY = 60, 3600, 86_400
# No key may hold a comma, which separates the keys of the variable.
WORDS = ["newest-key-of-thirty-two-bytes..", "older-key-of-thirty-two-bytes..."]
VARIABLE = {"COOKIESESSION_KEYS": ",".join(WORDS)}
SECRETS = (*KEYS, *WORDS, NEWEST, OLDER, OTHER)


@attrs.frozen
class Run:
    """The result of one run."""

    status: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The output without its line breaks."""
        return " ".join(self.out.split())

    @property
    def report(self) -> Any:
        """The one line of JSON that was printed."""
        return json.loads(self.out)


def run(
    *argv: str,
    stdin: str | bytes = b"",
    environ: Mapping[str, str] = VARIABLE,
    now: float = NOW,
) -> Run:
    """Run the command; it must never print one of the tests' keys."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = io.StringIO(), io.StringIO()
    status = main(
        argv, stdin=io.BytesIO(given), stdout=out, stderr=err, environ=environ, clock=lambda: now
    )
    assert not [secret for secret in SECRETS if secret in out.getvalue() + err.getvalue()]
    return Run(status, out.getvalue(), err.getvalue())


def sessions(*keys: str, **options: Any) -> CookieSession:
    """Return the configuration of a server; its keys are those of the variable, or ``keys``."""
    return CookieSession(keys=keys or WORDS, clock=lambda: NOW, **options)


def header(contents: Mapping[str, Any], *keys: str, **options: Any) -> str:
    """Return the Cookie header of a visitor."""
    return sessions(*keys, **options).cookie_header(contents)


def set_cookies(contents: Mapping[str, Any], *, https: bool = False, **options: Any) -> list[str]:
    """Return the Set-Cookie values that give a visitor a session."""
    session = sessions(**options).open(None, https=https)
    session.update(contents)
    return session.commit()

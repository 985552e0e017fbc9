"""The suite runs against an adapter that lives outside of this repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.servers import PYTHON, ROOT

TARGET = """
import attrs
from cookiesession_adapters.asgi import CookieSessionMiddleware
from tests.support import asgi

def serve(setup):
    return asgi.serving(CookieSessionMiddleware(asgi.app, setup.all()[-1]), lifespan="off")

TARGET = attrs.evolve(asgi.TARGET, name="Elsewhere", serve=serve)
"""

FORGETFUL = """
import attrs
from cookiesession_core import SESSION_KEY, CookieSession
from tests.support import asgi

def serve(setup):
    sessions = setup.all()[-1]

    async def app(scope, receive, send):
        scope[SESSION_KEY] = sessions.open(None, https=False)
        await asgi.app(scope, receive, send)

    return asgi.serving(app, lifespan="off")

TARGET = attrs.evolve(asgi.TARGET, name="Elsewhere", serve=serve)
"""


def run_the_suite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pytest",
        ROOT / "tests" / "conformance",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        [*command, "-k", "Elsewhere and counted", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_the_suite_runs_against_the_target_of_a_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(TARGET, encoding="utf-8")

    run = run_the_suite(tmp_path, "--target", "mine.py")

    assert run.returncode == 0, run.stdout
    assert "2 passed" in run.stdout  # of the signed pair, and of iron-session
    head, _, *rows = [line for line in run.stdout.splitlines() if line.startswith("|")]
    assert head.split() == ["|", "case", "|", "Elsewhere", "|"]
    assert ["| views are counted", "| yes"] == [
        part.strip() for row in rows if "counted" in row for part in (row[:20], row[-14:-1])
    ]


def test_the_suite_fails_for_an_adapter_that_commits_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(FORGETFUL, encoding="utf-8")

    run = run_the_suite(tmp_path, "--target", "mine.py")

    assert run.returncode == 1
    assert "2 failed" in run.stdout


def test_a_file_without_a_target_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("", encoding="utf-8")

    missing = run_the_suite(tmp_path, "--target", "other.py")
    empty = run_the_suite(tmp_path, "--target", "mine.py")

    assert f"--target needs a Python file, not {tmp_path / 'other.py'}" in missing.stderr
    assert f"{tmp_path / 'mine.py'} must have a TARGET" in empty.stderr

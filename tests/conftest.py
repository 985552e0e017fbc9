"""Settings for the whole suite, and the programs that it needs beside Python."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from tests.node.authjs import AUTHJS
from tests.node.express import EXPRESS
from tests.support.servers import ROOT, find_program

# On shared machines a slow example says nothing about the code.
settings.register_profile("suite", deadline=None, max_examples=150)
# On the other Pythons, each run has the same cases.
settings.register_profile("brief", deadline=None, max_examples=20, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

PYODIDE = ROOT / "tests" / "node" / "pyodide"
IRON_SESSION = ROOT / "tests" / "node" / "iron_session"
REACT_ROUTER = ROOT / "tests" / "node" / "react_router"

REQUIRED = "COOKIESESSION_REQUIRE_LIVE"
"""Set to 1 if a missing program must fail the tests, as in continuous integration."""


@pytest.fixture(scope="session")
def node() -> str:
    """Where the ``node`` executable is; skips (or fails) when Express cannot be run."""
    return _node(EXPRESS, "no comparison with Express")


@pytest.fixture(scope="session")
def node_with_authjs() -> str:
    """Where the ``node`` executable is; skips (or fails) when Auth.js cannot be run."""
    return _node(AUTHJS, "no login of Auth.js")


@pytest.fixture(scope="session")
def iron_session() -> str:
    """Where the ``node`` executable is; skips (or fails) when iron-session cannot be run."""
    return _node(IRON_SESSION, "no comparison with iron-session")


@pytest.fixture(scope="session")
def pyodide() -> str:
    """Where the ``node`` executable is; skips (or fails) when Pyodide cannot be run."""
    return _node(PYODIDE, "no run in WebAssembly")


@pytest.fixture(scope="session")
def react_router() -> str:
    """Where the ``node`` executable is; skips (or fails) when React Router cannot be run."""
    return _node(REACT_ROUTER, "no comparison with React Router and Remix")


@pytest.fixture(scope="session")
def nginx() -> str:
    """Where the ``nginx`` executable is; skips (or fails) without it."""
    return _program("nginx", "no fleet")


@pytest.fixture(scope="session")
def redis_server() -> str:
    """Where the ``redis-server`` executable is; skips (or fails) without it."""
    return _program("redis-server", "nothing to keep generations in")


@pytest.fixture(scope="session")
def curl() -> str:
    """Where the ``curl`` executable is; skips (or fails) without it."""
    return _program("curl", "no real requests from a shell")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the ``chromium`` executable is; skips (or fails) without it."""
    return _program("chromium", "no browser")


@pytest.fixture(scope="session")
def chromedriver() -> str:
    """Where the ``chromedriver`` executable is; skips (or fails) without it."""
    return _program("chromedriver", "nothing to drive the browser with", package="chromium-driver")


def _node(packages: Path, consequence: str) -> str:
    executable = shutil.which("node")
    if executable is None:
        return _give_up(
            f"{consequence}: node is not installed; "
            "get Node.js 18 or newer with npm, run `make test`"
        )
    if shutil.which("npm") is None:
        return _give_up(
            f"{consequence}: npm is not installed; it comes with Node.js, then run `make test`"
        )
    if not (packages / "node_modules").is_dir():
        return _give_up(
            f"{consequence}: it is not installed; run `npm ci` in {packages.relative_to(ROOT)}"
        )
    return executable


def _program(name: str, consequence: str, *, package: str | None = None) -> str:
    executable = find_program(name)
    if executable is None:
        return _give_up(
            f"{consequence}: {name} is not installed; install it by the system's package manager, "
            f"for Debian `apt-get install {package or name}`"
        )
    return executable


def _give_up(reason: str) -> str:
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{reason} ({REQUIRED}=1 forbids to skip these tests)")
    pytest.skip(reason)

"""Run the tests against the built wheel: on every Python, and with the oldest dependencies.

``make test`` runs the sessions that the Makefile names. ``make pythons SESSIONS=tests-3.12`` runs
one session, and ``.venv/bin/nox --list`` shows all of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
IN_WEBASSEMBLY = "3.14"
"""The Python that only Pyodide runs, in tests/node/test_pyodide.py."""
PYTHONS = [each for each in nox.project.python_versions(PROJECT) if each != IN_WEBASSEMBLY]
OLDEST_AND_NEWEST = [PYTHONS[0], PYTHONS[-1]]
DEPENDENCIES: list[str] = PROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
TOOLS = list(nox.project.dependency_groups(PROJECT, "test"))

PYTEST = ["python", "-m", "pytest", "--quiet", "-p", "no:cacheprovider"]
# Old packages use functions that a newer Python deprecates. Litestar's old test client leaves
# streams open.
ON_OLD_PACKAGES = [
    *("-W", "ignore::DeprecationWarning", "-W", "ignore::ResourceWarning"),
    # Flask 3.0 leaves a generator open if a client has left.
    *("-W", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

# Some behaviour may differ from one Python to the next. The other tests drive other programs.
PORTABLE = [
    "tests/adapters",
    "tests/codecs",
    "tests/command_line",
    "tests/conformance",
    "tests/core",
    "tests/formats",
    "tests/node/vectors",
    "tests/properties",
    "tests/session",
    # The cases of iron-session are those of the signed pair once more.
    "-k=not Express and not does_the_same",
    # It starts another pytest.
    "--ignore=tests/conformance/test_own_target.py",
    # To count the work takes long, and one Python is enough.
    "--ignore=tests/properties/test_work.py",
]

# The extras that the portable tests need, also for sessions in a framework's own place, those of
# the legacy readers, and the frameworks that run under servers. Litestar 2.7 imports sniffio but
# does not require it.
IN_PROCESS = [
    *("aiohttp", "aiohttp-session", "authjs", "encrypted", "fast", "iron-session", "tagged"),
    "tornado",
]
SLOTS = ["django", "flask", "litestar", "pyramid", "quart"]
LEGACY = [extra for extra in EXTRAS if extra.startswith("legacy-")]
FRAMEWORKS = [extra for extra in EXTRAS if extra not in IN_PROCESS + LEGACY]
SERVERS = ["granian", "gunicorn", "hypercorn", "setuptools", "sniffio", "uvicorn", "waitress"]

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "oldest", "typing"]


def packages(extras: list[str]) -> list[str]:
    """Return what extras require."""
    return [requirement for extra in extras for requirement in EXTRAS[extra]]


def oldest_versions(requirements: list[str]) -> list[str]:
    """Return requirements whose lower bound is the only version."""
    return [requirement.replace(">=", "==", 1) for requirement in requirements]


def install(session: nox.Session, newest: list[str], oldest: list[str] | None = None) -> None:
    """Install the newest packages within the constraints, then the oldest ones, then the wheel."""
    # The packages stay installed from one run to the next. The wheel is new each time.
    wanted = f"{newest}\n{oldest}\n{Path('constraints.txt').read_text('utf-8')}"
    installed = Path(session.virtualenv.location, "installed.txt")
    if not installed.exists() or installed.read_text("utf-8") != wanted:
        session.install("--quiet", "--constraint", "constraints.txt", *newest)
        if oldest:
            session.install("--quiet", *oldest)
        session.run("python", "-m", "pip", "check", silent=True)
        installed.write_text(wanted, "utf-8")
    wheel = max(Path("dist").glob("*.whl"), default=None)
    if wheel is None:
        session.error("there is no wheel in dist/; `make dist` builds it")
    session.install("--quiet", "--no-deps", "--force-reinstall", str(wheel))


def run_tests(session: nox.Session, *arguments: str) -> None:
    """Run pytest with few examples, and print its output only if a test fails."""
    output = session.run(*PYTEST, *arguments, env={"HYPOTHESIS_PROFILE": "brief"}, silent=True)
    session.log(str(output).strip().rpartition("\n")[2])


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the portable tests with the newest dependencies."""
    install(session, DEPENDENCIES + TOOLS)
    run_tests(session, *PORTABLE)


@nox.session(python=OLDEST_AND_NEWEST)
def oldest(session: nox.Session) -> None:
    """Run the portable tests with the oldest dependencies of the core and the adapters."""
    extras = packages(IN_PROCESS + SLOTS)
    install(session, [*TOOLS, "sniffio"], oldest_versions(DEPENDENCIES + extras))
    # Litestar 2.7 refuses a response to HEAD that newer versions let a handler return.
    run_tests(
        session,
        *PORTABLE,
        # These tests have nothing to do with the packages.
        *(
            "--ignore=tests/command_line",
            "--ignore=tests/node/vectors",
            "--ignore=tests/properties",
        ),
        *ON_OLD_PACKAGES,
        "-k=not Express and not does_the_same and not Litestar",
    )


@nox.session(python=OLDEST_AND_NEWEST, reuse_venv=False)
def oldest_frameworks(session: nox.Session) -> None:
    """Run each framework in its oldest version, then the legacy readers."""
    install(session, DEPENDENCIES + TOOLS + SERVERS)
    for extra in FRAMEWORKS:
        session.install("--quiet", *oldest_versions(EXTRAS[extra]), silent=True)
        files = ["tests/live/test_frameworks.py", "tests/adapters"]
        run_tests(session, *files, "-k", extra, *ON_OLD_PACKAGES)
    session.install("--quiet", *oldest_versions(packages(LEGACY)), silent=True)
    run_tests(session, "tests/legacy/test_readers.py", *ON_OLD_PACKAGES)


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of the public names as a user's type checker sees them."""
    install(session, DEPENDENCIES + packages(IN_PROCESS + SLOTS + LEGACY))
    python = Path(session.bin, "python")
    checkers = Path(sys.executable).parent
    mypy = [f"{checkers}/mypy", "--config-file=tests/typing/mypy.ini"]
    pyright = [f"{checkers}/pyright", f"--pythonpath={python}"]
    session.run(*mypy, f"--python-executable={python}", "tests/typing", external=True)
    session.run(*pyright, "--project=tests/typing", external=True)
    for package in ["cookiesession_core", "cookiesession_adapters"]:
        session.run(*pyright, "--ignoreexternal", "--verifytypes", package, external=True)

"""Run the tests against the built wheel: on every Python, and with the oldest dependencies.

``make test`` runs all but ``oldest_frameworks``; ``.venv/bin/nox --list`` shows what there is, and
``.venv/bin/nox --session tests-3.12`` runs one of them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
DEPENDENCIES: list[str] = PROJECT["project"]["dependencies"]
TOOLS = nox.project.dependency_groups(PROJECT, "test")

PORTABLE = (
    *("tests/adapters", "tests/codecs", "tests/command_line", "tests/conformance"),
    *("tests/core", "tests/session", "tests/properties", "tests/node/vectors", "-k", "not Express"),
)
"""What may differ from one Python to the next; the rest drives other programs."""
IN_PROCESS = ("aiohttp", "encrypted", "fast", "tornado")
"""The extras that these need."""
FORMER = tuple(extra for extra in EXTRAS if extra.startswith("former-"))
FRAMEWORKS = (
    *("bottle", "django", "falcon", "fastapi", "flask", "litestar", "pyramid", "quart"),
    *("starlette",),
)
"""The extras that are tested under servers."""
SERVERS = ("granian", "gunicorn", "hypercorn", "setuptools", "uvicorn", "waitress")

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "oldest", "typing"]


def reveal_pythons() -> None:
    """Let ``python3.x`` run for every x that pyenv has, not only for those it has activated."""
    pyenv = shutil.which("pyenv")
    if pyenv is None:
        return
    active, all_there = (
        subprocess.run([pyenv, *command], capture_output=True, text=True, check=True).stdout  # noqa: S603 - a program of the user's
        for command in (["version-name"], ["versions", "--bare"])
    )
    os.environ["PYENV_VERSION"] = ":".join([active.strip(), *all_there.split()])


def install(session: nox.Session, *steps: tuple[str, ...]) -> None:
    """Install the wheel, and before it what is not there from the last time."""
    state = f"{steps}\n{Path('constraints.txt').read_text('utf-8')}"
    stamp = Path(session.virtualenv.location, "installed.txt")
    if not stamp.exists() or stamp.read_text("utf-8") != state:
        for step in steps:
            session.install("--quiet", *step)
        session.run("python", "-m", "pip", "check", silent=True)
        stamp.write_text(state, "utf-8")
    wheel = max(Path("dist").glob("*.whl"), default=None)
    if wheel is None:
        session.error("there is no wheel in dist/; `make dist` builds it")
    session.install("--quiet", "--no-deps", "--force-reinstall", str(wheel))


def run_tests(session: nox.Session, *arguments: str) -> None:
    """Run pytest with few examples; of what it prints, only a failure is of interest."""
    output = session.run(
        *("python", "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *arguments),
        env={"HYPOTHESIS_PROFILE": "brief"},
        silent=True,
    )
    session.log(str(output).strip().rpartition("\n")[2])


def at_lower_bounds(*requirements: str) -> list[str]:
    """Return the lower bounds of requirements as the only versions."""
    return [requirement.replace(">=", "==") for requirement in requirements]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run what differs from one Python to the next."""
    install(session, ("--constraint", "constraints.txt", *DEPENDENCIES, *TOOLS))
    run_tests(session, *PORTABLE)


@nox.session(name="oldest", python=PYTHONS[0])
def oldest_dependencies(session: nox.Session) -> None:
    """Run the same with the oldest versions of what the core and the adapters stand on."""
    allowed = [each for extra in IN_PROCESS for each in EXTRAS[extra]]
    names = {re.split(r"\W", each)[0] for each in allowed}
    tools = [each for each in TOOLS if each not in names]
    install(
        session,
        ("--constraint", "constraints.txt", *tools),
        # The last exceptiongroup that takes the oldest typing-extensions; pytest needs it.
        (*at_lower_bounds(*DEPENDENCIES, *allowed), "exceptiongroup==1.2.2"),
    )
    run_tests(session, *PORTABLE)


@nox.session(python=PYTHONS[0])
def oldest_frameworks(session: nox.Session) -> None:
    """Run each framework that is tested under servers in its oldest version, one by one."""
    install(session, ("--constraint", "constraints.txt", *DEPENDENCIES, *TOOLS, *SERVERS))
    for extra in FRAMEWORKS:
        session.install("--quiet", *at_lower_bounds(*EXTRAS[extra]), silent=True)
        run_tests(session, "tests/live/test_frameworks.py", "-k", extra)
    former = [each for extra in FORMER for each in EXTRAS[extra]]
    session.install("--quiet", *at_lower_bounds(*former), silent=True)
    run_tests(session, "tests/legacy/test_readers.py")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of the public names as a user's type checker sees them."""
    extras = [each for extra in (*IN_PROCESS, *FORMER) for each in EXTRAS[extra]]
    install(session, ("--constraint", "constraints.txt", *DEPENDENCIES, *extras))
    python = str(Path(session.bin, "python"))
    checkers = Path(sys.executable).parent
    mypy = (
        checkers / "mypy",
        "--config-file=tests/typing/mypy.ini",
        f"--python-executable={python}",
    )
    pyright = (checkers / "pyright", f"--pythonpath={python}")
    session.run(*mypy, "tests/typing", external=True)
    session.run(*pyright, "--project=tests/typing", external=True)
    for package in ("cookiesession_core", "cookiesession_adapters"):
        session.run(*pyright, "--ignoreexternal", "--verifytypes", package, external=True)


reveal_pythons()

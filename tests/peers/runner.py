"""Runs a suite of tests from a source distribution, in an environment of its own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / ".peers"
"""What is downloaded and installed is kept here."""

Outcomes = dict[str, str]
"""The outcome of each test: passed, failed or skipped."""
Run = Callable[["Suite", Path, Path, "dict[str, str]", bool], Outcomes]
"""Runs a suite by a Python in a folder, on our sessions or not."""


@attrs.frozen
class Suite:
    """The tests of one source distribution, and what differs on our sessions."""

    name: str
    source: str
    """The source distribution, as a requirement with a version."""
    packages: tuple[str, ...]
    """What the environment of the tests has, beside the packages of this library."""
    tests: tuple[str, ...]
    """The arguments that select the tests."""
    folder: str
    """The folder beside this file that puts our session into the framework's place."""
    ours: tuple[str, ...]
    """The arguments that do so, before the tests."""
    tests_on_ours: tuple[str, ...] | None = None
    """The arguments that select the tests there, if they are others."""
    differences: Mapping[str, str] = attrs.field(factory=dict)
    """The end of the name of each test that fails on our sessions alone, and why."""
    python: str | None = None
    """The version of Python that the distribution needs, if this one does not do."""
    environment: Mapping[str, str] = attrs.field(factory=dict)
    """Variables of the run on our sessions."""
    is_short: bool = False
    """Whether the suite is a part of ``make test``."""
    run: Run | None = None
    """How to run the tests, if not by pytest."""
    prepare: Callable[[Path], None] | None = None
    """Changes the unpacked distribution before the first run."""


@attrs.frozen
class Comparison:
    """The outcomes of a suite on the framework's own sessions, and on ours."""

    suite: Suite
    own: Outcomes
    ours: Outcomes

    def differing(self) -> list[str]:
        """Return the tests that fail on ours alone."""
        failed_before = {name for name, outcome in self.own.items() if outcome == "failed"}
        return sorted(
            name
            for name, outcome in self.ours.items()
            if outcome == "failed" and name not in failed_before
        )

    def problems(self) -> list[str]:
        """Return the differences that are not as the suite says."""
        named, differing = self.suite.differences, self.differing()
        numbers = {end: sum(name.endswith(end) for name in differing) for end in named}
        return [
            *(f"{name} fails" for name in differing if not name.endswith(tuple(named))),
            *(f"{end} does not fail any more" for end, number in numbers.items() if not number),
            *(f"{end} names {number} tests" for end, number in numbers.items() if number > 1),
            *(["no test passed"] if "passed" not in self.ours.values() else []),
        ]


def compare(suite: Suite) -> Comparison:
    """Run a suite twice."""
    python, folder = _environment(suite), _unpacked(suite)
    run = suite.run or by_pytest
    plugins = os.pathsep.join(map(str, (ROOT / "src", HERE / "common", HERE / suite.folder)))
    base = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": plugins}
    return Comparison(
        suite,
        run(suite, python, folder, base, False),
        run(suite, python, folder, {**base, **suite.environment}, True),
    )


def by_pytest(
    suite: Suite,
    python: Path,
    folder: Path,
    environment: dict[str, str],
    on_ours: bool,  # noqa: FBT001 - as the type says
) -> Outcomes:
    """Run tests by pytest, without the settings of the distribution."""
    written = BUILD / f"{_slug(suite.name)}.json"
    written.unlink(missing_ok=True)
    command = [
        *(str(python), "-m", "pytest", "-q", "-p", "outcomes", "-p", "no:cacheprovider"),
        # Neither the settings nor a conftest.py of this project.
        *("-c", os.devnull, "--rootdir=.", "--confcutdir=."),
        *(suite.ours if on_ours else ()),
        *_tests(suite, on_ours),
    ]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**environment, "OUTCOMES": str(written)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if not written.exists():
        sys.exit(f"{suite.name}: pytest did not run\n{done.stdout[-3000:]}")
    outcomes: Outcomes = json.loads(written.read_text("utf-8"))
    return outcomes


def by_django(
    suite: Suite,
    python: Path,
    folder: Path,
    environment: dict[str, str],
    on_ours: bool,  # noqa: FBT001 - as the type says
) -> Outcomes:
    """Run tests by the program of Django's source distribution."""
    settings = suite.ours[0] if on_ours else "baseline"
    command = [
        str(python),
        "runtests.py",
        f"--settings={settings}",
        "--parallel=1",
        "--verbosity=2",
    ]
    done = subprocess.run(
        [*command, *_tests(suite, on_ours)],
        cwd=folder / "tests",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    outcomes: Outcomes = {}
    name = ""
    for line in done.stdout.splitlines():
        if found := re.match(r"(FAIL: |ERROR: |)(\w+) \(([\w.]+)\)", line):
            failed, test, path = found.groups()
            # Since Python 3.11, the path ends with the name.
            name = path if path.endswith(f".{test}") else f"{path}.{test}"
            outcomes[name] = "failed" if failed else "passed"
        if " ... skipped " in line:
            outcomes[name] = "skipped"
    if not outcomes:
        sys.exit(f"{suite.name}: Django's tests did not run\n{done.stdout[-3000:]}")
    return outcomes


def _tests(suite: Suite, on_ours: bool) -> tuple[str, ...]:  # noqa: FBT001 - as the type says
    return suite.tests_on_ours if on_ours and suite.tests_on_ours else suite.tests


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower())


def _environment(suite: Suite) -> Path:
    """Return the Python of an environment that has the packages of a suite."""
    wanted = sorted({*suite.packages, "attrs", "typing-extensions"})
    digest = hashlib.sha256(repr((wanted, suite.python)).encode()).hexdigest()[:12]
    folder = BUILD / f"env-{digest}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([_interpreter(suite), "-m", "venv", str(folder)], check=True)
        _pip(python, "install", *wanted)
        (folder / "ready").touch()
    return python


def _interpreter(suite: Suite) -> str:
    if suite.python is None:
        return sys.executable
    found = shutil.which(f"python{suite.python}")
    # A Python that its manager hides has a command that does not start.
    if found and not subprocess.run([found, "-V"], capture_output=True, check=False).returncode:
        return found
    return sys.exit(f"{suite.name} needs Python {suite.python}")


def _unpacked(suite: Suite) -> Path:
    """Return the folder of an unpacked source distribution."""
    folder = BUILD / f"src-{_slug(suite.source)}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        python = _environment(suite)
        _pip(python, "download", "--no-deps", "--no-binary=:all:", "-d", str(folder), suite.source)
        (archive,) = folder.glob("*.tar.gz")
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        archive.unlink()
        (unpacked,) = folder.iterdir()
        if suite.prepare is not None:
            suite.prepare(unpacked)
        (folder / "ready").touch()
    (unpacked,) = (each for each in folder.iterdir() if each.is_dir())
    return unpacked


def _pip(python: Path, *arguments: str) -> None:
    subprocess.run(
        [str(python), "-m", "pip", "-qq", "--disable-pip-version-check", *arguments], check=True
    )

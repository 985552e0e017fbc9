"""Fuzz all targets for a while, or replay inputs; the latter needs no atheris.

Usage:

    python -m tests.fuzz 60             all targets at once, 60 seconds of fuzzing in total
    python -m tests.fuzz header FILE    what happens with the inputs in files
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import attrs

from tests.conftest import REQUIRED
from tests.fuzz import HERE, corpus, load_targets

ROOT = HERE.parents[1]
FOUND = ROOT / ".fuzz"
"""The folder where runs keep new inputs for later runs; not in version control."""
NO_ATHERIS = (
    "no fuzzing: there is no atheris for this Python on this machine (there is one for Linux on "
    "x86-64 and CPython 3.10 to 3.14)"
)
HAS_WHEELS = (
    sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 15)
)
FUZZER = ("-m", "tests.fuzz.libfuzzer")
TRACEBACK_LINES = 40


def has_atheris() -> bool:
    return importlib.util.find_spec("atheris") is not None


@attrs.define
class Run:
    """One target that is being fuzzed in a process of its own."""

    target: str
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, target: str, seconds: int, found: Path) -> Run:
        folder = found / target
        folder.mkdir(parents=True, exist_ok=True)
        log = found / f"{target}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [
                    *(sys.executable, *FUZZER, target),
                    *(f"-max_total_time={seconds}", "-max_len=4096", "-len_control=20"),
                    *(f"-dict={HERE / 'cookies.dict'}", f"-artifact_prefix={found / target}-"),
                    *("-timeout=30", "-print_final_stats=1"),
                    # New inputs go into the first folder.
                    *(folder, HERE / "corpus" / target),
                ],
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
            )
        return cls(target, process, log)

    def finish(self, out: TextIO) -> bool:
        """Wait for the end and print how it went; whether all was well."""
        code = self.process.wait()
        text = self.log.read_text(encoding="utf-8", errors="replace")
        if code == 0:
            out.write(f"fuzz {self.target}: {figures(text)}\n")
            return True
        out.write(f"fuzz {self.target}: FAILED\n{traceback(text)}\n")
        artifact = re.search(r"Test unit written to (\S+)", text)
        if artifact is None:
            out.write(f"it ended with {code}; its whole output is in {self.log}\n")
            return False
        python, kept = shlex.quote(sys.executable), HERE.relative_to(ROOT) / "corpus" / self.target
        out.write(
            f"to reproduce: {python} -m tests.fuzz {self.target} {artifact[1]}\n"
            f"to keep it once it is mended: cp {artifact[1]} {kept}/WHAT-IT-IS\n"
        )
        return False


def figures(log: str) -> str:
    """Return the figures of a run of libFuzzer, in one line."""
    executed = re.search(r"number_of_executed_units: (\d+)", log)
    last = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", log)
    if executed is None or not last:
        return "no figures"
    points, features, inputs = last[-1]
    return (
        f"{int(executed[1]):,} executions; {points} edges and {features} features are covered "
        f"by {inputs} inputs"
    )


def traceback(log: str) -> str:
    """Return the end of the log from Python's exception on, or the last lines of it."""
    _, mark, rest = log.rpartition("=== Uncaught Python exception: ===\n")
    lines = (rest.partition("\n==")[0] if mark else log).splitlines()
    return "\n".join(lines[-TRACEBACK_LINES:])


def fuzz(seconds: int, out: TextIO, found: Path = FOUND) -> bool:
    """Fuzz all targets at once; whether all was well."""
    names = list(load_targets())
    share = max(1, round(seconds / len(names)))
    runs = [Run.start(name, share, found) for name in names]
    failed = [run for run in runs if not run.finish(out)]
    return not failed


def replay(target: str, files: list[Path], out: TextIO) -> None:
    """Run a target on files; an exception says what is wrong."""
    run = load_targets()[target]
    for file in files:
        out.write(f"{target} {file}: {file.read_bytes()!r}\n")
        run(file.read_bytes())


def main(arguments: list[str]) -> str | bool | None:
    """Do as the module's docstring says; return the exit status of the process."""
    first, *others = arguments
    if not first.isdecimal():
        replay(first, [Path(file) for file in others] or corpus(first), sys.stdout)
        return None
    if not has_atheris():
        sys.stdout.write(f"{NO_ATHERIS}\n")
        return HAS_WHEELS and os.environ.get(REQUIRED) == "1"
    return not fuzz(int(first), sys.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

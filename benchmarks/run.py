"""One run: how carefully it measures, who takes part, and what came out."""

from __future__ import annotations

import json
import platform
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import attrs

from .contender import Contender
from .timing import Watch

Results = dict[str, Any]
"""What a run has found, as it is written to JSON: a value for every question asked, by its name,
and beside them ``conditions``, ``contenders`` and ``left_out``."""

ROOT = Path(__file__).resolve().parents[1]


@attrs.define
class Run:
    """What a question is given to measure with."""

    watch: Watch
    contenders: list[Contender]
    left_out: dict[str, str]
    """By name: what could not be measured here, and why."""
    quick: bool = False
    """Only the shape of the result is wanted, and within seconds."""
    wanted: Callable[[str], bool] = lambda _: True
    """Whether a contender of that name was asked for; for those that are no module of their own."""
    versions: dict[str, str] = attrs.Factory(dict)
    """Of programs that took part."""

    def some(self, values: Iterable[int]) -> list[int]:
        """Return the values to try: all of them, or the ends where only the shape is wanted."""
        every = list(values)
        return [every[0], every[-1]] if self.quick else every


def conditions(run: Run) -> dict[str, Any]:
    """Return on what and with what was measured."""
    names = {name for contender in run.contenders for name in contender.packages}
    versions = dict(run.versions)
    for name in sorted(names, key=str.lower):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "openssl": ssl.OPENSSL_VERSION,
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "rounds": run.watch.rounds,
        "slice_ns": run.watch.slice_ns,
        "versions": versions,
    }


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def read(path: Path) -> Results:
    """Return the results in a file."""
    results: Results = json.loads(path.read_text(encoding="utf-8"))
    return results


def write(results: Results, path: Path) -> None:
    """Write results to a file, with one row a line, so that two runs can be compared by eye."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_by_lines(results), encoding="utf-8")


def _by_lines(results: Results) -> str:
    parts = []
    for name, value in results.items():
        if isinstance(value, list):
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in value)
            text = f"[\n{rows}\n  ]" if value else "[]"
        else:
            text = json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        parts.append(f"  {json.dumps(name)}: {text}")
    body = ",\n".join(parts)
    return f"{{\n{body}\n}}\n"

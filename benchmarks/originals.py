"""The originals in Node: starts the scripts of ``node/``, and asks them for one call at a time."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from .question import Timed

SCRIPTS = Path(__file__).parent / "node"
PACKAGES = Path(__file__).parents[1] / "tests" / "node"
FOLDERS = [PACKAGES / name / "node_modules" for name in ("express", "iron_session", "react_router")]


def script(name: str, *arguments: str) -> Sequence[str]:
    """Return the command for a script of ``node/``; an empty one without Node and its packages."""
    node = shutil.which("node")
    if node is None or not all(folder.is_dir() for folder in FOLDERS):
        print("Node is left out: make modules installs its packages", file=sys.stderr)
        return []
    os.environ["NODE_PATH"] = os.pathsep.join(map(str, FOLDERS))
    return [node, str(SCRIPTS / name), *arguments]


def calls(name: str, task: Any) -> Iterator[tuple[str, str, Callable[[], float]]]:
    """Give a task to a script, in a process of its own; return a sample for each of its names."""
    command = script(name, json.dumps(task))
    if command:
        pipe, turn = subprocess.PIPE, str(Timed.turn)
        process = subprocess.Popen([*command, turn], stdin=pipe, stdout=pipe, text=True)
        for index, (first, second) in enumerate(_ask(process, "names")):
            yield first, second, partial(_ask, process, index)


def _ask(process: Any, line: object) -> Any:
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())

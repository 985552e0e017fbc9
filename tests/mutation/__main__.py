"""Mutation testing: ``python -m tests.mutation [PATTERN ...]``, for example ``'*.lifetime.*'``.

mutmut changes one place of the core at a time and runs the tests; a test should then fail. Each
mutant that survives must stand in ``survivors.json``, with the reason why no test can or need
tell it from the original. Each mutant in that file must survive. The file names mutants by their
change, because their numbers move with every edit.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from rich.console import Console
from rich.table import Table

SURVIVORS = Path(__file__).with_name("survivors.json")
LOG = Path("mutants", "mutmut.log")
MUTMUT = (sys.executable, "-m", "mutmut")

KILLED = ("killed", "timeout")
RESULT = re.compile(r"^ +(\S+): (.+)$", re.MULTILINE)
LITERAL = re.compile(r"""'[^']*'|"[^"]*\"""")
PROSE = re.compile(r"[A-Za-z%]\S* \S+ \S*\w")
"""Three words or more: the text of a message."""


def main(patterns: list[str]) -> str | None:
    """Run mutmut, print the results, and return a text of the problems, if there are any."""
    shutil.rmtree(LOG.parent, ignore_errors=True)
    LOG.parent.mkdir()
    with LOG.open("wb") as log:  # its spinner prints megabytes
        run = subprocess.run([*MUTMUT, "run", *patterns], stdout=log, stderr=log, check=False)
    if run.returncode != 0:
        return f"mutmut ended with {run.returncode}; {LOG} tells why"
    statuses = {
        name: status
        for name, status in RESULT.findall(_mutmut("results", "--all=1"))
        if status != "not checked"
    }
    left = [name for name, status in statuses.items() if status not in KILLED]
    changes = {name: _change(name) for name in left}
    explained = {
        mutant for entry in json.loads(SURVIVORS.read_text("utf-8")) for mutant in entry["mutants"]
    }
    kinds = {name: _kind(change, explained) for name, change in changes.items()}
    _print(Counter((_file(name), kinds.get(name, "killed")) for name in statuses))
    new = sorted({changes[name] for name, kind in kinds.items() if kind == "unexplained"})
    gone = set() if patterns else explained - set(changes.values())
    problems = [f"survives, unexplained: {json.dumps(each, ensure_ascii=False)}" for each in new]
    problems += [f"explained, but does not survive: {each}" for each in sorted(gone)]
    return "\n".join(problems) or None


def _mutmut(*arguments: str) -> str:
    command = [*MUTMUT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _file(name: str) -> str:
    return f"{name.split('.')[1]}.py"


def _change(name: str) -> str:
    """Return ``module.function: before -> after``."""
    function = re.sub(r"\.x(?:_|ǁ)|ǁ", ".", name.removeprefix("cookiesession_core."))
    lines = get_diff_for_mutant(name).splitlines()[2:]  # after the names of the files
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"
    )
    return f"{function.rpartition('__mutmut_')[0]}: {before} -> {after}"


def _kind(change: str, explained: set[str]) -> str:
    before, _, after = change.partition(": ")[2].partition(" -> ")
    if before.lower() == after.replace("XX", "").lower():
        texts = zip(LITERAL.findall(before), LITERAL.findall(after), strict=True)
        # Tests do not assert every word of a message.
        if all(old == new or PROSE.search(old) for old, new in texts):
            return "wording"
    return "explained" if change in explained else "unexplained"


def _print(counts: Counter[tuple[str, str]]) -> None:
    kinds = ("killed", "wording", "explained", "unexplained")
    files: dict[str, int] = defaultdict(int)
    for (file, _), count in counts.items():
        files[file] += count
    table = Table("", "mutants", *kinds)
    for file, total in sorted(files.items()):
        table.add_row(file, str(total), *(str(counts[file, kind]) for kind in kinds))
    totals = (str(sum(counts[file, kind] for file in files)) for kind in kinds)
    table.add_row("", str(counts.total()), *totals)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

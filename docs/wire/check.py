"""Check an implementation of the signed pair: see wire.md beside this folder.

    python check.py COMMAND...

starts the command, writes one case as JSON on each line of its standard input, and reads one
answer as JSON from each line of its standard output. Needs Python 3.10 and no package.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

VECTORS = Path(__file__).with_name("vectors.json")

Case = dict[str, Any]
"""A case of the file."""
Question = dict[str, Any]
"""What an implementation sees of a case."""


class NoAnswerError(Exception):
    """The implementation does not answer; the text says how."""


class Implementation:
    """The command, which answers one case after the other."""

    def __init__(self, questions: IO[str], answers: IO[str], seconds: float) -> None:
        self._questions = questions
        self._seconds = seconds
        self._lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=self._read, args=(answers,), daemon=True)
        reader.start()

    def _read(self, answers: IO[str]) -> None:
        for line in answers:
            self._lines.put(line)
        self._lines.put("")

    def ask(self, question: Question) -> Any:
        """Return the answer."""
        try:
            self._questions.write(json.dumps(question) + "\n")
            self._questions.flush()
            line = self._lines.get(timeout=self._seconds)
        except OSError:
            line = ""
        except queue.Empty:
            message = f"no answer within {self._seconds:g} seconds; does it flush each line?"
            raise NoAnswerError(message) from None
        if not line:
            message = "the command has ended"
            raise NoAnswerError(message)
        try:
            return json.loads(line)
        except ValueError:
            message = f"this line is not JSON: {line.rstrip()!r}"
            raise NoAnswerError(message) from None


@contextlib.contextmanager
def running(command: list[str], seconds: float) -> Iterator[Implementation]:
    """Run the command until the block ends; it has so many seconds for each answer."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Implementation(process.stdin, process.stdout, seconds)
        finally:
            process.kill()
            with contextlib.suppress(OSError):
                process.stdin.close()


def question_of(case: Case) -> Question:
    """Return what the implementation sees of a case."""
    return {"id": case["id"], "op": case["op"], **case["given"]}


def right_answers(case: Case, like: str | None) -> list[Any]:
    """Return the answers that are right: of Node, of the Python library, or of either."""
    ours, node = case["expect"], case.get("node", case["expect"])
    return {"node": [node], "python": [ours]}.get(str(like), [ours, node])


def as_text(answer: Any) -> str:
    """Return an answer in a form that can be compared: in Python, 0 equals False."""
    return json.dumps(answer, sort_keys=True)


def check(ask: Callable[[Question], Any], cases: list[Case], like: str | None) -> bool:
    """Print each wrong answer and the sum for each requirement; return whether all are right."""
    counts: dict[str, Counter[str]] = {}
    for case in cases:
        answer = ask(question_of(case))
        count = counts.setdefault(case["requirement"], Counter())
        rights = dict.fromkeys(as_text(each) for each in right_answers(case, like))
        is_right = as_text(answer) in rights
        result = "skipped" if answer is None else "right" if is_right else "WRONG"
        count[result] += 1
        if result == "WRONG":
            print(f"{case['requirement']} fails in {case['id']}, operation {case['op']!r}:")
            print(f"  given     {json.dumps(case['given'])}")
            print(f"  expected  {', or '.join(rights)}")
            print(f"  answered  {json.dumps(answer)}")
    for requirement, count in counts.items():
        words = [f"{count[each]} {each}" for each in ("right", "WRONG", "skipped") if count[each]]
        print(f"{requirement}: {', '.join(words)}")
    return not any(count["WRONG"] for count in counts.values())


def main() -> int:
    """Check the command that the arguments name."""
    parser = argparse.ArgumentParser(description="Check an implementation of the signed pair.")
    parser.add_argument(
        "--like",
        choices=["node", "python"],
        help="where Node and the Python library differ, only this answer is right",
    )
    parser.add_argument(
        "--only", metavar="S1", help="check the requirements that begin with this text"
    )
    parser.add_argument(
        "--wait", type=float, default=10, metavar="SECONDS", help="for an answer (default: 10)"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND...")
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("name the command of the implementation")
    cases = [
        case
        for case in json.loads(VECTORS.read_text("utf-8"))["cases"]
        if case["requirement"].startswith(arguments.only or "")
    ]
    if not cases:
        parser.error(f"no requirement begins with {arguments.only!r}")
    try:
        with running(arguments.command, arguments.wait) as implementation:
            is_right = check(implementation.ask, cases, arguments.like)
    except (NoAnswerError, OSError) as error:
        print(f"the check has stopped: {error}")
        return 2
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())

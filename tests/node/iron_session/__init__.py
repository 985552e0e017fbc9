"""The real iron-session 8 and 9 on Node, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import attrs

HERE = Path(__file__).parent


@attrs.frozen
class Oracle:
    """Opens seals as Node does."""

    questions: IO[str]
    answers: IO[str]

    def ask(self, questions: Sequence[tuple[str, dict[str, str]]]) -> list[list[dict[str, Any]]]:
        """Return the answers of version 8 and of version 9 to seals and their passwords."""
        self.questions.write(json.dumps(questions) + "\n")
        self.questions.flush()
        answers: list[list[dict[str, Any]]] = json.loads(self.answers.readline())
        return answers


@contextlib.contextmanager
def running_oracle(node: str) -> Iterator[Oracle]:
    """Run the oracle until the block ends."""
    with subprocess.Popen(
        [node, HERE / "oracle.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Oracle(process.stdin, process.stdout)
        finally:
            process.stdin.close()

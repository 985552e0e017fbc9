"""The real Node packages, asked in one process."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from typing import IO, Any

import attrs

from tests.node.express import EXPRESS
from tests.node.vectors.replay import Answer, Case, expected

Question = tuple[str, Case]
"""A suite of tests/node/vectors and a case of it."""


@attrs.frozen
class Oracle:
    """Answers cases as Node does."""

    questions: IO[str]
    answers: IO[str]

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Return Node's answers, in the shape of ours."""
        # One line there and one line back: no side waits for the other to read.
        self.questions.write(json.dumps(questions) + "\n")
        self.questions.flush()
        answers: list[Any] = json.loads(self.answers.readline())
        return [
            expected(suite, {"expect": answer})
            for (suite, _), answer in zip(questions, answers, strict=True)
        ]


@contextlib.contextmanager
def running_oracle(node: str) -> Iterator[Oracle]:
    """Run the oracle until the block ends."""
    with subprocess.Popen(
        [node, EXPRESS / "oracle.js"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "NO_DEPRECATION": "cookies"},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Oracle(process.stdin, process.stdout)
        finally:
            process.stdin.close()

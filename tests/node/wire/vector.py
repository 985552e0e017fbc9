"""One vector: a question to an implementation, and the right answers."""

from __future__ import annotations

import json
from typing import Any

import attrs

Given = dict[str, Any]
Answer = dict[str, Any]


@attrs.frozen
class Vector:
    """A case of the specification."""

    id: str
    requirement: str
    op: str
    given: Given
    expect: Answer
    """The answer of this library."""
    node: Answer | None
    """The answer of the Node packages; ``None`` if they have nothing of the kind."""


def json_text(contents: Any) -> str | None:
    """Return contents as JSON in Python's spelling; ``None`` if JSON cannot hold them."""
    try:
        return json.dumps(contents, allow_nan=False)
    except (TypeError, ValueError):
        return None

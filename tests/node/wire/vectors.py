"""The file of the vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.servers import ROOT

from .own import own_vectors
from .recorded import PACKAGES, recorded_vectors
from .vector import Vector

FILE = ROOT / "docs" / "wire" / "vectors.json"
SECTIONS = "VSHRDCWLT"
"""The first letters of the requirements, in the order of the page."""


def vectors() -> list[Vector]:
    """Return all vectors, in the order of the requirements; of equal ones only the first."""
    seen: dict[str, Vector] = {}
    for vector in (*recorded_vectors(), *own_vectors()):
        seen.setdefault(json.dumps([vector.op, vector.given]), vector)
    return sorted(
        seen.values(),
        key=lambda vector: (SECTIONS.index(vector.requirement[0]), vector.requirement),
    )


def text_of_file() -> str:
    """Return the text of the file: a line for each vector."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    cases = [json.dumps(_case(vector), separators=(",", ":")) for vector in vectors()]
    yield "{"
    yield f'"recorded_from": {json.dumps(PACKAGES)},'
    yield '"cases": ['
    yield from (f"{case}," for case in cases[:-1])
    yield from cases[-1:]
    yield "]"
    yield "}"


def _case(vector: Vector) -> dict[str, Any]:
    case = {
        "id": vector.id,
        "requirement": vector.requirement,
        "op": vector.op,
        "given": vector.given,
        "expect": vector.expect,
    }
    return case if vector.node == vector.expect else {**case, "node": vector.node}

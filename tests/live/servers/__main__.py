"""Measure every server, and compare with the table: ``python -m tests.live.servers``."""

from __future__ import annotations

import sys

import attrs

from .measure import measure
from .table import SERVERS, table

if __name__ == "__main__":
    measured = [attrs.evolve(server, behaviour=measure(server)) for server in SERVERS]
    sys.stdout.write(f"{table(measured)}\n")
    sys.exit(
        "\n".join(
            f"{server.name}: {server.behaviour} is expected, but {found.behaviour} was measured"
            for server, found in zip(SERVERS, measured, strict=True)
            if server.behaviour != found.behaviour
        )
        or None
    )

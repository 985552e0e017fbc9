"""The long form: ``python -m tests.node.iron_session CASES [SEED]``."""

from __future__ import annotations

import logging
import secrets
import sys

from tests.node.iron_session import running_oracle
from tests.node.iron_session.fuzz import run
from tests.support.servers import find_program

MAX_SHOWN = 10

if __name__ == "__main__":
    cases, seed, *_ = [*map(int, sys.argv[1:]), secrets.randbits(32)]
    node = find_program("node")
    if node is None:
        sys.exit("nothing to compare with: node is not installed; `make setup` says more")
    logging.disable()
    with running_oracle(node) as oracle:
        tally = run(oracle, cases, seed)
    for difference in tally.unexplained[:MAX_SHOWN]:
        sys.stdout.write(f"{difference}\n\n")
    sys.stdout.write(f"seed {seed}:\n{tally}\n")
    sys.exit(bool(tally.unexplained))

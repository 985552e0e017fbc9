"""The long form of the fleet's test: ``python -m tests.live.fleet VISITORS``."""

from __future__ import annotations

import sys

from tests.live.fleet.drill import run, run_with_iron_session
from tests.support.servers import find_program

if __name__ == "__main__":
    node, nginx = find_program("node"), find_program("nginx")
    if node is None or nginx is None:
        sys.exit("the fleet needs node and nginx; `make setup` says what is missing")
    problems = []
    for drill in (run, run_with_iron_session):
        figures = drill(int(sys.argv[1]), node=node, nginx=nginx)
        sys.stdout.write(f"{figures}\n")
        problems += figures.problems[:10]
    sys.exit("\n".join(problems) or None)

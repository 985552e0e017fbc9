"""A fleet of five kinds of instances behind one balancer, and an operator who restarts them.

Visitors come and count while the signing keys are rotated instance by instance, and while one
instance is away. Each of them checks each count. In another drill they come and read while a
timeout is turned on instance by instance.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs

from cookiesession_core import CookieSession
from tests.live.fleet.nginx import SERVED_BY, balancing
from tests.node.express import EXPRESS
from tests.support.servers import PYTHON, free_port, running
from tests.support.user_agent import UserAgent

OLD = "the old signing key of the fleet, long enough"
NEW = "the new signing key of the fleet, long enough"

ROTATION = {
    "add the new key for verification": [OLD, NEW],
    "move it to the front": [NEW, OLD],
    "drop the old key": [NEW],
}
"""The documented steps, and the keys of an instance after each."""

GUNICORN = (PYTHON, "-m", "gunicorn", "--no-control-socket", "--log-level=warning", "--threads=4")
INSTANCE = (PYTHON, "-m", "tests.live.fleet.instance")
COMMANDS = {
    "WSGI": (*GUNICORN, "--bind=127.0.0.1:{port}", "tests.live.wsgi_app:application"),
    "ASGI": (*INSTANCE, "asgi", "{port}"),
    "aiohttp": (*INSTANCE, "aiohttp", "{port}"),
    "Tornado": (*INSTANCE, "tornado", "{port}"),
}
"""The command for an instance of each kind; Express comes first, and needs its ``node``."""

CONCURRENCY = 8
"""Visitors at the same time."""

IDLE = 1800
"""The ``idle_timeout`` that is turned on, in seconds."""


@attrs.frozen
class Step:
    """What an instance is started with."""

    keys: list[str]
    idle_timeout: float | None = None
    notes_use: bool = False
    """Whether the application notes the use of a session each half of ``IDLE``."""

    def env(self) -> dict[str, str]:
        """Return the environment of the instance."""
        options = {"keys": self.keys, "idle_timeout": self.idle_timeout}
        given = {name: value for name, value in options.items() if value is not None}
        seen = {"SESSION_SEEN": str(IDLE / 2)} if self.notes_use else {}
        return {"SESSION_OPTIONS": json.dumps(given), **seen}


IN_ONE_STEP = [Step([OLD], IDLE)]
IN_THREE_STEPS = [
    Step([OLD], 100 * IDLE, notes_use=True),
    Step([OLD], IDLE, notes_use=True),
    Step([OLD], IDLE),
]
"""The documented steps to turn the timeout on."""


@attrs.define
class Instance:
    """One server of the fleet. It keeps its address over restarts, and nothing else."""

    kind: str
    command: Sequence[str | Path]
    clock: Path | None = None
    """A file with the seconds by which its clock is ahead."""
    port: int = attrs.field(factory=free_port)
    _running: contextlib.ExitStack = attrs.field(init=False, factory=contextlib.ExitStack)

    def start(self, step: Step) -> None:
        """Start it."""
        env = step.env() | ({} if self.clock is None else {"SESSION_CLOCK": str(self.clock)})
        self._running.enter_context(running(self.command, env=env, port=self.port))

    def stop(self) -> None:
        """Stop it; a second call does nothing."""
        self._running.close()


@attrs.define
class Visitor:
    """A visitor with a cookie jar, who counts the visits."""

    agent: UserAgent = attrs.field(factory=UserAgent)
    views: int = 0

    def visit(self, url: str, route: str) -> Visit:
        """Ask for the next count, or for the last one."""
        self.views += route == "count"
        response = self.agent.get(f"{url}/{route}")
        tried = response.all(SERVED_BY)[0].split(", ")
        expected = 200, self.views
        try:
            answer: object = response.json()["session"].get("views")
        except ValueError:
            answer = response.body
        found = response.status, answer
        problem = None if expected == found else f"{expected} was to come, {found} came"
        return Visit(tried, problem)

    def holds(self, sessions: CookieSession) -> bool:
        """Whether the jar holds the exact count, as ``sessions`` reads it."""
        header = self.agent.jar.header("http://127.0.0.1/", now=self.agent.clock())
        return sessions.decode(header) == {"views": self.views}


@attrs.frozen
class Visit:
    """How one request went."""

    tried: list[str]
    """The addresses that were asked, the one that answered last."""
    problem: str | None


@attrs.define
class Figures:
    """The results of the drill."""

    visitors: int
    requests: int = 0
    passed_on: int = 0
    """Requests that found an instance away, and were answered by another one."""
    restarts: int = 0
    served: Counter[str] = attrs.field(factory=Counter)
    """How many requests each kind of instance answered."""
    problems: list[str] = attrs.field(factory=list)
    """Counts that were not the expected ones, and sessions that were lost."""
    seconds: float = 0

    def __str__(self) -> str:
        """Return the report."""
        served = ", ".join(f"{kind} {count}" for kind, count in sorted(self.served.items()))
        return (
            f"{self.visitors} visitors, {self.requests} requests in {self.seconds:.0f} s, "
            f"{self.restarts} restarts, {self.passed_on} requests passed on to another instance, "
            f"{len(self.problems)} problems; answered by {served}"
        )


@attrs.define
class Drill:
    """The fleet at work."""

    url: str
    instances: dict[str, Instance]
    """By kind."""
    visitors: list[Visitor]
    pool: ThreadPoolExecutor
    figures: Figures

    def everybody_comes(self, route: str = "count") -> None:
        """Let every visitor come once."""
        with self.visits(route):
            pass

    @contextlib.contextmanager
    def visits(self, route: str) -> Iterator[None]:
        """Let every visitor come once, several at the same time, while the block runs."""
        pending = [self.pool.submit(visitor.visit, self.url, route) for visitor in self.visitors]
        yield
        for each in pending:
            self._record(each.result())

    def restart(self, kind: str, step: Step, route: str = "count") -> None:
        """Restart one instance while the visitors go on."""
        with self.visits(route):
            self.instances[kind].stop()
            self.instances[kind].start(step)
        self.figures.restarts += 1

    def _record(self, visit: Visit) -> None:
        kinds = {f"127.0.0.1:{each.port}": kind for kind, each in self.instances.items()}
        self.figures.requests += 1
        self.figures.passed_on += len(visit.tried) - 1
        self.figures.served[kinds.get(visit.tried[-1], visit.tried[-1])] += 1
        if visit.problem is not None:
            self.figures.problems.append(visit.problem)


@contextlib.contextmanager
def fleet(
    commands: Mapping[str, Sequence[str | Path]],
    visitors: int,
    nginx: str,
    clock: Path | None = None,
) -> Iterator[Drill]:
    """Run the instances with the old key, and let the visitors come once."""
    began = time.monotonic()
    figures = Figures(visitors)
    with contextlib.ExitStack() as stack:
        instances = {kind: Instance(kind, command, clock) for kind, command in commands.items()}
        for each in instances.values():
            stack.callback(each.stop)
            each.start(Step([OLD]))
        balancer = stack.enter_context(balancing(nginx, [each.port for each in instances.values()]))
        pool = stack.enter_context(ThreadPoolExecutor(CONCURRENCY))
        crowd = [Visitor() for _ in range(visitors)]
        drill = Drill(balancer.url, instances, crowd, pool, figures)
        drill.everybody_comes()
        yield drill
    figures.seconds = time.monotonic() - began


def run(visitors: int, *, node: str, nginx: str) -> Figures:
    """Rotate the keys of the whole fleet, let one instance be away, and report."""
    commands = {"Express": (node, EXPRESS / "server.js", "{port}"), **COMMANDS}
    with fleet(commands, visitors, nginx) as drill:
        for keys in ROTATION.values():
            # Without the old key, visitors who have not been back yet would lose their session.
            drill.everybody_comes()
            for kind in commands:
                drill.restart(kind, Step(keys))

        away = drill.instances["ASGI"]
        away.stop()
        drill.everybody_comes()
        away.start(Step([NEW]))
        drill.everybody_comes()

    newest = CookieSession(keys=[NEW])
    drill.figures.problems += [
        f"a session is lost after {each.views} visits"
        for each in drill.visitors
        if not each.holds(newest)
    ]
    return drill.figures


def turn_on_a_timeout(
    steps: Sequence[Step], roll_out: float, visitors: int, *, nginx: str
) -> Figures:
    """Turn ``idle_timeout`` on instance by instance, while visitors come and only read.

    Args:
        steps: what all instances are started with, one step after the other.
        roll_out: how many seconds a step takes, by the clock of the fleet. Everybody comes
            several times in half of ``IDLE``.
        visitors: how many there are.
        nginx: the program.
    """
    pause = IDLE / 6
    with tempfile.TemporaryDirectory() as folder:
        clock = Path(folder) / "clock"
        passed = 0.0
        clock.write_text("0", "ascii")
        with fleet(COMMANDS, visitors, nginx, clock) as drill:

            def pass_time(seconds: float) -> None:
                nonlocal passed
                end = passed + seconds
                while passed < end:
                    passed = min(end, passed + pause)
                    clock.write_text(str(passed), "ascii")
                    drill.everybody_comes("read")

            for step in steps:
                for kind in COMMANDS:
                    drill.restart(kind, step, "read")
                    pass_time(roll_out / len(COMMANDS))
            pass_time(2 * IDLE)
    return drill.figures

"""A fleet of five kinds of instances behind one balancer, and an operator who restarts them.

Visitors come and count while the signing keys are rotated instance by instance, and while one
instance is away. Each of them checks each count.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
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


@attrs.define
class Instance:
    """One server of the fleet. It keeps its address over restarts, and nothing else."""

    kind: str
    command: Sequence[str | Path]
    port: int = attrs.field(factory=free_port)
    _running: contextlib.ExitStack = attrs.field(init=False, factory=contextlib.ExitStack)

    def start(self, keys: list[str]) -> None:
        """Start it with ``keys``."""
        env = {"SESSION_OPTIONS": json.dumps({"keys": keys})}
        self._running.enter_context(running(self.command, env=env, port=self.port))

    def stop(self) -> None:
        """Stop it; a second call does nothing."""
        self._running.close()


@attrs.define
class Visitor:
    """A visitor with a cookie jar, who counts the visits."""

    agent: UserAgent = attrs.field(factory=UserAgent)
    views: int = 0

    def visit(self, url: str) -> Visit:
        """Ask for the next count."""
        self.views += 1
        response = self.agent.get(f"{url}/count")
        tried = response.all(SERVED_BY)[0].split(", ")
        expected = 200, {"session": {"views": self.views}}
        try:
            answer: object = response.json()
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

    def everybody_comes(self) -> None:
        """Let every visitor come once."""
        with self.visits():
            pass

    @contextlib.contextmanager
    def visits(self) -> Iterator[None]:
        """Let every visitor come once, several at the same time, while the block runs."""
        pending = [self.pool.submit(visitor.visit, self.url) for visitor in self.visitors]
        yield
        for each in pending:
            self._record(each.result())

    def restart(self, kind: str, keys: list[str]) -> None:
        """Give one instance other keys while the visitors go on."""
        with self.visits():
            self.instances[kind].stop()
            self.instances[kind].start(keys)
        self.figures.restarts += 1

    def _record(self, visit: Visit) -> None:
        kinds = {f"127.0.0.1:{each.port}": kind for kind, each in self.instances.items()}
        self.figures.requests += 1
        self.figures.passed_on += len(visit.tried) - 1
        self.figures.served[kinds.get(visit.tried[-1], visit.tried[-1])] += 1
        if visit.problem is not None:
            self.figures.problems.append(visit.problem)


def run(visitors: int, *, node: str, nginx: str) -> Figures:
    """Rotate the keys of the whole fleet, let one instance be away, and report."""
    began = time.monotonic()
    commands = {"Express": (node, EXPRESS / "server.js", "{port}"), **COMMANDS}
    figures = Figures(visitors)
    with contextlib.ExitStack() as stack:
        instances = {kind: Instance(kind, command) for kind, command in commands.items()}
        for each in instances.values():
            stack.callback(each.stop)
            each.start([OLD])
        balancer = stack.enter_context(balancing(nginx, [each.port for each in instances.values()]))
        pool = stack.enter_context(ThreadPoolExecutor(CONCURRENCY))
        crowd = [Visitor() for _ in range(visitors)]
        drill = Drill(balancer.url, instances, crowd, pool, figures)

        drill.everybody_comes()
        for keys in ROTATION.values():
            # Without the old key, visitors who have not been back yet would lose their session.
            drill.everybody_comes()
            for kind in instances:
                drill.restart(kind, keys)

        away = instances["ASGI"]
        away.stop()
        drill.everybody_comes()
        away.start([NEW])
        drill.everybody_comes()

    newest = CookieSession(keys=[NEW])
    figures.problems += [
        f"a session is lost after {each.views} visits" for each in crowd if not each.holds(newest)
    ]
    figures.seconds = time.monotonic() - began
    return figures

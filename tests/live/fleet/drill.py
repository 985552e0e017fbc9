"""A fleet of several kinds of instances behind one balancer, and an operator who restarts them.

Visitors come and count while the signing keys are rotated instance by instance, and while one
instance is away. Each of them checks each count. Another fleet has the sessions of iron-session,
whose passwords are rotated. In another drill visitors come and read while a timeout is turned on
instance by instance.
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

from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_core import CookieSession
from tests.live.fleet.nginx import SERVED_BY, balancing
from tests.node.express import EXPRESS
from tests.node.iron_session import HERE as IRON_SESSION
from tests.support.servers import PYTHON, free_port, running
from tests.support.user_agent import UserAgent

OLD = "the old key or password of the fleet, long enough"
NEW = "the new key or password of the fleet, long enough"

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
"""The command for an instance of each kind in Python. Those on Node come first, by ``node``."""

CONCURRENCY = 8
"""Visitors at the same time."""

IDLE = 1800
"""The ``idle_timeout`` that is turned on, in seconds."""


@attrs.frozen
class Step:
    """What an instance is started with."""

    keys: list[str] | None = None
    idle_timeout: float | None = None
    notes_use: bool = False
    """Whether the application notes the use of a session each half of ``IDLE``."""
    passwords: dict[int, str] | None = None
    """In the place of keys: those of iron-session, by their ids."""

    def env(self) -> dict[str, str]:
        """Return the environment of the instance."""
        options = {
            "keys": self.keys,
            "idle_timeout": self.idle_timeout,
            "password": self.passwords,
        }
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
        """Ask for the next count, or for the last one, or log out."""
        self.views = {"count": self.views + 1, "read": self.views, "destroy": 0}[route]
        ask = self.agent.post if route == "destroy" else self.agent.get
        response = ask(f"{url}/{route}")
        tried = response.all(SERVED_BY)[0].split(", ")
        expected = 200, self.views
        try:
            answer: object = (response.json()["session"] or {}).get("views", 0)
        except ValueError:
            answer = response.body
        found = response.status, answer
        problem = None if expected == found else f"{expected} was to come, {found} came"
        return Visit(tried, problem, found_nothing=found == (200, 0))

    def holds(self, sessions: CookieSession) -> bool:
        """Whether the jar holds the exact count, as ``sessions`` reads it."""
        header = self.agent.jar.header("https://127.0.0.1/", now=self.agent.clock())
        return sessions.decode(header) == {"views": self.views}


@attrs.frozen
class Visit:
    """How one request went."""

    tried: list[str]
    """The addresses that were asked, the one that answered last."""
    problem: str | None
    found_nothing: bool
    """Whether the instance saw no session."""


@attrs.define
class Figures:
    """The results of the drill."""

    visitors: int
    requests: int = 0
    passed_on: int = 0
    """Requests that found an instance away, and were answered by another one."""
    restarts: int = 0
    unseen: int = 0
    """Reads that found no session, because the instance did not know the newest password yet."""
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
            f"{self.unseen} sessions not seen yet, {len(self.problems)} problems; "
            f"answered by {served}"
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
    behind: set[str] = attrs.field(factory=set)
    """The kinds that do not know the newest password of iron-session yet."""

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
        self.behind.discard(kind)

    def everybody_logs_out(self) -> None:
        """Let every visitor log out, find no session, and begin another one."""
        for route in ("destroy", "read", "count"):
            self.everybody_comes(route)

    def do_without(self, kind: str, step: Step) -> None:
        """Let every visitor come once while an instance is away, and once when it is back."""
        self.instances[kind].stop()
        self.everybody_comes()
        self.instances[kind].start(step)
        self.everybody_comes()

    def look_for_losses(self, newest: CookieSession) -> None:
        """Look whether ``newest`` reads the exact count of every visitor."""
        self.figures.problems += [
            f"a session is lost after {each.views} visits"
            for each in self.visitors
            if not each.holds(newest)
        ]

    def _record(self, visit: Visit) -> None:
        kinds = {f"127.0.0.1:{each.port}": kind for kind, each in self.instances.items()}
        kind = kinds.get(visit.tried[-1], visit.tried[-1])
        self.figures.requests += 1
        self.figures.passed_on += len(visit.tried) - 1
        self.figures.served[kind] += 1
        if visit.problem is None:
            return
        if visit.found_nothing and kind in self.behind:
            self.figures.unseen += 1
        else:
            self.figures.problems.append(visit.problem)


@contextlib.contextmanager
def fleet(
    commands: Mapping[str, Sequence[str | Path]],
    first: Step,
    visitors: int,
    nginx: str,
    clock: Path | None = None,
) -> Iterator[Drill]:
    """Run the instances as the ``first`` step says, and let the visitors come once."""
    began = time.monotonic()
    figures = Figures(visitors)
    with contextlib.ExitStack() as stack:
        instances = {kind: Instance(kind, command, clock) for kind, command in commands.items()}
        for each in instances.values():
            stack.callback(each.stop)
            each.start(first)
        balancer = stack.enter_context(balancing(nginx, [each.port for each in instances.values()]))
        pool = stack.enter_context(ThreadPoolExecutor(CONCURRENCY))
        crowd = [Visitor() for _ in range(visitors)]
        # The cookies of iron-session are Secure.
        scheme = "http" if first.passwords is None else "https"
        url = balancer.url.replace("http", scheme)
        drill = Drill(url, instances, crowd, pool, figures)
        drill.everybody_comes()
        yield drill
    figures.seconds = time.monotonic() - began


def run(visitors: int, *, node: str, nginx: str) -> Figures:
    """Rotate the keys of the whole fleet, let one instance be away, and report."""
    commands = {"Express": (node, EXPRESS / "server.js", "{port}"), **COMMANDS}
    with fleet(commands, Step([OLD]), visitors, nginx) as drill:
        for keys in ROTATION.values():
            # Without the old key, visitors who have not been back yet would lose their session.
            drill.everybody_comes()
            for kind in commands:
                drill.restart(kind, Step(keys))

        drill.do_without("ASGI", Step([NEW]))

    drill.look_for_losses(CookieSession(keys=[NEW]))
    return drill.figures


def run_with_iron_session(visitors: int, *, node: str, nginx: str) -> Figures:
    """Do the same with the passwords of iron-session, and let all log out before and after.

    An instance that knows the new password also seals with it. So visitors only read until all
    instances know both: a write at an instance that is behind would begin another session.
    """
    routes = IRON_SESSION / "routes.mjs"
    on_node = {f"iron-session {each}": (node, routes, each, "{port}") for each in "89"}
    commands = {**on_node, **COMMANDS}
    both, newest = Step(passwords={2: NEW, 1: OLD}), Step(passwords={2: NEW})
    with fleet(commands, Step(passwords={1: OLD}), visitors, nginx) as drill:
        drill.everybody_logs_out()
        for kind in on_node:
            drill.restart(kind, both, "read")
        # Node seals only what it saves. Python seals all that it reads.
        drill.behind.update(COMMANDS)
        for kind in COMMANDS:
            drill.restart(kind, both, "read")
            drill.everybody_comes("read")
        # Without the old password, visitors who have not been back yet would lose their session.
        drill.everybody_comes()
        for kind in commands:
            drill.restart(kind, newest)
        drill.everybody_logs_out()
        drill.do_without("ASGI", newest)

    drill.look_for_losses(CookieSession(format=IronSession({2: NEW})))
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
        with fleet(COMMANDS, Step([OLD]), visitors, nginx, clock) as drill:

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

"""What is left of all that in a real server? Requests a second over loopback.

One server process on one core, the load generator ``wrk`` on another, 32 connections. All servers
are up, and have their turns round after round; each serves a typical session whose views are
counted, or no session at all. The processor time of the server process tells more than requests a
second do, where something else is going on.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import attrs
from tests.support.servers import Server, running

from benchmarks import floor, node
from benchmarks.payloads import KEY, TYPICAL, as_request
from benchmarks.run import Results, Run
from benchmarks.tables import Table, ratio, time

NAME = "servers"
ROUNDS, SECONDS, CONNECTIONS = 4, 2, 32

UVICORN = (
    *(sys.executable, "-m", "uvicorn", "--port", "{port}", "--lifespan", "off"),
    *("--log-level", "warning", "--no-access-log"),
)


@attrs.frozen
class Served:
    """A server, and what to send to it."""

    name: str
    bare: str
    """The name of the same server without a session."""
    command: tuple[str, ...]
    cookie: str
    sets: int
    """How many cookies its responses set."""
    environment: Mapping[str, str] = attrs.Factory(dict)


def _servers(run: Run) -> Iterator[Served]:
    cookie = as_request(floor.save(TYPICAL.contents))
    bare = "uvicorn"
    yield Served(bare, bare, (*UVICORN, "benchmarks.drivers:asgi_bare"), cookie, 0)
    ours = (*UVICORN, "benchmarks.contenders.ours:SERVED")
    yield Served("uvicorn, cookiesession", bare, ours, cookie, 2)
    if run.quick:
        return
    if any(each.name == "starlette" for each in run.contenders):
        from benchmarks.contenders import starlette  # noqa: PLC0415 - it may be missing

        app = (*UVICORN, "benchmarks.contenders.starlette:SERVED")
        theirs = starlette.cookie(TYPICAL.contents)
        yield Served("uvicorn, Starlette SessionMiddleware", bare, app, theirs, 1)
    try:
        script, environment = node.command("server.js")
    except node.NotAvailableError:
        return
    environment["KEY"] = KEY
    for bare, kind in (("Node http", "http"), ("Express", "express")):
        plain, session = (*script, kind, "{port}"), (*script, f"{kind}-session", "{port}")
        yield Served(bare, bare, plain, cookie, 0, environment)
        yield Served(f"{bare}, cookie-session", bare, session, cookie, 2, environment)


def measure(run: Run) -> list[dict[str, Any]]:
    """Return a row a server: requests a second, and nanoseconds of its processor a request.

    Both are medians over the rounds, the former with the least and the most.

    Raises:
        RuntimeError: when a server does not do its work.
    """
    if shutil.which("wrk") is None:
        run.left_out[NAME] = "wrk is not installed, for Debian: apt-get install wrk"
        return []
    serving, loading = _pins()
    rounds, seconds = (1, 1) if run.quick else (ROUNDS, SECONDS)
    with ExitStack() as stack:
        up: list[tuple[Served, Server]] = []
        for served in _servers(run):
            command = (*serving, *served.command)
            server = stack.enter_context(running(command, env=served.environment))
            _check(served, server)
            if not run.quick:
                _load(loading, served, server, 1)  # caches and compilers warm up
            up.append((served, server))
        samples: dict[str, list[tuple[float, float]]] = {served.name: [] for served, _ in up}
        for _ in run.watch.progress(range(rounds)):
            for served, server in up:
                samples[served.name].append(_load(loading, served, server, seconds))
    return [_row(served, samples[served.name]) for served, _ in up]


def _row(served: Served, samples: list[tuple[float, float]]) -> dict[str, Any]:
    rates, processor = zip(*samples, strict=True)
    return {
        "server": served.name,
        "bare": served.bare,
        "per_second": round(statistics.median(rates)),
        "least": round(min(rates)),
        "most": round(max(rates)),
        "processor_ns": round(statistics.median(processor)),
    }


def _pins() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what puts a command on a core of its own, for the server and for the load."""
    if shutil.which("taskset") is None or not hasattr(os, "sched_getaffinity"):
        return (), ()
    first, *others = sorted(os.sched_getaffinity(0))
    second = others[0] if others else first
    return ("taskset", "-c", str(first)), ("taskset", "-c", str(second))


def _check(served: Served, server: Server) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/", headers={"Cookie": served.cookie})
    response = connection.getresponse()
    set_cookies = response.msg.get_all("set-cookie", [])
    connection.close()
    right = len(set_cookies) == served.sets and response.status == 200
    if served.sets == 2:  # the format that the floor reads
        right = right and floor.load(as_request(set_cookies)) == TYPICAL.bumped
    if not right:
        message = f"{served.name}: has not done its work"
        raise RuntimeError(message)


def _load(
    pin: tuple[str, ...], served: Served, server: Server, seconds: int
) -> tuple[float, float]:
    """Return requests a second, and the processor time of one, in nanoseconds."""
    before = _processor_time(server.pid)
    load = subprocess.run(
        [
            *(*pin, "wrk", "--threads", "1", "--connections", str(CONNECTIONS)),
            *("--duration", f"{seconds}s", "--header", f"Cookie: {served.cookie}", server.url),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 30,
    )
    spent = _processor_time(server.pid) - before
    rate = re.search(r"^Requests/sec: +([\d.]+)", load.stdout, re.MULTILINE)
    count = re.search(r"^ +(\d+) requests in", load.stdout, re.MULTILINE)
    if rate is None or count is None or "Non-2xx" in load.stdout:
        message = f"{served.name} failed under load:\n{load.stdout}"
        raise RuntimeError(message)
    return float(rate[1]), spent * 1e9 / int(count[1])


def _processor_time(pid: int) -> float:
    """Return the seconds of processor time that a process has used, where Linux tells."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    # The fields after the name, which may hold anything: 14 and 15 are user and system time.
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tables(results: Results) -> list[Table]:
    """Return throughput, and what the session costs of it."""
    measured = results.get(NAME, ())
    by_name = {row["server"]: row for row in measured}
    rows = []
    for row in measured:
        bare = by_name[row["bare"]]
        cost = time(row["processor_ns"] - bare["processor_ns"]) if row is not bare else ""
        rows.append(
            (
                row["server"],
                f"{row['per_second']}",
                f"{row['least']} to {row['most']}",
                ratio(row["per_second"], bare["per_second"]),
                time(row["processor_ns"]),
                cost,
            )
        )
    head = ("server", "requests/s", "between", "to bare", "processor, a request", "its session")
    return [Table("Whole servers, typical session, every request counts a view", head, rows)]

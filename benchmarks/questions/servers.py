"""What is left of all that in a real server? Requests a second over loopback.

One server process on one core, the load generator ``wrk`` on another, 32 connections. All servers
are up, and have their turns round after round; each serves a typical session whose views are
counted, or no session at all.
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
from typing import Any

import attrs
from tests.harness.servers import Server, running

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
    """Return a row a server: requests a second, the median of the rounds, and their spread.

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
                _requests_per_second(loading, served, server, 1)  # caches and compilers warm up
            up.append((served, server))
        samples: dict[str, list[float]] = {served.name: [] for served, _ in up}
        for _ in run.watch.progress(range(rounds)):
            for served, server in up:
                rate = _requests_per_second(loading, served, server, seconds)
                samples[served.name].append(rate)
    return [
        {
            "server": served.name,
            "bare": served.bare,
            "per_second": round(statistics.median(samples[served.name])),
            "least": round(min(samples[served.name])),
            "most": round(max(samples[served.name])),
        }
        for served, _ in up
    ]


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


def _requests_per_second(
    pin: tuple[str, ...], served: Served, server: Server, seconds: int
) -> float:
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
    found = re.search(r"^Requests/sec: +([\d.]+)", load.stdout, re.MULTILINE)
    if found is None or "Non-2xx" in load.stdout:
        message = f"{served.name} failed under load:\n{load.stdout}"
        raise RuntimeError(message)
    return float(found[1])


def tables(results: Results) -> list[Table]:
    """Return throughput, and what the session costs of it."""
    measured = results.get(NAME, ())
    by_name = {row["server"]: row["per_second"] for row in measured}
    rows = []
    for row in measured:
        each = 1e9 / row["per_second"]
        bare = by_name[row["bare"]]
        cost = time(each - 1e9 / bare) if row["server"] != row["bare"] else ""
        rows.append(
            (
                row["server"],
                f"{row['per_second']}",
                f"{row['least']} to {row['most']}",
                time(each),
                cost,
                ratio(row["per_second"], bare),
            )
        )
    head = ("server", "requests/s", "between", "a request", "its session", "to the bare server")
    return [Table("Whole servers, typical session, every request counts a view", head, rows)]

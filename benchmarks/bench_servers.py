"""Whole servers: ``wrk`` asks them over loopback, and all have their turns.

The server has one processor core, ``wrk`` another. The figure is the processor time that the
process of the server takes for one request.
"""

import atexit
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.support.servers import Server, running

from . import apps, floor, originals
from .contenders import find
from .payloads import KEY, PLAIN, TYPICAL, as_request
from .question import Case, Question, Timed

UVICORN = [sys.executable, "-m", "uvicorn", "--port", "{port}", "--lifespan", "off", "--factory"]
UVICORN += ["--log-level", "warning", "--no-access-log", f"{__name__}:application"]


def application() -> Any:
    """Return the application that the environment names: of a contender, or without a session."""
    for contender in find(tuple(os.environ["CONTENDER"].split())):
        return contender.application(apps.bump, PLAIN)
    return apps.asgi(None, PLAIN)


def servers() -> Iterator[Case]:
    """Start the servers; every request counts a view of a typical session."""
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        print("servers are left out: wrk and taskset are needed", file=sys.stderr)
        return
    stack = ExitStack()
    atexit.register(stack.close)
    for group, row, command, cookie, module in _servers():
        environment = {"KEY": KEY, "CONTENDER": module}
        server = stack.enter_context(running([*_core(0), *command], env=environment))
        if bool(_ask(server, cookie)) != (row != "no session"):
            message = f"{group}, {row}: does not do its work"
            raise RuntimeError(message)
        yield Case(group, row, "processor time of a request", partial(_load, server, cookie))


def _servers() -> Iterator[tuple[str, str, Sequence[str], str, str]]:
    cookie = as_request(floor.save(TYPICAL.contents))
    yield "uvicorn", "no session", UVICORN, cookie, ""
    for module in ("ours_asgi", "starlette"):
        for each in find((module,)):
            yield "uvicorn", each.title, UVICORN, each.cookie(TYPICAL.contents), module
    if script := originals.script("server.js", "{port}"):
        yield "Node", "no session", script, cookie, ""
        yield "Node", "cookie-session", [*script, "session"], cookie, ""


def _core(number: int) -> list[str]:
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[number % len(cores)])]


def _ask(server: Server, cookie: str) -> list[str]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/", headers={"Cookie": cookie})
    values: list[str] = connection.getresponse().msg.get_all("set-cookie", [])
    connection.close()
    return values


def _load(server: Server, cookie: str) -> float:
    """Return the seconds of the server's processor time that one request takes."""
    seconds = max(1, round(Timed.turn * 1000))
    load = ["wrk", "--threads", "1", "--connections", "32", "--duration", f"{seconds}s"]
    command = [*_core(1), *load, "--header", f"Cookie: {cookie}", server.url]
    before = _processor_time(server.pid)
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    spent = _processor_time(server.pid) - before
    requests = re.search(r"^ +(\d+) requests in", report, re.MULTILINE)
    if requests is None or "Non-2xx" in report:
        message = f"the server fails under load:\n{report}"
        raise RuntimeError(message)
    return spent / int(requests[1])


def _processor_time(pid: int) -> float:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    user, system = text.rpartition(")")[2].split()[11:13]  # after the name, which may hold spaces
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


QUESTIONS = (Question("servers", "Whole servers", servers, "no session", processes=2, rounds=3),)

"""From header to contents and back, without a framework: the floor, libraries, Node's original."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import CookieSession

from . import floor
from .contenders import LIBRARIES, find
from .payloads import KEY, LARGE, PAYLOADS, PLAIN, TYPICAL, Payload, as_request, cookie_header
from .question import Case, Question, Timed, timed
from .sessions import FUNCTIONS, SESSIONS, TITLE, floor_calls, library_calls, session_calls

FAST = CookieSession(keys=[KEY], codec=FastJSONCodec())
NODE = Path(__file__).parent / "node"
MODULES = Path(__file__).parents[1] / "tests" / "node" / "express" / "node_modules"


def ours(payload: Payload, without: str) -> Iterator[Case]:
    """Return the rows of our session, with the standard library and with compiled ones."""
    for title, sessions in ((TITLE, SESSIONS), (f"{TITLE}[fast]", FAST)):
        calls = session_calls(sessions, payload, PLAIN)
        calls.pop(without, None)
        yield from timed(payload.size, title, calls)


def against_the_floor() -> Iterator[Case]:
    """Compare the functions and the session with the floor, on plain responses."""
    for payload in PAYLOADS:
        yield from timed(payload.size, "floor", floor_calls(payload, PLAIN))
        calls = library_calls(FUNCTIONS, payload)
        del calls["round trip"]  # the floor's includes the response
        yield from timed(payload.size, FUNCTIONS.title, calls)
        yield from ours(payload, without="untouched")


def libraries() -> Iterator[Case]:
    """Compare the two functions with those of other libraries."""
    for payload in (TYPICAL, LARGE):
        for library in (FUNCTIONS, *find(LIBRARIES)):
            yield from timed(payload.size, library.title, library_calls(library, payload))


def beside_node() -> Iterator[Case]:
    """Compare our session with Node's original."""
    for payload in PAYLOADS:
        yield from ours(payload, without="read a list")
    yield from node()


def node_script(name: str, *arguments: str) -> Sequence[str]:
    """Return the command for a script of ``node/``; an empty one without Node and its packages."""
    node = shutil.which("node")
    if node is None or not (MODULES / "cookie-session").is_dir():
        print("Node is left out: make modules installs its packages", file=sys.stderr)
        return []
    os.environ["NODE_PATH"] = str(MODULES)
    return [node, str(NODE / name), *arguments]


def node() -> Iterator[Case]:
    """Measure Node's original, in a process of its own, one turn at a time."""
    tasks = []
    for payload in PAYLOADS:
        cookie = as_request(floor.save(payload.contents))
        task = {"size": payload.size, "contents": payload.contents, "cookie": cookie}
        tasks.append({**task, "crowded": cookie_header(cookie, foreign=10)})
    command = node_script("operations.js", json.dumps({"key": KEY, "payloads": tasks}))
    if command:
        pipe, turn = subprocess.PIPE, str(Timed.turn)
        process = subprocess.Popen([*command, turn], stdin=pipe, stdout=pipe, text=True)
        for index, (size, operation) in enumerate(_ask(process, "names")):
            yield Case(size, "Node cookie-session", operation, partial(_ask, process, index))


def _ask(process: Any, line: object) -> Any:
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


QUESTIONS = (
    Question("floor", "The floor, on plain responses", against_the_floor, "floor"),
    Question("libraries", "Functions of other libraries", libraries, FUNCTIONS.title),
    Question("node", "Node's cookie-session", beside_node, TITLE),
)

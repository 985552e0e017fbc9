"""Record what the real koa-session does with sessions whose keys mean something to it.

    python -m tests.node.koa_keys

writes ``vectors/data/koa.json`` anew. Each case is one session that we have written. Koa answers
two requests with it: one only reads the session, the other changes ``views``.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from cookiesession_core import CookieSession
from tests.node.express import EXPRESS
from tests.support.keys import KEYS
from tests.support.servers import running
from tests.support.user_agent import UserAgent

FILE = Path(__file__).parent / "vectors" / "data" / "koa.json"
NOW = 1705321845678
"""Koa's stopped clock, in milliseconds."""
IDLE = 3600
KOA: dict[str, Any] = {"keys": KEYS, "maxAge": IDLE * 1000}
PACKAGES = ["koa", "koa-session", "cookies", "keygrip"]

Answer = dict[str, Any]


@attrs.frozen
class Case:
    """A session with one key more than ``views``."""

    name: str
    contents: dict[str, Any]
    idle_timeout: int | None = IDLE
    age: int = 0
    """Seconds since we have written it."""

    @property
    def cookie(self) -> str:
        """The Cookie header of the visitor."""
        written = NOW / 1000 - self.age
        sessions = CookieSession(keys=KEYS, idle_timeout=self.idle_timeout, clock=lambda: written)
        return sessions.cookie_header({**self.contents, "views": 1})


def plain(key: str, value: Any) -> Case:
    """Return the case that is named after its key alone."""
    return Case(f"`{key}`", {key: value})


CASES = [
    plain("_user_id", "7"),
    plain("_auth_user_id", "7"),
    Case("`_user_id` after half of the idle time", {"_user_id": "7"}, age=IDLE // 2 + 1),
    plain("_requireSave", value=True),
    plain("isNew", value=True),
    plain("length", 3),
    plain("populated", value=False),
    plain("externalKey", "text"),
    Case("`maxAge` beside timestamps", {"maxAge": 60_000}),
    Case("`maxAge: 60000`", {"maxAge": 60_000}, idle_timeout=None),
    Case('`maxAge: "text"`', {"maxAge": "text"}, idle_timeout=None),
    plain("toJSON", 1),
    Case("`__proto__: {}`", {"__proto__": {}}),
    Case('`__proto__: "text"`', {"__proto__": "text"}),
    plain("constructor", 1),
    plain("toString", 1),
    plain("save", 1),
    Case("any key inside `cart`", {"cart": {"_id": 1, "maxAge": 2, "toJSON": 3, "__proto__": {}}}),
]


@contextlib.contextmanager
def koa_asked(node: str) -> Iterator[Callable[[str], dict[str, Answer]]]:
    """Run Koa; its answers to a Cookie header."""
    env = {"NOW": str(NOW), "SESSION_OPTIONS": json.dumps(KOA)}
    with running((node, EXPRESS / "koa.js", "{port}"), env=env) as server:

        def answer(cookie: str, path: str) -> Answer:
            response = UserAgent().get(f"{server.url}/{path}", [("Cookie", cookie)])
            return {"status": response.status, "set_cookie": response.set_cookie}

        yield lambda cookie: {
            "read": answer(cookie, "read"),
            "save": answer(cookie, "count"),
        }


def recorded(node: str) -> dict[str, Any]:
    """Return all cases with Koa's answers, and what they were recorded with."""
    with koa_asked(node) as ask:
        cases = [{**attrs.asdict(each), "cookie": each.cookie} for each in CASES]
        answered = [{**case, "expect": ask(case["cookie"])} for case in cases]
    header = {
        "suite": "koa",
        "count": len(answered),
        "packages": {name: version_of(name) for name in PACKAGES},
        "node": subprocess.check_output([node, "--version"], text=True).strip().removeprefix("v"),
        "frozen_now_ms": NOW,
        "options": KOA,
    }
    return {"header": header, "cases": answered}


def version_of(package: str) -> str:
    """Return the version that is installed."""
    path = EXPRESS / "node_modules" / package / "package.json"
    version: str = json.loads(path.read_text("utf-8"))["version"]
    return version


def text_of(recording: dict[str, Any]) -> str:
    """Return the text of the file: a line for each case."""
    header = json.dumps(recording["header"], indent=1)
    cases = ",\n".join(
        json.dumps(case, separators=(",", ":"), ensure_ascii=False) for case in recording["cases"]
    )
    return f'{{\n"header": {header},\n"cases": [\n{cases}\n]\n}}\n'


if __name__ == "__main__":
    FILE.write_text(text_of(recorded(shutil.which("node") or "node")), "utf-8")

"""The core and the adapters for WSGI and ASGI in Pyodide.

Pyodide is CPython in WebAssembly, as edge workers run it.

Many cases are answered there and here, and the answers are compared. Then the example of a worker
serves a browser.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attr
import attrs
import pytest
import typing_extensions
from hypothesis import given, settings

import cookiesession_adapters
import cookiesession_core
from cookiesession_core import CookieSession
from tests.conftest import PYODIDE
from tests.node.vectors.replay import REPLAYS
from tests.properties.strategies import CONTENTS
from tests.support.servers import ROOT, running
from tests.support.user_agent import UserAgent

from . import test_interop
from .pyodide import probe

VECTORS = ROOT / "tests" / "node" / "vectors"
IN_WEBASSEMBLY = "3.14"
"""The version of Python, which `noxfile.py` and the page on supported versions name."""
KEYS = [probe.NEWEST, probe.OLDER]

Case = tuple[str, str, Any]

TRICKY: list[dict[str, Any]] = [
    *(json.loads(text) for text in test_interop.CONTENTS.values()),
    {"split pair": "\ud83d" + "\ude00", "\udfff": "\ud800"},
    {"integers": [2**53 + 1, -(10**30)], "doubles": [1e-7, 1e21, 0.1 + 0.2, 5e-324, -0.0]},
    {"10": 1, "9": {"4294967294": 1, "4294967295": 2, "00": 3}, "true": True, "": None},
]


@pytest.fixture(scope="module")
def edge(pyodide: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a host of workers; return its URL."""
    folder = tmp_path_factory.mktemp("workers")
    for module in (attr, attrs, cookiesession_core, cookiesession_adapters):
        package = Path(str(module.__file__)).parent
        shutil.copytree(
            package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__")
        )
    (folder / "tests" / "node" / "vectors").mkdir(parents=True)
    for file, target in (
        (typing_extensions.__file__, "typing_extensions.py"),
        (VECTORS / "replay.py", "tests/node/vectors/replay.py"),
        (PYODIDE / "probe.py", "probe.py"),
        (ROOT / "examples" / "edge" / "worker.py", "worker.py"),
    ):
        shutil.copy(file, folder / target)
    settings = json.dumps({"COOKIESESSION_KEYS": "\n".join(KEYS)})
    command = (pyodide, PYODIDE / "serve.mjs", "{port}", folder)
    with running(command, env={"SETTINGS": settings}) as server:
        yield server.url


def answers_there(edge: str, cases: list[Case]) -> list[Any]:
    response = UserAgent(timeout=60).post(f"{edge}/probe", json.dumps(cases))
    assert 200 == response.status, response.body
    there = response.json()
    assert ("emscripten", IN_WEBASSEMBLY) == (there["platform"], there["python"])
    return list(there["answers"])


def differences(edge: str, cases: list[Case]) -> list[Any]:
    """Return the cases that are answered differently, with the answers here and there."""
    here = json.loads(probe.answers(json.dumps(cases)))["answers"]
    there = answers_there(edge, cases)
    assert len(cases) == len(here) == len(there)
    return [each for each in zip(cases, here, there, strict=True) if each[1] != each[2]]


@cache
def drawn_contents() -> list[dict[str, Any]]:
    """Draw contents of sessions: the same in each run."""
    drawn: list[dict[str, Any]] = []

    @settings(max_examples=100, database=None, derandomize=True)
    @given(CONTENTS)
    def draw(contents: dict[str, Any]) -> None:
        drawn.append(contents)

    draw()
    return drawn


@pytest.mark.parametrize("name", probe.OPTIONS)
def test_sessions_are_written_and_read_as_by_cpython(edge: str, name: str) -> None:
    cases: list[Case] = [("contents", name, each) for each in (*TRICKY, *drawn_contents())]

    assert [] == differences(edge, cases)


def test_the_cases_load_the_sessions_that_they_should() -> None:
    """So that no two failures are taken for agreement."""
    for name in probe.OPTIONS:
        answer = probe.about_contents(name, {"visits": 7})

        assert {"visits": 7} == answer["contents"]
        assert ["theme", "session", "session.sig"] == [
            each.partition("=")[0] for each in answer["set_cookie"]
        ]
        assert ["LOADED", 1, {"visits": 7}] == answer["of an older key"][:3]
        assert ["BAD_SIGNATURE", "BAD_SIGNATURE"] == [each[0] for each in answer["extended"]]


def test_every_recorded_case_of_node_is_answered_as_by_cpython(edge: str) -> None:
    cases: list[Case] = [
        ("recorded", suite, case)
        for suite in REPLAYS
        for case in json.loads((VECTORS / "data" / f"{suite}.json").read_text("utf-8"))["cases"]
    ]

    assert [] == differences(edge, cases)


def test_every_hash_that_python_guarantees_signs_alike(edge: str) -> None:
    cases: list[Case] = [
        ("algorithm", name, "session=eyJhIjoxfQ==")
        for name in sorted(hashlib.algorithms_guaranteed)
    ]

    assert [] == differences(edge, cases)


@pytest.mark.parametrize("kind", ["wsgi", "asgi"])
def test_the_adapters_answer_as_on_cpython(edge: str, kind: str) -> None:
    cases: list[Case] = [("adapter", kind, {"user": "Zoë", "cart": ["tea"]})]

    assert [] == differences(edge, cases)
    ((first, second),) = answers_there(edge, cases)
    assert ["session", "session.sig"] == [
        value.partition("=")[0] for name, value in first[0] if name.lower() == "set-cookie"
    ]
    assert {"user": "Zoë", "cart": ["tea"]} == json.loads(second[1])


def test_a_hash_of_openssl_is_refused_where_it_is_configured(edge: str) -> None:
    cases: list[Case] = [("algorithm", "sha512_256", "session=eyJhIjoxfQ==")]

    assert ["ConfigurationError"] == answers_there(edge, cases)


def test_the_error_names_a_value_of_javascript(edge: str) -> None:
    ((error, cookies),) = answers_there(edge, [("javascript", "", '[{"id": 7}]')])

    assert error.startswith("session['cart']['items']: ")
    assert {"cart": {"items": [{"id": 7}]}} == CookieSession(keys=KEYS).decode(cookies)


# --- the worker ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_browser_keeps_its_session_at_a_worker(edge: str, scheme: str) -> None:
    url, agent = f"{edge}/worker".replace("http", scheme, 1), UserAgent()

    assert b"1 visits. " == agent.get(f"{url}/").body
    response = agent.request("POST", f"{url}/note", body="Zoë".encode())

    assert "2 visits. Zoë" == agent.get(f"{url}/").body.decode()
    assert ["theme", "session", "session.sig"] == [
        each.partition("=")[0] for each in response.set_cookie
    ]
    assert all(("; secure" in each) == (scheme == "https") for each in response.set_cookie[1:])
    assert ["Cookie"] == response.all("Vary")

    agent.get(f"{url}/forget")
    assert b"1 visits. " == agent.get(f"{url}/").body


def test_a_worker_and_a_server_share_a_session(edge: str) -> None:
    agent, sessions = UserAgent(), CookieSession(keys=KEYS)
    for name, value in sessions.encode({"visits": 7}).items():
        agent.jar.store(f"{name}={value}; path=/", edge, now=0)

    assert b"8 visits. " == agent.get(f"{edge}/worker/").body
    assert {"visits": 8} == sessions.decode(agent.jar.header(edge, now=0))


def test_a_session_too_large_is_an_error_and_the_client_keeps_the_old_one(edge: str) -> None:
    agent = UserAgent()
    agent.get(f"{edge}/worker/")

    response = agent.request("POST", f"{edge}/worker/note", body=b"x" * 4000)

    assert (500, []) == (response.status, response.set_cookie)
    assert b"2 visits. " == agent.get(f"{edge}/worker/").body

"""The page on operations: the log lines of the code, and the metrics in real applications."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

import cookiesession_adapters
from cookiesession_adapters import _ends, asgi, wsgi
from cookiesession_core import CookieSession, CookieTooLargeError, Outcome, Written, log
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.servers import ROOT

REPORTS = ("end_request", "report_uncommitted", "report_unsent", "self.end", "self._end")
"""The functions that take the reason why a request has no response."""
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table in a section, without its head."""
    section = PAGE.split(f"# {heading}\n")[1].split("\n#")[0]
    lines = re.findall(r"^\| .* \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


# --- log lines -------------------------------------------------------------------------------


def logged_lines() -> set[tuple[str, str]]:
    """Return the level and the text of each line that the core can log."""
    tree = ast.parse(Path(log.__file__).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        (call.func.attr.upper(), as_shown(ast.literal_eval(call.args[0])))
        for call in calls
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "_logger"
    }


def as_shown(text: str) -> str:
    return re.sub("(%s)+", "…", text.replace("cookie %r", "cookie 'session'").replace("%r", "…"))


def test_the_page_has_each_line_that_is_logged() -> None:
    said = {(level, line.strip("`")) for level, line, _cause, _remedy in rows("All lines")}

    assert logged_lines() == said


def test_no_other_module_logs() -> None:
    files = (ROOT / "src").rglob("*.py")

    assert ["log.py"] == [
        path.name for path in files if "import logging" in path.read_text("utf-8")
    ]


def test_the_page_has_each_reason_for_a_request_without_a_response() -> None:
    folder = Path(str(cookiesession_adapters.__file__)).parent
    reasons: set[tuple[str, str]] = set()
    for adapter in ("wsgi", "asgi", "aiohttp", "tornado"):
        tree = ast.parse((folder / f"{adapter}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in REPORTS and node.args:
                reason = node.args[-1]
                if isinstance(reason, ast.Name) and hasattr(_ends, reason.id):
                    reason = ast.Constant(getattr(_ends, reason.id))
                texts = [each for each in ast.walk(reason) if isinstance(each, ast.Constant)]
                reasons |= {(adapter, str(each.value)) for each in texts}
    said = {
        (adapter.strip().lower(), reason.strip("`"))
        for reason, adapters in rows("Requests without a response")
        for adapter in adapters.partition(":")[0].split(",")
    }

    assert reasons == said


def test_the_page_has_each_outcome_that_is_logged() -> None:
    said = [row[0].strip("`") for row in rows("Outcomes")]

    assert {*said, "LOADED", "ABSENT"} == {outcome.name for outcome in Outcome}
    assert len(said) == len(set(said))


# --- metrics ---------------------------------------------------------------------------------


@pytest.fixture
def metrics() -> Iterator[dict[str, Any]]:
    """The module on the page."""
    shown: dict[str, Any] = {}
    exec(PAGE.split('title="metrics.py" }\n')[1].split("```")[0], shown)
    yield shown
    for name in ("SESSIONS", "KEYS_IN_USE"):
        REGISTRY.unregister(shown[name])


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


Ask = Callable[[str, str], object]
"""Sends a request with an act of the application and a Cookie header."""


def a_wsgi_site(sessions: CookieSession) -> Ask:
    app = Flask("shop")

    @app.get("/<act>")
    def view(act: str) -> str:
        return acts(act, lambda: wsgi.get_session(request))

    app.wsgi_app = wsgi.CookieSessionMiddleware(app.wsgi_app, sessions)  # type: ignore[method-assign]
    client = app.test_client(use_cookies=False)

    def ask(act: str, cookies: str) -> None:
        with suppress(CookieTooLargeError):  # this client raises what the middleware raises
            client.get(f"/{act}", headers={"Cookie": cookies}, buffered=True)

    return ask


def an_asgi_site(sessions: CookieSession) -> Ask:
    async def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(acts(request.path_params["act"], lambda: request.session))

    app = Starlette(routes=[Route("/{act}", view)])
    app.add_middleware(asgi.CookieSessionMiddleware, sessions=sessions)
    client = TestClient(app, raise_server_exceptions=False)
    return lambda act, cookies: client.get(f"/{act}", headers={"Cookie": cookies})


def acts(act: str, get: Callable[[], Any]) -> str:
    if act == "read":
        get().get("user")
    elif act == "write":
        get()["user"] = 8
    elif act == "too-large":
        get()["user"] = "x" * 5000
    elif act == "log-out":
        get().destroy()
    return "fine"


@pytest.mark.parametrize("site", [a_wsgi_site, an_asgi_site])
def test_the_counters_tell_outcome_written_and_key(
    site: Callable[[CookieSession], Ask], metrics: dict[str, Any]
) -> None:
    ask = site(CookieSession(keys=KEYS, observe=metrics["observe"]))
    new, old, foreign = (
        CookieSession(keys=[key]).cookie_header({"user": 7}) for key in (NEWEST, OLDER, OTHER)
    )
    requests = [
        ("read", new, Outcome.LOADED, Written.NOTHING),
        ("read", old, Outcome.LOADED, Written.RESIGNED),
        ("write", new, Outcome.LOADED, Written.SAVED),
        ("write", foreign, Outcome.BAD_SIGNATURE, Written.SAVED),
        ("too-large", new, Outcome.LOADED, Written.REFUSED),
        ("log-out", old, Outcome.LOADED, Written.EXPIRED),
        ("read", "", Outcome.ABSENT, Written.NOTHING),
    ]
    for act, cookies, _, _ in requests:
        ask(act, cookies)
    ask("nothing", new)

    for _, _, outcome, written in requests:
        assert 1 == count("sessions_total", outcome=outcome.name, written=written.name)
    assert (3, 2) == (
        count("session_keys_total", key_index="0"),
        count("session_keys_total", key_index="1"),
    )
    named = set(re.findall(r"`(\w+_total)`", PAGE))
    assert named == {
        sample.name
        for metric in REGISTRY.collect()
        if metric.name in ("sessions", "session_keys")
        for sample in metric.samples
        if sample.name.endswith("_total")
    }


def test_the_values_of_labels_on_the_page_are_names_of_the_library() -> None:
    labels = dict.fromkeys(re.findall(r'(outcome|written)="(\w+)"', PAGE))

    assert len(labels) > 3
    for label, value in labels:
        assert value in (Outcome if label == "outcome" else Written).__members__

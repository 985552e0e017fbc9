"""One suite for every adapter, for the core alone, and for the original."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import logging
import queue
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import attrs
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from cookiesession_adapters.formats.iron_session import IronSession
from tests.node import express
from tests.support.servers import LOG_LIMIT, ROOT
from tests.support.targets import Feature, Setup, Target
from tests.support.user_agent import Response, UserAgent

from .cases import ANYTHING, CASES, Answer, Case, Exchange
from .matrix import ADAPTERS, PROPERTY, SLOTS, TARGETS, chosen, matrix
from .script import HEADER, Script

Serve = Callable[[Target, Setup], str]
Logged = queue.SimpleQueue[str]
"""The warnings and errors of the library, in their order."""


@pytest.fixture
def logged() -> Iterator[Logged]:
    """Give the lines that the library logs in this test."""
    lines: Logged = queue.SimpleQueue()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.put(record.getMessage())

    handler = Handler(logging.WARNING)
    logging.getLogger("cookiesession").addHandler(handler)
    yield lines
    logging.getLogger("cookiesession").removeHandler(handler)


@pytest.fixture(scope="module")
def serve(request: pytest.FixtureRequest) -> Iterator[Serve]:
    """Give the URL of a target with some sessions: started on demand, kept for this module."""
    started: dict[tuple[str, Setup], str] = {}
    with contextlib.ExitStack() as stack:

        def serve(target: Target, setup: Setup) -> str:
            if target is express.TARGET:
                request.getfixturevalue("node")
            key = (target.name, setup)
            if key not in started:
                started[key] = stack.enter_context(target.serve(setup))
            return started[key]

        yield serve


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each target the cases that it can do: our targets, or those of ``--target``."""
    if "target" not in metafunc.fixturenames:
        return
    targets, cases = chosen(metafunc.config) or TARGETS, CASES
    if metafunc.function is test_a_target_does_the_same_with_sessions_of_iron_session:
        targets = tuple(target for target in targets if target is not express.TARGET)
        cases = tuple(filter(None, map(sealed, CASES)))
    applicable = [
        pytest.param(target, case, id=f"{target.name}: {case.name}")
        for target in targets
        for case in cases
        if case.needs <= target.features
    ]
    metafunc.parametrize(("target", "case"), applicable)


def test_a_target_answers_as_the_case_says(
    target: Target,
    case: Case,
    serve: Serve,
    logged: Logged,
    record_property: Callable[[str, object], None],
) -> None:
    record_property(PROPERTY, (case.name, target.name))
    url = serve(target, case.setup)
    if case.visitors == 1:
        compare_logs(follow(case, target, url, ""), logged)
    else:
        with ThreadPoolExecutor(20) as pool:
            for done in [
                pool.submit(follow, case, target, url, f"visitor {n}") for n in range(case.visitors)
            ]:
                done.result()


PLAIN = {"secure": None, "same_site": None, "max_age": None}
"""The attributes of the signed pair."""


@cache
def iron(keys: tuple[str, ...]) -> IronSession:
    """Return the format whose passwords are these keys, newest first."""
    return IronSession(dict(enumerate(reversed(keys), 1)))


def sealed_options(given: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
    """Return the options of a case for sessions of iron-session."""
    options = dict(given)
    options.pop("signed", None)
    return tuple({**PLAIN, "format": iron(options.pop("keys")), **options}.items())


def sealed(case: Case) -> Case | None:
    """Return a case for sessions of iron-session; ``None`` if it sends cookies of its own."""
    exchanges = []
    for exchange in case.exchanges:
        reply = exchange.script.reply
        given = [value for name, value in reply.headers if name == "Set-Cookie"]
        own = exchange.header or "".join(value for value in given if value.startswith("session"))
        cookies = exchange.answer.cookies
        if own or "session.sig" in reply.deletes:
            return None
        kept = type(cookies)(each for each in cookies if ".sig" not in each.partition(";")[0])
        answer = attrs.evolve(exchange.answer, cookies=kept)
        exchanges.append(attrs.evolve(exchange, answer=answer))
    second = case.setup.second and sealed_options(case.setup.second)
    setup = attrs.evolve(case.setup, options=sealed_options(case.setup.options), second=second)
    return attrs.evolve(case, exchanges=tuple(exchanges), setup=setup)


def test_a_target_does_the_same_with_sessions_of_iron_session(
    target: Target, case: Case, serve: Serve, logged: Logged
) -> None:
    test_a_target_answers_as_the_case_says(target, case, serve, logged, lambda *_: None)


def follow(case: Case, target: Target, url: str, visitor: str) -> list[str]:
    """Go through the exchanges of one visitor; return the lines that the library must log."""
    agent = UserAgent(timeout=30)
    lines: list[str] = []
    for number, exchange in enumerate(case.exchanges, 1):
        asked = naming(visitor, exchange)
        expected = asked.node if target.name == "Express" else asked.answer
        if expected.logged and Feature.REPORTS in target.features:
            lines.append(expected.logged)
        response = send(agent, url, asked)
        compare(expected, response, target, f"in exchange {number}, {asked.script}")
    return lines


def naming(visitor: str, exchange: Exchange) -> Exchange:
    """Put the visitor's name into the requests and into the expected responses."""
    if not visitor:
        return exchange
    named = json.loads(json.dumps(attrs.asdict(exchange)).replace("$n", visitor))
    asked = Script.load(base64.urlsafe_b64encode(json.dumps(named["script"]).encode()).decode())
    results = tuple(named["answer"]["results"])
    answer = attrs.evolve(exchange.answer, results=results)
    return attrs.evolve(exchange, script=asked, answer=answer, node=answer)


def compare(expected: Answer, response: Response, target: Target, where: str) -> None:
    """Assert that a response is the expected one."""
    assert expected.status == response.status, where
    cookies = type(expected.cookies)(summary(line) for line in response.set_cookie)
    assert expected.cookies == cookies, where
    is_bare = expected.status >= 500 and Feature.FAILURE not in target.features
    if Feature.VARY in target.features and expected.vary is not None and not is_bare:
        assert list(expected.vary) == response.all("Vary"), where
    if expected.body is None:
        assert list(expected.results) == json.loads(response.body), where
    elif expected.body is not ANYTHING:
        assert expected.body == response.body.decode(), where


def compare_logs(expected: list[str], logged: Logged) -> None:
    """Assert that the library logs the expected lines, and nothing else.

    Some servers end a request after its last byte is sent, so the last line may come later.
    """
    for part in expected:
        try:
            line = logged.get(timeout=LOG_LIMIT)
        except queue.Empty:
            pytest.fail(f"not logged: {part!r}. Does the adapter call end_request?")
        assert part in line
    assert logged.empty()


def send(agent: UserAgent, url: str, exchange: Exchange) -> Response:
    """Send a request and take the cookies of the response."""
    headers = [(HEADER, exchange.script.dump())]
    if exchange.header is not None:
        headers.append(("Cookie", exchange.header))
    if exchange.websocket:
        return shake_hands(agent, url, headers)
    if exchange.https:
        url = url.replace("http:", "https:")
    try:
        return agent.request(exchange.method, url, headers, maximum=10 if exchange.leaves else None)
    except http.client.RemoteDisconnected:
        return Response(500, [], b"")  # no response, where another server has an error page


def shake_hands(agent: UserAgent, url: str, headers: list[tuple[str, str]]) -> Response:
    """Open a WebSocket; the body of the response are its messages."""
    cookies = agent.jar.header(url, now=agent.clock())
    if cookies is not None:
        headers.append(("Cookie", cookies))
    body = b""
    try:
        with connect(url.replace("http:", "ws:"), additional_headers=headers) as socket:
            answer = socket.response
            body = "".join(str(message) for message in socket).encode()
    except InvalidStatus as refused:
        answer = refused.response
        body = bytes(answer.body or b"")
    assert answer is not None
    response = Response(answer.status_code, list(answer.headers.raw_items()), body)
    agent.take(url, response)
    return response


def summary(line: str) -> str:
    """Return a Set-Cookie value; a session's cookie is reduced to its unusual parts."""
    deleted = re.match(r'([\w.]+)=(?:|"");(?!.*httponly)', line)
    if deleted:  # each framework has its own text
        return f"deleted {deleted[1]}"
    match = re.fullmatch(r"((?:session|other)(?:\.sig)?)=[^;]*((?:; .*)?)", line)
    if match is None:
        return line
    name, attributes = match.groups()
    gone = "; expires=Thu, 01 Jan 1970 00:00:00 GMT"
    if gone in attributes:
        name, attributes = f"-{name}", attributes.replace(gone, "")
    attributes = re.sub("expires=[^;]*", "expires=*", attributes)
    return name if attributes == "; path=/; httponly" else name + attributes


def test_the_documentation_shows_the_matrix_of_the_targets() -> None:
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")

    assert matrix(ADAPTERS) in page
    assert not SLOTS or matrix(SLOTS) in page


@pytest.mark.parametrize("case", [case for case in CASES if case.deviation], ids=lambda it: it.name)
def test_deviations_are_documented_and_seen_at_express(case: Case) -> None:
    page = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")

    assert str(case.deviation) in page
    assert [exchange for exchange in case.exchanges if exchange.node != exchange.answer]


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.deviation], ids=lambda it: it.name
)
def test_only_deviations_differ_at_express(case: Case) -> None:
    assert [] == [exchange for exchange in case.exchanges if exchange.node != exchange.answer]

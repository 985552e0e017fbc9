"""Parallel requests of one visitor: at real servers, and in the tables of the documentation."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest
from waitress.server import create_server

from cookiesession_adapters import asgi, wsgi
from cookiesession_core import CookieSession, Session
from tests.concurrency.simulation import TABLES
from tests.support.asgi import serving
from tests.support.keys import KEYS, OTHER
from tests.support.servers import ROOT
from tests.support.targets import listening, serving_in_a_thread
from tests.support.user_agent import Response, UserAgent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PARALLEL = 6
WRITERS = ("one", "two")
LIMIT = 30
"""A request waits so many seconds for the others, then it fails."""

Serve = Callable[[CookieSession], AbstractContextManager[str]]


def act(session: Session, query: str) -> str:
    """Do as the query says, and return the contents of the session afterwards."""
    if query == "destroy":
        session.destroy()
    elif query != "read":
        session["last"] = query
        session["count"] = session.get("count", 0) + 1
    return json.dumps(dict(session))


@contextlib.contextmanager
def under_threads(sessions: CookieSession) -> Iterator[str]:
    """Serve with threads; no response leaves before all requests have read their session."""
    barrier = threading.Barrier(PARALLEL)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        session = wsgi.get_session(environ)
        body = act(session, environ["QUERY_STRING"])
        if environ["PATH_INFO"] == "/together":
            barrier.wait(LIMIT)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body.encode()]

    with listening() as (listener, url):
        wrapped = wsgi.CookieSessionMiddleware(app, sessions)
        server = create_server(wrapped, sockets=[listener], map={}, threads=PARALLEL)

        def stop() -> None:
            server.task_dispatcher.shutdown()
            server.trigger.pull_trigger(server.close)

        with serving_in_a_thread(server.run, stop):
            yield url


def under_a_loop(sessions: CookieSession) -> AbstractContextManager[str]:
    """Serve with an event loop; no response leaves before all requests have read their session."""
    arrived = 0
    everybody = asyncio.Event()

    async def app(scope: Mapping[str, Any], _receive: object, send: Any) -> None:
        nonlocal arrived
        body = act(asgi.get_session(scope), scope["query_string"].decode())
        if scope["path"] == "/together":
            arrived += 1
            if arrived == PARALLEL:
                everybody.set()
            await asyncio.wait_for(everybody.wait(), LIMIT)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body.encode()})

    return serving(asgi.CookieSessionMiddleware(app, sessions), lifespan="off")


def together(agent: UserAgent, url: str, queries: tuple[str, ...]) -> list[tuple[str, Response]]:
    """Send requests at once from one cookie jar, which takes the responses as they come."""
    answers: list[tuple[str, Response]] = []
    lock = threading.Lock()

    def ask(query: str) -> None:
        response = agent.copy().get(f"{url}/together?{query}")
        with lock:
            agent.take(url, response)
            answers.append((query, response))

    with ThreadPoolExecutor(PARALLEL) as pool:
        for done in [pool.submit(ask, query) for query in queries]:
            done.result()
    return answers


@pytest.mark.parametrize("serve", [under_threads, under_a_loop], ids=["threads", "event loop"])
def test_the_last_writer_wins_and_readers_change_nothing(serve: Serve) -> None:
    agent = UserAgent(timeout=LIMIT)
    with serve(CookieSession(keys=KEYS)) as url:
        agent.get(f"{url}/?first")
        answers = together(agent, url, (*WRITERS, *["read"] * (PARALLEL - len(WRITERS))))
        after = agent.get(f"{url}/?read").json()

    assert [[]] * 4 == [response.set_cookie for query, response in answers if query == "read"]
    assert all(
        response.json() == {"last": "first", "count": 1}
        for query, response in answers
        if query == "read"
    )
    last = [query for query, _ in answers if query in WRITERS][-1]
    # Both requests have counted from the same number, so one count is lost.
    assert {"last": last, "count": 2} == after


@pytest.mark.parametrize("serve", [under_threads, under_a_loop], ids=["threads", "event loop"])
def test_a_log_out_among_readers_is_final(serve: Serve) -> None:
    agent = UserAgent(timeout=LIMIT)
    with serve(CookieSession(keys=KEYS, max_age=3600)) as url:
        agent.get(f"{url}/?first")
        together(agent, url, ("destroy", *["read"] * (PARALLEL - 1)))

        assert {} == agent.get(f"{url}/?read").json()


@pytest.mark.parametrize("serve", [under_threads, under_a_loop], ids=["threads", "event loop"])
def test_a_new_session_survives_slower_readers_with_a_bad_signature(serve: Serve) -> None:
    agent = UserAgent(timeout=LIMIT)
    with serve(CookieSession(keys=[OTHER])) as url:
        agent.get(f"{url}/?first")
    with serve(CookieSession(keys=KEYS)) as url:
        answers = together(agent, url, ("one", *["read"] * (PARALLEL - 1)))
        after = agent.get(f"{url}/?read").json()

    assert [[]] * 5 == [response.set_cookie for query, response in answers if query == "read"]
    assert {"last": "one", "count": 1} == after


def test_the_documentation_shows_the_tables_of_the_simulation() -> None:
    page = (ROOT / "docs" / "concurrency.md").read_text(encoding="utf-8")

    for make in TABLES:
        assert make() in page

"""The WSGI and the ASGI adapter around ten frameworks, under five servers.

Flask and Quart have the session in their own place for sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import PYTHON, Server, running
from tests.support.user_agent import UserAgent

SERVERS = {
    "gunicorn": ("gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}"),
    "waitress": ("waitress", "--listen=127.0.0.1:{port}"),
    "uvicorn": ("uvicorn", "--port={port}"),
    "hypercorn": ("hypercorn", "--bind=127.0.0.1:{port}"),
    "granian": ("granian", "--interface=asgi", "--port={port}"),
}
WSGI = ("bottle", "django", "falcon", "flask", "pyramid")
ASGI = ("django_asgi", "fastapi", "litestar", "quart", "starlette")
PAIRS = [
    *((framework, server) for framework in WSGI for server in ("gunicorn", "waitress")),
    *((framework, server) for framework in ASGI for server in ("uvicorn", "hypercorn", "granian")),
]


@pytest.fixture(scope="module", params=PAIRS, ids=" under ".join)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    framework, server = request.param
    application = f"tests.live.frameworks.{framework}_app:application"
    with running([PYTHON, "-m", *SERVERS[server], application]) as started:
        yield started


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def test_every_framework_is_tested() -> None:
    apps = (Path(__file__).parent / "frameworks").glob("*_app.py")

    assert sorted([*WSGI, *ASGI]) == sorted(app.stem.removesuffix("_app") for app in apps)


def test_it_counts_the_views_of_each_visitor(server: Server, agent: UserAgent) -> None:
    stranger = UserAgent()

    assert [b"1", b"2", b"3"] == [agent.get(f"{server.url}/count").body for _ in range(3)]
    assert b"1" == stranger.get(f"{server.url}/count").body


def test_an_untouched_session_leaves_the_response_alone(server: Server, agent: UserAgent) -> None:
    agent.get(f"{server.url}/count")
    response = agent.get(f"{server.url}/untouched")

    assert (b"hello", [], []) == (response.body, response.set_cookie, response.all("Vary"))


def test_reading_sends_no_cookie_and_varies(server: Server, agent: UserAgent) -> None:
    agent.get(f"{server.url}/redirect")
    response = agent.get(f"{server.url}/user")

    assert ("Zoë", []) == (response.body.decode(), response.set_cookie)
    assert ["Cookie"] == response.all("Vary")


@pytest.mark.parametrize(
    ("route", "statuses", "user"),
    [
        ("redirect", {302, 303}, "Zoë"),
        ("stream", {200}, "of a stream"),
        ("fail", {500}, "of a failed request"),
        ("cookies", {200}, "with other cookies"),
    ],
)
def test_every_kind_of_response_carries_the_session(
    server: Server, agent: UserAgent, route: str, statuses: set[int], user: str
) -> None:
    assert agent.get(f"{server.url}/{route}").status in statuses
    assert user == agent.get(f"{server.url}/user").body.decode()


def test_the_cookies_of_the_application_are_kept(server: Server, agent: UserAgent) -> None:
    set_cookies = agent.get(f"{server.url}/cookies").set_cookie

    names = [each.partition("=")[0] for each in set_cookies]
    assert {"theme", "language"} == set(names[:2])
    assert ["session", "session.sig"] == names[2:]


def test_a_session_too_large_is_an_error_and_the_client_keeps_the_old_one(
    server: Server, agent: UserAgent
) -> None:
    agent.get(f"{server.url}/redirect")
    response = agent.get(f"{server.url}/too-large")

    assert (500, []) == (response.status, response.set_cookie)
    assert server.writes("CookieTooLargeError")
    assert "Zoë" == agent.get(f"{server.url}/user").body.decode()


def test_destroying_removes_the_cookies(server: Server, agent: UserAgent) -> None:
    agent.get(f"{server.url}/redirect")
    agent.get(f"{server.url}/destroy")

    assert b"None" == agent.get(f"{server.url}/user").body

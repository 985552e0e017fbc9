"""Rules of the aiohttp adapter beyond the conformance suite, under aiohttp's own server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp.typedefs import Handler
from typing_extensions import TypedDict

from cookiesession_adapters.aiohttp import get_session, setup
from cookiesession_core import ConfigurationError, CookieSession
from tests.support.keys import KEYS
from tests.support.targets import serving_in_a_loop
from tests.support.user_agent import UserAgent

sessions = CookieSession(keys=KEYS)
Serve = Callable[[web.Application], str]


class Contents(TypedDict, total=False):
    """The contents of a session."""

    user: int


def serving(app: web.Application) -> AbstractContextManager[str]:
    @contextlib.asynccontextmanager
    async def application(listener: socket.socket) -> AsyncIterator[None]:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield
        await runner.cleanup()

    return serving_in_a_loop(application)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


async def read(request: web.Request) -> web.Response:
    return web.json_response(dict(get_session(request)))


async def raise_a_redirect(request: web.Request) -> web.Response:
    get_session(request)["user"] = 7
    raise web.HTTPFound(location="/")


def application(*routes: web.RouteDef) -> web.Application:
    app = web.Application()
    setup(app, sessions)
    app.router.add_get("/", read)
    app.router.add_routes(routes)
    return app


def test_a_response_raised_as_an_exception_carries_the_session(
    serve: Serve, agent: UserAgent
) -> None:
    url = serve(application(web.get("/login", raise_a_redirect)))

    assert 302 == agent.get(f"{url}/login").status
    assert {"user": 7} == agent.get(url).json()


def test_a_file_carries_the_session(serve: Serve, agent: UserAgent) -> None:
    async def send_file(request: web.Request) -> web.FileResponse:
        get_session(request)["user"] = 7
        return web.FileResponse(Path(__file__))

    url = serve(application(web.get("/file", send_file)))

    assert Path(__file__).read_bytes() == agent.get(f"{url}/file").body
    assert {"user": 7} == agent.get(url).json()


def test_the_frameworks_own_cookies_are_kept_in_order_and_ours_come_last(
    serve: Serve, agent: UserAgent
) -> None:
    async def set_cookies(request: web.Request) -> web.Response:
        get_session(request)["user"] = 7
        response = web.Response()
        response.set_cookie("a", "1")
        response.set_cookie("session", "overwritten")
        response.set_cookie("b", "2")
        return response

    url = serve(application(web.get("/cookies", set_cookies)))
    names = [value.partition("=")[0] for value in agent.get(f"{url}/cookies").set_cookie]

    assert ["a", "b", "session", "session.sig"] == names
    assert {"user": 7} == agent.get(url).json()


def test_a_response_of_a_middleware_carries_the_session(serve: Serve, agent: UserAgent) -> None:
    @web.middleware
    async def sorry(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except LookupError:
            return web.Response(text="sorry", status=500)

    async def fail(request: web.Request) -> web.Response:
        get_session(request)["user"] = 7
        raise LookupError

    app = web.Application(middlewares=[sorry])
    setup(app, sessions)
    app.router.add_routes([web.get("/", read), web.get("/fail", fail)])
    url = serve(app)

    assert b"sorry" == agent.get(f"{url}/fail").body
    assert {"user": 7} == agent.get(url).json()


def test_a_response_before_the_session_is_opened_is_left_alone(
    serve: Serve, agent: UserAgent
) -> None:
    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:  # noqa: ARG001
        return web.Response(text="not today", status=403)

    app = web.Application(middlewares=[refuse])
    setup(app, sessions)
    response = agent.get(serve(app))

    assert (403, [], []) == (response.status, response.set_cookie, response.all("Vary"))


def test_a_write_lost_with_a_cancelled_handler_is_reported(
    serve: Serve, agent: UserAgent, caplog: pytest.LogCaptureFixture
) -> None:
    async def cancel(request: web.Request) -> web.Response:
        get_session(request)["user"] = 7
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.Event().wait()
        raise AssertionError

    url = serve(application(web.get("/cancel", cancel)))
    with pytest.raises(ConnectionError):
        agent.get(f"{url}/cancel")

    said = (
        "the session cookie 'session' was not sent: the handler was cancelled before any response"
    )
    assert [("cookiesession", logging.ERROR, said)] == caplog.record_tuples


def test_a_request_that_matches_no_route_has_a_session_too(serve: Serve, agent: UserAgent) -> None:
    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        get_session(request)["requests"] = get_session(request).get("requests", 0) + 1
        return await handler(request)

    app = web.Application()
    setup(app, sessions)
    app.middlewares.append(count)
    app.router.add_get("/", read)
    url = serve(app)

    assert 404 == agent.get(f"{url}/missing").status
    assert {"requests": 2} == agent.get(url).json()


def test_sub_applications_share_the_session(serve: Serve, agent: UserAgent) -> None:
    child = web.Application()
    child.router.add_get("/login", raise_a_redirect)
    app = application()
    app.add_subapp("/child/", child)
    url = serve(app)

    agent.get(f"{url}/child/login")

    assert {"user": 7} == agent.get(url).json()


@pytest.mark.parametrize("name", ["session", "child"])
def test_a_sub_application_may_have_a_session_of_its_own(
    serve: Serve, agent: UserAgent, name: str
) -> None:
    child = web.Application()
    setup(child, keys=KEYS, name=name)
    child.router.add_get("/login", raise_a_redirect)
    child.router.add_get("/", read)
    app = application()
    app.add_subapp("/child/", child)
    url = serve(app)

    values = agent.get(f"{url}/child/login").set_cookie

    assert [name, f"{name}.sig"] == [value.partition("=")[0] for value in values]
    assert {"user": 7} == agent.get(f"{url}/child/").json()


def test_a_typed_session_is_the_session_itself(serve: Serve, agent: UserAgent) -> None:
    async def write(request: web.Request) -> web.Response:
        typed = get_session(request, of=Contents)
        typed["user"] = 7
        named: object = get_session(request, "session", of=Contents)
        return web.json_response(typed is named is get_session(request))

    url = serve(application(web.get("/write", write)))

    assert agent.get(f"{url}/write").json() is True
    assert {"user": 7} == agent.get(url).json()


def test_wrong_arguments_fail_at_once() -> None:
    with pytest.raises(ConfigurationError, match="is required"):
        setup(web.Application())
    with pytest.raises(ConfigurationError, match="options beside a ready-made"):
        setup(web.Application(), sessions, name="my")


def test_without_setup_there_is_no_session() -> None:
    with pytest.raises(ConfigurationError, match=r"call setup\(app, ...\) first"):
        get_session(make_mocked_request("GET", "/"))

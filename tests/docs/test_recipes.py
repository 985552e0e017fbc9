"""The recipes of the pages on frameworks, with the real packages."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from typing import Annotated, Any

import falcon.asgi
import falcon.testing
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketHandler
from websockets.sync.client import connect

from cookiesession_adapters import asgi
from cookiesession_core import CookieSession
from tests.support.keys import KEYS
from tests.support.servers import ROOT
from tests.support.targets import serving_in_a_loop
from tests.support.user_agent import Response, UserAgent

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def shown(page: str) -> dict[str, Any]:
    """Run the blocks of a page, and return the names that they define."""
    names: dict[str, Any] = {}
    for block in BLOCK.findall((ROOT / "docs" / "frameworks" / page).read_text("utf-8")):
        exec(block, names)
    return names


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def submit(agent: UserAgent, url: str, form: bytes) -> Response:
    """Submit a form as a browser does."""
    return agent.request("POST", url, FORM, form)


# --- FastAPI ---------------------------------------------------------------------------------


def test_fastapi_takes_get_session_for_a_function_of_the_query() -> None:
    app = FastAPI()
    app.add_middleware(asgi.CookieSessionMiddleware, keys=KEYS)

    @app.get("/")
    async def home(session: Annotated[Any, Depends(asgi.get_session)]) -> str:
        return str(session)

    assert 422 == TestClient(app).get("/").status_code


# --- Tornado ---------------------------------------------------------------------------------


def serving(app: Application) -> contextlib.AbstractContextManager[str]:
    """Serve an application of Tornado; gives the URL."""

    @contextlib.asynccontextmanager
    async def application(listener: socket.socket) -> AsyncIterator[None]:
        server = HTTPServer(app)
        server.add_sockets([listener])
        yield
        server.stop()
        await server.close_all_connections()

    return serving_in_a_loop(application)


def test_tornado_knows_the_user_of_the_session_until_the_log_out(agent: UserAgent) -> None:
    with serving(shown("tornado.md")["app"]) as url:
        refused = agent.get(f"{url}/account")
        logged_in = submit(agent, f"{url}/log-in", b"user=ada")
        account = agent.get(f"{url}/account")
        logged_out = agent.post(f"{url}/log-out")
        refused_again = agent.get(f"{url}/account")

    assert ["/log-in?next=%2Faccount"] == refused.all("Location") == refused_again.all("Location")
    assert ["/account"] == logged_in.all("Location")
    assert b"the account of ada" == account.body
    assert ["/log-in"] == logged_out.all("Location")


def test_tornado_answers_403_to_other_methods_without_a_user(agent: UserAgent) -> None:
    page = shown("tornado.md")

    change = type("Change", (page["Account"],), {"post": page["Account"].get})
    page["app"].add_handlers(".*", [("/change", change)])
    with serving(page["app"]) as url:
        status = agent.post(f"{url}/change").status
        submit(agent, f"{url}/log-in", b"user=ada")

        assert (403, 200) == (status, agent.post(f"{url}/change").status)


def test_the_mixin_of_tornado_works_in_a_websocket() -> None:
    page = shown("tornado.md")

    async def say(self: Any) -> None:
        await self.write_message(f"{self.current_user}, {self.session['user']}")
        self.close()

    handler = type("Say", (page["SessionMixin"], WebSocketHandler), {"open": say})
    page["app"].add_handlers(".*", [("/say", handler)])
    visitor = {"Cookie": page["sessions"].cookie_header({"user": "ada"})}

    with (
        serving(page["app"]) as url,
        connect(f"ws{url.removeprefix('http')}/say", additional_headers=visitor) as connection,
    ):
        assert "ada, ada" == connection.recv()


# --- Bottle ----------------------------------------------------------------------------------


def test_the_plugin_of_bottle_leaves_other_views_alone() -> None:
    page = shown("bottle.md")

    @page["app"].get("/plain/<word>")  # type: ignore[untyped-decorator]
    def plain(word: str) -> str:
        return word

    response = page["client"].get("/plain/tea")

    assert ("tea", []) == (response.text, response.headers.getall("Vary"))


def test_the_plugin_of_bottle_does_not_read_the_session() -> None:
    page = shown("bottle.md")

    @page["app"].get("/untouched/<word>")  # type: ignore[untyped-decorator]
    def untouched(word: str, session: object) -> str:
        return f"{word} {type(session).__name__}"

    response = page["client"].get("/untouched/tea")

    assert ("tea Session", []) == (response.text, response.headers.getall("Vary"))


# --- Falcon ----------------------------------------------------------------------------------


def test_a_middleware_of_falcon_under_asgi_gives_the_session_to_requests_and_websockets() -> None:
    seen = []

    class Home:
        async def on_get(self, req: Any, _resp: Any) -> None:
            seen.append(req.context.session["user"])

        async def on_websocket(self, req: Any, ws: Any) -> None:
            seen.append(req.context.session["user"])
            await ws.accept()

    app = falcon.asgi.App(middleware=[shown("falcon.md")["AsyncSessionContext"]()])
    app.add_route("/", Home())
    sessions = CookieSession(keys=KEYS)
    visitor = {"Cookie": sessions.cookie_header({"user": "ada"})}
    wrapped = asgi.CookieSessionMiddleware(app, sessions)

    async def visit() -> None:
        async with falcon.testing.ASGIConductor(wrapped) as client:
            await client.simulate_get("/", headers=visitor)
            async with client.simulate_ws("/", headers=visitor):
                pass

    asyncio.run(visit())

    assert ["ada", "ada"] == seen

"""The example for Django Channels: by its own test client, and under two servers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.servers import PYTHON, ROOT, Server, running
from tests.support.user_agent import Response, UserAgent

EXAMPLE = ROOT / "examples" / "channels"
OPTIONS = {"uvicorn": ["--port={port}"], "daphne": ["--bind=127.0.0.1", "--port={port}"]}


@pytest.fixture(params=OPTIONS)
def name(request: pytest.FixtureRequest) -> str:
    server: str = request.param
    return server


@pytest.fixture
def server(name: str) -> Iterator[Server]:
    command = [PYTHON, "-m", name, *OPTIONS[name], "chat_app:application"]
    with running(command, cwd=EXAMPLE) as started:
        yield started


def chat(agent: UserAgent, server: Server, text: str) -> str | bytes:
    """Open a WebSocket as a browser does, with the cookies of the agent, and say something."""
    cookies = agent.jar.header(server.url, now=agent.clock())
    headers = {} if cookies is None else {"Cookie": cookies}
    with connect(f"ws://127.0.0.1:{server.port}/chat", additional_headers=headers) as socket:
        assert socket.response is not None
        handshake = Response(101, [*socket.response.headers.raw_items()], b"")
        agent.take(server.url, handshake)
        socket.send(text)
        return socket.recv()


ELSEWHERE = """
import asyncio
import sys

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import WebsocketCommunicator
from chat_app import application, sessions

from cookiesession_adapters.asgi import CookieSessionMiddleware


class WhoAmI(AsyncWebsocketConsumer):
    async def receive(self, text_data):
        await self.send(self.scope["session"]["user"])


async def visit(wrapped):
    headers = [(b"cookie", sessions.cookie_header({"user": "ada"}).encode())]
    app = CookieSessionMiddleware(wrapped, sessions)
    socket = WebsocketCommunicator(app, "/chat", headers=headers)
    await socket.connect()
    await socket.send_to("who am I?")
    print(await socket.receive_from())
    await socket.disconnect()


with_auth, without = application.app, WhoAmI.as_asgi()
asyncio.run(visit({"with auth": with_auth, "without": without}[sys.argv[1]]))
"""
"""The consumer finds our session in the place where Channels puts Django's."""


@pytest.mark.parametrize(
    ("application", "output"), [("with auth", "AttributeError"), ("without", "ada")]
)
def test_without_scope_key_none_our_session_is_in_the_place_of_djangos(
    application: str, output: str
) -> None:
    command = [PYTHON, "-c", ELSEWHERE, application]
    run = subprocess.run(command, cwd=EXAMPLE, capture_output=True, text=True, check=False)

    assert (run.returncode == 0) is (application == "without")
    assert output in run.stdout + run.stderr


@pytest.mark.parametrize(
    "test", ["test_the_chat_knows_its_visitor", "test_the_chat_refuses_strangers"]
)
def test_the_test_of_the_page_passes(test: str) -> None:
    """In a process of its own, because Django can be set up only once in a process."""
    subprocess.run([PYTHON, "-c", f"import test_chat as t; t.{test}()"], cwd=EXAMPLE, check=True)


def test_a_consumer_reads_the_session_of_an_ordinary_request(server: Server) -> None:
    agent = UserAgent()
    agent.post(f"{server.url}/log-in/ada")

    assert "ada: good morning" == chat(agent, server, "good morning")


def test_a_write_before_accept_is_sent_or_reported(server: Server, name: str) -> None:
    agent = UserAgent()
    agent.post(f"{server.url}/log-in/ada")
    chat(agent, server, "good morning")
    chat(agent, server, "good evening")

    visits = agent.get(server.url).body

    if name == "daphne":
        assert b"0" == visits
        assert server.writes("'session' was not sent: this server sends no headers")
    else:
        assert b"2" == visits


def test_a_stranger_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        chat(UserAgent(), server, "good morning")

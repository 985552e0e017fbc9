"""A login of Litestar's ``SessionAuth``, shared with a real Express application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from litestar import Litestar, Request, get, post
from litestar.connection import ASGIConnection
from litestar.security.session_auth import SessionAuth

from cookiesession_adapters.litestar import CookieSessionConfig
from tests.node.express import EXPRESS
from tests.support.asgi import serving
from tests.support.keys import KEYS
from tests.support.servers import running
from tests.support.user_agent import UserAgent

AnyRequest = Request[Any, Any, Any]


@attrs.frozen
class User:
    name: str


async def retrieve(
    session: Any, _connection: ASGIConnection[Any, Any, Any, Any]
) -> dict[str, Any] | None:
    user: dict[str, Any] | None = session.get("user")
    return user


@post("/log-in", exclude_from_auth=True)
async def log_in(request: AnyRequest) -> None:
    request.set_session({"user": User("Zoë")})


@post("/log-out")
async def log_out(request: AnyRequest) -> None:
    request.clear_session()


@get("/me")
async def me(request: AnyRequest) -> str:
    return str(request.user["name"])


@pytest.fixture(scope="module")
def litestar() -> Iterator[str]:
    config = CookieSessionConfig(keys=KEYS)
    auth = SessionAuth[Any, Any](retrieve_user_handler=retrieve, session_backend_config=config)
    app = Litestar([log_in, log_out, me], on_app_init=[auth.on_app_init], logging_config=None)
    with serving(app, lifespan="off") as url:
        yield url


@pytest.fixture(scope="module")
def express(node: str) -> Iterator[str]:
    options = {"algorithm": None, "encoding": None, "keys": KEYS}
    with running(
        [node, EXPRESS / "server.js", "{port}"], env={"SESSION_OPTIONS": json.dumps(options)}
    ) as server:
        yield server.url


def test_express_sees_a_log_in_of_litestar_and_ends_it(litestar: str, express: str) -> None:
    agent = UserAgent()

    agent.post(f"{litestar}/log-in")
    assert "Zoë" == agent.get(f"{litestar}/me").body.decode()
    assert {"user": {"name": "Zoë"}} == agent.get(f"{express}/read").json()["session"]

    agent.post(f"{express}/destroy")
    refused = agent.get(f"{litestar}/me")
    assert (401, []) == (refused.status, refused.set_cookie)


def test_litestar_sees_a_log_in_of_express_and_ends_it(litestar: str, express: str) -> None:
    agent = UserAgent()

    agent.post(f"{express}/set", {"user": {"name": "Ada"}})
    assert "Ada" == agent.get(f"{litestar}/me").body.decode()
    assert [] == agent.get(f"{litestar}/me").set_cookie

    agent.post(f"{litestar}/log-out")
    assert {} == agent.get(f"{express}/read").json()["session"]
    assert 401 == agent.get(f"{litestar}/me").status

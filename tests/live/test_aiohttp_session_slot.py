"""A login by aiohttp-security, beside Express with the real cookie-session."""

from __future__ import annotations

import json
from collections.abc import Iterator

import aiohttp_security
import pytest
from aiohttp import web
from aiohttp_security.abc import AbstractAuthorizationPolicy
from aiohttp_security.session_identity import SessionIdentityPolicy

from cookiesession_adapters.aiohttp_session import setup
from tests.node.express import EXPRESS
from tests.support.aiohttp import serving
from tests.support.keys import KEYS
from tests.support.servers import running
from tests.support.user_agent import UserAgent


class Users(AbstractAuthorizationPolicy):
    async def authorized_userid(self, identity: str) -> str:
        return identity

    async def permits(
        self, identity: str | None, permission: object, context: object = None
    ) -> bool:
        raise NotImplementedError


async def enter(request: web.Request) -> web.Response:
    response = web.Response()
    await aiohttp_security.remember(request, response, "ada")
    return response


async def who(request: web.Request) -> web.Response:
    return web.Response(text=str(await aiohttp_security.authorized_userid(request)))


async def leave(request: web.Request) -> web.Response:
    response = web.Response()
    await aiohttp_security.forget(request, response)
    return response


@pytest.fixture(scope="module")
def aiohttp() -> Iterator[str]:
    app = web.Application()
    setup(app, keys=KEYS)
    aiohttp_security.setup(app, SessionIdentityPolicy(), Users())
    for handler in (enter, who, leave):
        app.router.add_get(f"/{handler.__name__}", handler)
    with serving(app) as url:
        yield url


@pytest.fixture(scope="module")
def express(node: str) -> Iterator[str]:
    env = {"SESSION_OPTIONS": json.dumps({"keys": KEYS})}
    with running([node, EXPRESS / "server.js", "{port}"], env=env) as server:
        yield server.url


def test_a_log_in_of_aiohttp_security_is_seen_by_express_and_ended_there(
    aiohttp: str, express: str
) -> None:
    agent = UserAgent()
    agent.get(f"{aiohttp}/enter")

    seen = json.loads(agent.get(f"{express}/count").body)["session"]
    assert {"AIOHTTP_SECURITY": "ada", "views": 1} == seen
    assert b"ada" == agent.get(f"{aiohttp}/who").body
    agent.post(f"{express}/destroy")
    assert b"None" == agent.get(f"{aiohttp}/who").body


def test_a_log_in_of_express_is_seen_by_aiohttp_security_and_ended_there(
    aiohttp: str, express: str
) -> None:
    agent = UserAgent()
    agent.post(f"{express}/set", {"AIOHTTP_SECURITY": "ada"})

    assert b"ada" == agent.get(f"{aiohttp}/who").body
    agent.get(f"{aiohttp}/leave")
    assert json.loads(agent.get(f"{express}/read").body)["isNew"]

import asyncio

from aiohttp.test_utils import TestClient as Client
from aiohttp.test_utils import TestServer as Server
from aiohttp_session_app import make_app, sessions

from cookiesession_adapters.testing import log_in, read


def test_a_logged_in_visitor_fills_the_cart() -> None:
    async def visit() -> str:
        async with Client(Server(make_app())) as client:
            log_in(client, sessions, {"AIOHTTP_SECURITY": "ada"})
            await client.post("/cart/tea")
            assert read(client, sessions) == {"AIOHTTP_SECURITY": "ada", "cart": ["tea"]}
            response = await client.get("/account")
            return str(await response.text())

    assert asyncio.run(visit()) == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    async def visit() -> int:
        async with Client(Server(make_app())) as client:
            return int((await client.get("/account")).status)

    assert asyncio.run(visit()) == 401

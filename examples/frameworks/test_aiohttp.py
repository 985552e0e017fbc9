import asyncio

from aiohttp.test_utils import TestClient as Client
from aiohttp.test_utils import TestServer as Server
from aiohttp_app import make_app, sessions


def test_a_logged_in_visitor_fills_the_cart() -> None:
    async def visit() -> str:
        cookies = sessions.encode({"user": "ada", "cart": []})
        async with Client(Server(make_app()), cookies=cookies) as client:
            await client.post("/cart/tea")
            response = await client.get("/")
            return str(await response.text())

    assert asyncio.run(visit()) == "ada: tea"

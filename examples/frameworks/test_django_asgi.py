import asyncio

import httpx
from django_asgi_app import application, sessions

from cookiesession_adapters.testing import log_in, read


def test_a_logged_in_visitor_fills_the_cart() -> None:
    async def visit() -> str:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            log_in(client, sessions, {"user": "ada", "cart": []})
            await client.post("/cart/tea")
            assert read(client, sessions) == {"user": "ada", "cart": ["tea"]}
            return (await client.get("/account")).text

    assert asyncio.run(visit()) == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    async def visit() -> int:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return (await client.get("/account")).status_code

    assert asyncio.run(visit()) == 401

import asyncio

import httpx
from django_asgi_app import application, sessions


def test_a_logged_in_visitor_fills_the_cart() -> None:
    async def visit() -> str:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            for name, value in sessions.encode({"user": "ada", "cart": []}).items():
                client.cookies.set(name, value, domain="testserver.local")
            await client.post("/cart/tea")
            return (await client.get("/")).text

    assert asyncio.run(visit()) == "ada: tea"

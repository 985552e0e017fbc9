import asyncio

from quart_app import app, sessions

from cookiesession_adapters.testing import log_in, read


def test_a_logged_in_visitor_fills_the_cart() -> None:
    async def visit() -> str:
        client = app.test_client()
        log_in(client, sessions, {"user": "ada", "cart": []})
        await client.post("/cart/tea")
        assert read(client, sessions) == {"user": "ada", "cart": ["tea"]}
        return await (await client.get("/")).get_data(as_text=True)

    assert asyncio.run(visit()) == "ada: tea"

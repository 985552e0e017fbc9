import asyncio

from quart_app import app, sessions


def test_a_logged_in_visitor_fills_the_cart() -> None:
    async def visit() -> str:
        client = app.test_client()
        for name, value in sessions.encode({"user": "ada", "cart": []}).items():
            client.set_cookie("localhost", name, value)
        await client.post("/cart/tea")
        return await (await client.get("/")).get_data(as_text=True)

    assert asyncio.run(visit()) == "ada: tea"

import asyncio

from quart_app import app


def test_a_logged_in_visitor_fills_the_cart() -> None:
    async def visit() -> str:
        client = app.test_client()
        async with client.session_transaction() as session:
            session.update(user="ada", cart=[])
        await client.post("/cart/tea")
        async with client.session_transaction() as session:
            assert session == {"user": "ada", "cart": ["tea"]}
        return await (await client.get("/account")).get_data(as_text=True)

    assert asyncio.run(visit()) == "the account of ada"


def test_nobody_else_sees_the_account() -> None:
    async def visit() -> int:
        return (await app.test_client().get("/account")).status_code

    assert asyncio.run(visit()) == 401

import asyncio

from channels.testing import WebsocketCommunicator
from chat_app import application, sessions


def test_the_chat_knows_its_visitor() -> None:
    async def visit() -> None:
        cookies = sessions.cookie_header({"user": "ada"}).encode()
        socket = WebsocketCommunicator(application, "/chat", headers=[(b"cookie", cookies)])
        accepted, _subprotocol = await socket.connect()
        assert accepted
        sent = [value for name, value in socket.response_headers if name == b"set-cookie"]
        assert sessions.decode(sent) == {"user": "ada", "visits": 1}
        await socket.send_to("good morning")
        assert await socket.receive_from() == "ada: good morning"
        await socket.disconnect()

    asyncio.run(visit())


def test_the_chat_refuses_strangers() -> None:
    async def visit() -> None:
        socket = WebsocketCommunicator(application, "/chat")
        assert await socket.connect() == (False, 1000)

    asyncio.run(visit())

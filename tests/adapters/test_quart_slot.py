"""Quart's own session is ours: through Quart and its test client, in requests and WebSockets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import quart
from quart import Quart, Response, session, websocket
from quart.sessions import SessionMixin

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_adapters.quart import CookieSessionInterface, setup
from cookiesession_adapters.testing import log_in, read
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    Session,
    SessionCommittedError,
    SessionView,
    Written,
)
from tests.support.cookies import GONE, header, set_cookies
from tests.support.keys import CANARY, KEYS
from tests.support.toy_format import ToyFormat

SESSIONS = CookieSession(keys=KEYS)

# Quart hands out a proxy: its type is known only when a request is served.
current: Any = session

View = Callable[[], Awaitable[Any]]


def serving(view: View, config: dict[str, Any] | None = None, **options: Any) -> Quart:
    """Return an application with one view, in which exceptions become error pages."""
    app = Quart(__name__)
    app.config.update({"PROPAGATE_EXCEPTIONS": False, **(config or {})})
    app.add_url_rule("/", "view", view)
    app.add_websocket("/ws", "ws", view)
    setup(app, **(options or {"keys": KEYS}))
    return app


def answer(view: View, cookies: str | None = None, config: Any = None, **options: Any) -> Any:
    """Return the response to one request, and its body."""
    return asyncio.run(ask(serving(view, config, **options), cookies))


async def ask(app: Quart, cookies: str | None = None) -> Any:
    headers = {} if cookies is None else {"Cookie": cookies}
    response = await app.test_client(use_cookies=False).get("/", headers=headers)
    return response, await response.get_data(as_text=True)


def sent(response: Any) -> list[str]:
    values: list[str] = response.headers.getlist("Set-Cookie")
    return values


def does(act: Callable[[], object]) -> View:
    """Return a view that does something and answers."""

    async def view() -> str:
        await asyncio.sleep(0)
        return str(act())

    return view


def test_a_setting_that_changes_after_setup_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = serving(does(lambda: ""))
    app.config["SESSION_COOKIE_NAME"] = "shop"
    for _ in range(2):
        asyncio.run(ask(app))

    (line,) = caplog.messages
    assert "the setting SESSION_COOKIE_NAME has changed since setup()" in line


def write() -> None:
    current["user"] = 7


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.WARNING, "cookiesession")
    return lambda: [each.getMessage() for each in caplog.records if each.name == "cookiesession"]


# --- requests --------------------------------------------------------------------------------


def test_a_write_is_sent_as_node_writes_it_and_comes_back() -> None:
    response, _ = answer(does(write))
    second, body = answer(does(lambda: current["user"]), header({"user": 7}))

    assert set_cookies({"user": 7}) == sent(response)
    assert ("7", []) == (body, sent(second))
    assert ["Cookie", "Cookie"] == [each.headers["Vary"] for each in (response, second)]


def test_an_untouched_session_leaves_the_response_alone() -> None:
    response, _ = answer(does(lambda: "hello"), header({"user": 7}))

    assert ([], None) == (sent(response), response.headers.get("Vary"))


def test_the_session_is_a_session_of_quart_and_a_view_of_that_of_the_connection() -> None:
    async def view() -> str:
        own = current._get_current_object()
        assert isinstance(own, SessionMixin)
        assert isinstance(own, SessionView)
        return str(get_session(quart.request) is own.core)

    assert "True" == answer(view)[1]


def test_a_session_that_was_emptied_is_ended() -> None:
    response, _ = answer(does(lambda: current.pop("user")), header({"user": 7}))

    assert f"session=; path=/; {GONE}; httponly" == sent(response)[0]


def test_the_attributes_come_from_the_settings_of_quart() -> None:
    config = {"SESSION_COOKIE_NAME": "shop", "SESSION_COOKIE_SECURE": True}
    app = serving(does(write), config)
    response, _ = asyncio.run(ask(app))

    assert "shop" == app.session_interface.get_cookie_name(app)
    assert "shop=eyJ1c2VyIjo3fQ==; path=/; secure; httponly" == sent(response)[0]


def test_another_format_keeps_its_attributes_unless_a_setting_says_otherwise() -> None:
    toy = ToyFormat(KEYS, defaults={"same_site": "lax"})
    by_format, _ = answer(does(write), format=toy)
    by_setting, _ = answer(does(write), config={"SESSION_COOKIE_SAMESITE": "Strict"}, format=toy)

    assert "; samesite=lax; " in sent(by_format)[0]
    assert "; samesite=strict; " in sent(by_setting)[0]


def test_a_ready_made_configuration_is_used() -> None:
    interface: Any = serving(does(write), sessions=SESSIONS).session_interface

    assert isinstance(interface, CookieSessionInterface)
    assert interface.sessions is SESSIONS


@pytest.mark.parametrize("options", [{}, {"keys": [""]}, {"sessions": KEYS}])
def test_a_wrong_configuration_fails_at_setup(options: Any) -> None:
    with pytest.raises(ConfigurationError):
        setup(Quart(__name__), **options)


def test_an_error_page_carries_the_session() -> None:
    async def view() -> str:
        write()
        raise LookupError

    response, _ = answer(view)

    assert (500, set_cookies({"user": 7})) == (response.status_code, sent(response))


def test_a_client_that_leaves_is_no_error(logged: Callable[[], list[str]]) -> None:
    ends: list[Written | None] = []

    async def serve() -> None:
        has_begun = asyncio.Event()

        async def view() -> None:
            write()
            has_begun.set()
            await asyncio.Future()  # until it is cancelled

        async def receive() -> Any:
            await has_begun.wait()
            return {"type": "http.disconnect"}

        async def send(_: Any) -> None:
            raise AssertionError

        app = serving(view, keys=KEYS, observe=lambda session: ends.append(session.written))
        scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/"}
        scope |= {"query_string": b"", "scheme": "http", "headers": [(b"host", b"localhost")]}
        await app({**scope, "http_version": "1.1", "asgi": {}}, receive, send)  # type: ignore[arg-type]

    asyncio.run(serve())

    assert ([], [Written.SAVED]) == (logged(), ends)


def test_a_session_too_large_meets_the_error_page_of_the_application(
    logged: Callable[[], list[str]],
) -> None:
    app = serving(does(lambda: current.update(user=CANARY * 200)))

    async def page(error: Any) -> tuple[str, int]:
        return type(error.original_exception).__name__, 500

    app.register_error_handler(500, page)

    async def visit() -> Any:
        client = app.test_client()
        log_in(client, SESSIONS, {"user": "ada"})
        response = await client.get("/")
        return response, await response.get_data(as_text=True), read(client, SESSIONS)

    response, body, left = asyncio.run(visit())

    assert (500, []) == (response.status_code, sent(response))
    assert ("CookieTooLargeError", {"user": "ada"}) == (body, left)
    assert 1 == len(logged())


def test_a_stream_carries_the_session_and_a_later_change_is_noticed(
    logged: Callable[[], list[str]],
) -> None:
    async def view() -> Response:
        cart = current["cart"] = [1]

        @quart.stream_with_context
        async def chunks() -> AsyncIterator[str]:
            yield "one"
            with pytest.raises(SessionCommittedError):
                current["user"] = 7
            cart.append(2)
            yield "two"

        return Response(chunks())

    response, body = answer(view)

    assert ("onetwo", set_cookies({"cart": [1]})) == (body, sent(response))
    (line,) = logged()
    assert "changed under 'cart' after the response headers" in line


def test_observe_is_called_once_also_inside_an_outer_layer() -> None:
    seen: list[Session] = []
    sessions = CookieSession(keys=KEYS, observe=seen.append)
    app = serving(does(write), sessions=sessions)
    app.asgi_app = CookieSessionMiddleware(app.asgi_app, sessions)  # type: ignore[method-assign]
    response, _ = asyncio.run(ask(app))

    assert set_cookies({"user": 7}) == sent(response)
    assert 1 == len(seen)


# --- the test client -------------------------------------------------------------------------


def test_a_session_transaction_opens_and_saves_the_session_of_the_client() -> None:
    async def visit() -> Any:
        client = serving(does(lambda: dict(current))).test_client()
        async with client.session_transaction() as transaction:
            transaction["cart"] = [1]
        async with client.session_transaction() as transaction:
            transaction["cart"].append(2)
        filled = await (await client.get("/")).get_data(as_text=True)
        async with client.session_transaction() as transaction:
            transaction.clear()
        return filled, await (await client.get("/")).get_data(as_text=True)

    assert ("{'cart': [1, 2]}", "{}") == asyncio.run(visit())


def test_flashes_are_shown_once() -> None:
    async def flash_and_show() -> list[Any]:
        await quart.flash("saved")
        return [quart.get_flashed_messages(), "_flashes" in current]

    async def view() -> str:
        return str(await flash_and_show())

    assert "[['saved'], False]" == answer(view)[1]


def test_a_null_session_is_made_and_not_saved() -> None:
    app = serving(does(write))
    null = asyncio.run(app.session_interface.make_null_session(app))

    assert app.session_interface.is_null_session(null)


# --- WebSockets ------------------------------------------------------------------------------


async def talk(app: Quart, cookies: str) -> list[Any]:
    """Open a WebSocket as a server does; return the messages of the application."""
    messages: list[Any] = []
    scope = {
        "type": "websocket",
        "asgi": {"spec_version": "2.3"},
        "path": "/ws",
        "query_string": b"",
        "scheme": "ws",
        "headers": [(b"host", b"localhost"), (b"cookie", cookies.encode())],
        "extensions": {"websocket.http.response": {}},
    }

    async def receive() -> Any:
        await asyncio.Future()  # the client stays

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    return messages


def set_by(message: Any) -> list[str]:
    return [value.decode() for name, value in message["headers"] if name == b"set-cookie"]


def test_a_write_before_the_handshake_is_sent_with_it_and_a_later_one_raises() -> None:
    async def view() -> None:
        user = current["user"]
        current["seen"] = True
        await websocket.accept()
        with pytest.raises(SessionCommittedError):
            current["user"] = 8
        await websocket.send(user)

    accept, message, _close = asyncio.run(talk(serving(view), header({"user": "ada"})))

    assert "ada" == message["text"]
    assert set_cookies({"user": "ada", "seen": True}) == set_by(accept)


def test_a_session_that_was_emptied_before_the_handshake_is_ended() -> None:
    async def view() -> None:
        current.pop("user")
        await websocket.send("bye")

    accept, *_ = asyncio.run(talk(serving(view), header({"user": "ada"})))

    assert f"session=; path=/; {GONE}; httponly" == set_by(accept)[0]


def test_a_response_that_refuses_the_handshake_carries_the_session() -> None:
    async def view() -> Any:
        write()
        return "refused", 403

    start, *_body = asyncio.run(talk(serving(view), ""))

    assert 403 == start["status"]
    assert set_cookies({"user": 7}) == set_by(start)

"""The end of a request in Tornado: detached connections, WebSockets, handlers without an answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler
from websockets.sync.client import connect

from cookiesession_adapters.tornado import get_session, setup
from cookiesession_core import ConfigurationError, Session, SessionCommittedError, Written
from tests.support.cookies import header
from tests.support.keys import KEYS, OTHER
from tests.support.servers import LOG_LIMIT
from tests.support.targets import serving_in_a_loop
from tests.support.user_agent import Response, UserAgent, leave

CART = [("Cookie", header({"cart": [1]}))]


class Site:
    """Serves one handler, and knows which requests have ended."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._ended: queue.SimpleQueue[Session] = queue.SimpleQueue()

    def serve(self, handler: type[RequestHandler], **more: Any) -> str:
        """Serve a handler; return its URL."""
        app = Application([("/", handler)], log_function=lambda _: None)
        setup(app, keys=KEYS, observe=self._ended.put)
        for options in more.values():
            setup(app, **options)
        return self._stack.enter_context(serving(app))

    def ended(self) -> Written | None:
        """Wait until the request of a session has ended; return what was written."""
        return self._ended.get(timeout=LOG_LIMIT).written

    def has_ended_once(self) -> bool:
        """Whether no further request has ended."""
        return self._ended.empty()


def serving(app: Application) -> AbstractContextManager[str]:
    @contextlib.asynccontextmanager
    async def application(listener: socket.socket) -> AsyncIterator[None]:
        # Tornado's own callback raises what a handler raises.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        server = HTTPServer(app)
        server.add_sockets([listener])
        yield
        server.stop()
        await server.close_all_connections()

    return serving_in_a_loop(application)


@pytest.fixture
def site() -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack)


def visit(url: str, headers: Any = ()) -> Response | None:
    """Return the response; ``None`` if the server closes the connection without one."""
    with contextlib.suppress(ConnectionError):
        return UserAgent().get(url, headers)
    return None


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "cookiesession" and record.levelno >= logging.WARNING
    ]


@pytest.mark.parametrize(
    "detach", [RequestHandler.detach, lambda it: it.request.connection.detach()]
)
def test_a_write_is_reported_if_the_handler_takes_the_connection(
    site: Site, detach: Callable[[RequestHandler], Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Take(RequestHandler):
        async def get(self) -> None:
            get_session(self)["user"] = 7
            stream = detach(self)
            self._finished = True
            await stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            stream.close()

    response = visit(site.serve(Take))

    assert response is not None
    assert (b"hello", []) == (response.body, response.set_cookie)
    assert (Written.REFUSED, True) == (site.ended(), site.has_ended_once())
    said = "the session cookie 'session' was not sent: the handler took the connection before any "
    assert [f"{said}response"] == errors(caplog)


class Timeout(BaseException):
    """An exception for which Tornado makes no error page."""


def test_a_write_is_reported_if_tornado_makes_no_page_for_an_exception(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    class Wait(RequestHandler):
        async def get(self) -> None:
            get_session(self)["user"] = 7
            # Tornado would keep the connection open.
            connection: Any = self.request.connection
            asyncio.get_running_loop().call_soon(connection.stream.close)
            raise Timeout

    assert None is visit(site.serve(Wait))
    assert (Written.REFUSED, True) == (site.ended(), site.has_ended_once())
    said = (
        "the session cookie 'session' was not sent: the handler was cancelled before any response"
    )
    assert [said] == errors(caplog)


def test_an_exception_after_the_response_does_not_end_the_request_again(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    class Answer(RequestHandler):
        async def get(self) -> None:
            get_session(self)["user"] = 7
            self.finish()
            asyncio.get_running_loop().call_later(0, done.set)
            raise Timeout

    response = visit(site.serve(Answer))

    assert response is not None
    assert 2 == len(response.set_cookie)
    assert done.wait(LOG_LIMIT)
    assert (Written.SAVED, True) == (site.ended(), site.has_ended_once())
    assert [] == errors(caplog)


def test_a_request_whose_part_is_cancelled_goes_on(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    class Hurry(RequestHandler):
        async def get(self) -> None:
            async def write() -> None:
                get_session(self)["user"] = 7
                await asyncio.Event().wait()

            part = asyncio.ensure_future(write())
            await asyncio.sleep(0)
            part.cancel()
            await asyncio.wait([part])
            get_session(self)["part"] = "cancelled"

    response = visit(site.serve(Hurry))

    assert response is not None
    assert (200, 2) == (response.status, len(response.set_cookie))
    assert (Written.SAVED, True) == (site.ended(), site.has_ended_once())
    assert [] == errors(caplog)


def test_a_session_may_be_used_in_a_thread(site: Site) -> None:
    class Work(RequestHandler):
        async def get(self) -> None:
            await asyncio.to_thread(lambda: get_session(self).update(user=7))

    response = visit(site.serve(Work))

    assert response is not None
    assert 2 == len(response.set_cookie)
    assert Written.SAVED is site.ended()


@pytest.mark.parametrize("fails", [False, True])
def test_a_websocket_ends_when_it_is_closed(
    site: Site, *, fails: bool, caplog: pytest.LogCaptureFixture
) -> None:
    class Shop(WebSocketHandler):
        def prepare(self) -> None:
            self.cart = get_session(self)["cart"]

        def on_message(self, _: str | bytes) -> None:
            self.close()

        def on_close(self) -> None:
            self.cart.append(2)
            if fails:
                raise LookupError

    url = site.serve(Shop).replace("http:", "ws:")
    with connect(url, additional_headers=CART) as client:
        client.send("done")
        assert [] == list(client)

    assert (Written.NOTHING, True) == (site.ended(), site.has_ended_once())
    assert ["changed under 'cart'" in line for line in errors(caplog)] == [True]


def test_a_websocket_may_ask_for_its_session_after_the_handshake(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    class Shop(WebSocketHandler):
        def open(self, *_: str, **__: str) -> None:
            get_session(self)["cart"].append(2)
            self.close()

    with connect(site.serve(Shop).replace("http:", "ws:"), additional_headers=CART) as client:
        assert [] == list(client)

    assert (Written.NOTHING, True) == (site.ended(), site.has_ended_once())
    assert ["changed under 'cart'" in line for line in errors(caplog)] == [True]


def test_a_handshake_that_is_refused_carries_the_session(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    class Shop(WebSocketHandler):
        def prepare(self) -> None:
            get_session(self)["user"] = 7

        def check_origin(self, _: str) -> bool:
            return False

    upgrade = [
        *(("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Origin", "http://other.test")),
        *(("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "A" * 22 + "==")),
    ]
    response = visit(site.serve(Shop), upgrade)

    assert response is not None
    assert (403, 2) == (response.status, len(response.set_cookie))
    assert (Written.SAVED, True) == (site.ended(), site.has_ended_once())
    assert [] == errors(caplog)


def test_after_an_error_page_a_write_is_logged(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    class Fail(RequestHandler):
        def get(self) -> None:
            get_session(self)["user"] = 7
            raise LookupError

        def on_finish(self) -> None:
            get_session(self)["done"] = True
            done.set()

    response = visit(site.serve(Fail))

    assert response is not None
    assert (500, 2) == (response.status, len(response.set_cookie))
    assert Written.SAVED is site.ended()
    assert done.wait(LOG_LIMIT)
    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


@pytest.mark.parametrize("returns_before", [False, True])
@pytest.mark.parametrize("touches_before", [False, True])
def test_a_list_that_on_finish_changes_is_reported(
    site: Site, *, touches_before: bool, returns_before: bool, caplog: pytest.LogCaptureFixture
) -> None:
    class Answer(RequestHandler):
        def get(self) -> None:
            if touches_before:
                get_session(self)
            if returns_before:
                self._auto_finish = False
                asyncio.get_running_loop().call_soon(self.finish)

        def on_finish(self) -> None:
            get_session(self)["cart"].append(2)

    response = visit(site.serve(Answer), CART)

    assert response is not None
    assert (200, []) == (response.status, response.set_cookie)
    assert (Written.NOTHING, True) == (site.ended(), site.has_ended_once())
    assert ["changed under 'cart'" in line for line in errors(caplog)] == [True]


def test_a_list_that_the_handler_changes_after_its_response_is_reported(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    class Answer(RequestHandler):
        async def get(self) -> None:
            cart = get_session(self)["cart"]
            await self.finish()
            await asyncio.sleep(0)
            cart.append(2)

    assert None is not visit(site.serve(Answer), CART)
    assert (Written.NOTHING, True) == (site.ended(), site.has_ended_once())
    assert ["changed under 'cart'" in line for line in errors(caplog)] == [True]


def test_a_write_in_on_finish_raises(site: Site) -> None:
    raised: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

    class Answer(RequestHandler):
        def get(self) -> None:
            get_session(self)["user"] = 7

        def on_finish(self) -> None:
            get_session(self)["done"] = True

        def log_exception(self, *error: Any) -> None:
            raised.put(error[1])

    response = visit(site.serve(Answer))

    assert response is not None
    assert 2 == len(response.set_cookie)
    assert isinstance(raised.get(timeout=LOG_LIMIT), SessionCommittedError)
    assert (Written.SAVED, True) == (site.ended(), site.has_ended_once())


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_client_that_leaves_before_the_response_is_not_an_error(
    site: Site, *, is_stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    has_begun = threading.Event()

    class Wait(RequestHandler):
        async def get(self) -> None:
            get_session(self)["user"] = 7
            self.has_left = asyncio.Event()
            has_begun.set()
            await self.has_left.wait()
            if is_stream:
                await self.flush()

        def on_connection_close(self) -> None:
            self.has_left.set()

        def log_exception(self, *_: Any) -> None:
            """Tornado's own line tells of a stream that is closed."""

    leave(site.serve(Wait), has_begun)

    assert (Written.SAVED, True) == (site.ended(), site.has_ended_once())
    assert [] == errors(caplog)


def test_two_sessions_end_with_the_same_request(site: Site) -> None:
    class Both(RequestHandler):
        def get(self) -> None:
            get_session(self, "session")["a"] = 1
            get_session(self, "other")["b"] = 2

    other = {"keys": KEYS, "name": "other", "observe": site._ended.put}
    response = visit(site.serve(Both, other=other))

    assert response is not None
    assert 4 == len(response.set_cookie)
    assert [Written.SAVED, Written.SAVED] == [site.ended(), site.ended()]
    assert site.has_ended_once()


def test_an_application_may_be_set_up_again_alike() -> None:
    app = Application()
    setup(app, keys=KEYS)
    setup(app, keys=KEYS)
    setup(app, keys=KEYS, name="other")

    with pytest.raises(ConfigurationError, match="'session' with different keys, codec or format:"):
        setup(app, keys=[OTHER])

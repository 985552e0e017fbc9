"""The end of a request in aiohttp, and applications inside applications."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, make_mocked_request
from aiohttp.typedefs import Handler
from multidict import CIMultiDict

from cookiesession_adapters.aiohttp import get_session, setup
from cookiesession_core import CookieSession, Session, SessionCommittedError, Written
from tests.support.cookies import header, sent_back
from tests.support.keys import KEYS, OTHER
from tests.support.servers import LOG_LIMIT
from tests.support.targets import serving_in_a_loop
from tests.support.user_agent import UserAgent, leave

sessions = CookieSession(keys=KEYS)
CART = header({"cart": [1]})


class Timeout(BaseException):
    """An exception that is not an error of the application."""


def application(
    handler: Callable[[web.Request], Awaitable[Any]],
    *outside: Any,
    configured: CookieSession = sessions,
) -> web.Application:
    """Return an application; the middlewares ``outside`` stand around the session."""
    app = web.Application(middlewares=outside)
    setup(app, configured)
    app.router.add_get("/", handler)
    return app


def visit(app: web.Application, cookies: str = "", path: str = "/") -> web.StreamResponse:
    """Serve one request as aiohttp's server does."""

    async def serve() -> web.StreamResponse:
        app.freeze()
        request = make_mocked_request("GET", path, CIMultiDict({"Cookie": cookies}), app=app)
        try:
            response = await app._handle(request)
        except web.HTTPException as raised:
            response = raised
        except Exception:  # noqa: BLE001 - this is the server's error page
            response = web.Response(status=500)
        response = web.Response(status=500) if response is None else response
        if not response.prepared:
            await response.prepare(request)
        return response

    return asyncio.run(serve())


class Site:
    """Serves one handler, and knows which requests have ended."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._ended: queue.SimpleQueue[Written | None] = queue.SimpleQueue()

    def serve(self, handler: Any, **options: Any) -> str:
        """Serve a handler; return its URL."""

        @contextlib.asynccontextmanager
        async def serving(listener: socket.socket) -> AsyncIterator[None]:
            runner = web.AppRunner(app, access_log=None, **options)
            await runner.setup()
            await web.SockSite(runner, listener).start()
            yield
            await runner.cleanup()

        observe = lambda session: self._ended.put(session.written)  # noqa: E731
        app = application(handler, configured=CookieSession(keys=KEYS, observe=observe))
        return self._stack.enter_context(serving_in_a_loop(serving))

    def ended(self) -> Written | None:
        """Wait until the request of a session has ended; return what was written."""
        return self._ended.get(timeout=LOG_LIMIT)

    def has_ended_once(self) -> bool:
        """Whether no further request has ended."""
        return self._ended.empty()


@pytest.fixture
def site() -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack)


def saved(response: web.StreamResponse) -> dict[str, Any] | None:
    """Return the session that a response carries."""
    return sessions.decode(sent_back(response.headers.getall("Set-Cookie", [])))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "cookiesession" and record.levelno >= logging.WARNING
    ]


def catching(kind: type[BaseException], status: int, **changes: Any) -> Any:
    """Return a middleware that answers in the place of an exception, and writes."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except kind:
            response = web.Response(status=status)
        get_session(request).update(changes)
        return response

    return answer


# --- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [asyncio.CancelledError(), Timeout()], ids=repr)
def test_a_write_of_a_cancelled_handler_is_reported_once_and_not_sent(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    async def wait(request: web.Request) -> None:
        get_session(request)["user"] = 7
        raise error

    response = visit(application(wait, catching(type(error), 504)))

    said = "the session cookie 'session' was not sent: the handler was cancelled before any "
    assert [f"{said}response"] == errors(caplog)
    assert (504, None) == (response.status, saved(response))


def test_after_a_cancellation_a_write_is_logged_and_passes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def wait(_: web.Request) -> None:
        raise asyncio.CancelledError

    response = visit(application(wait, catching(asyncio.CancelledError, 504, user=7)))

    assert 504 == response.status
    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


def test_a_stream_that_is_cancelled_has_sent_its_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    responses: list[web.StreamResponse] = []

    async def stream(request: web.Request) -> None:
        get_session(request)["user"] = 7
        responses.append(web.StreamResponse())
        await responses[0].prepare(request)
        raise asyncio.CancelledError

    ended: list[Written | None] = []
    configured = CookieSession(keys=KEYS, observe=lambda session: ended.append(session.written))
    with pytest.raises(asyncio.CancelledError):
        visit(application(stream, configured=configured))

    assert {"user": 7} == saved(responses[0])
    assert [Written.SAVED] == ended
    assert [] == errors(caplog)


async def write(request: web.Request) -> web.Response:
    get_session(request)["user"] = 7
    return web.Response()


async def write_too_much(request: web.Request) -> web.Response:
    get_session(request)["text"] = "x" * 4096
    return web.Response()


async def redirect_with_too_much(request: web.Request) -> web.Response:
    get_session(request)["text"] = "x" * 4096
    raise web.HTTPFound(location="/")


async def fail(request: web.Request) -> web.Response:
    get_session(request)["user"] = 7
    raise LookupError


async def fail_with_too_much(request: web.Request) -> web.Response:
    get_session(request)["text"] = "x" * 4096
    raise LookupError


async def return_nothing(request: web.Request) -> None:
    get_session(request)["user"] = 7


async def stream_and_fail(request: web.Request) -> web.Response:
    get_session(request)["user"] = 7
    await web.StreamResponse().prepare(request)
    raise LookupError


@pytest.mark.parametrize(
    ("handler", "written"),
    [
        (write, Written.SAVED),
        (write_too_much, Written.REFUSED),
        (redirect_with_too_much, Written.REFUSED),
        (fail, Written.SAVED),
        (fail_with_too_much, Written.REFUSED),
        (return_nothing, Written.SAVED),
        (stream_and_fail, Written.SAVED),
    ],
)
def test_every_request_ends_once(handler: Any, written: Written) -> None:
    ended: list[Written | None] = []
    configured = CookieSession(keys=KEYS, observe=lambda session: ended.append(session.written))

    visit(application(handler, configured=configured))

    assert [written] == ended


async def return_an_error(_: web.Request) -> web.Response:
    return web.Response(status=503)


async def raise_an_error(_: web.Request) -> web.Response:
    raise web.HTTPServiceUnavailable


async def raise_an_exception(_: web.Request) -> web.Response:
    raise LookupError


async def stream_an_error(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=503)
    await response.prepare(request)
    return response


@pytest.mark.parametrize(
    "handler", [return_an_error, raise_an_error, raise_an_exception, stream_an_error]
)
def test_after_a_request_has_failed_a_write_is_logged_and_its_page_is_sent(
    handler: Any, caplog: pytest.LogCaptureFixture
) -> None:
    response = visit(application(handler, catching(Exception, 503, user=7)))

    assert 503 == response.status
    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


def test_a_page_that_is_not_there_has_not_failed() -> None:
    async def find(_: web.Request) -> web.Response:
        raise web.HTTPNotFound

    response = visit(application(find, catching(web.HTTPNotFound, 404, user=7)))

    assert 500 == response.status  # a middleware outside the session may not write to it


def test_a_list_that_a_stream_changes_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def stream(request: web.Request) -> web.StreamResponse:
        cart = get_session(request)["cart"]
        response = web.StreamResponse()
        await response.prepare(request)
        cart.append(2)
        return response

    visit(application(stream), CART)

    assert ["changed under 'cart'" in line for line in errors(caplog)] == [True]


@pytest.mark.parametrize("touches_before", [False, True])
def test_a_list_that_the_generator_of_a_body_changes_is_reported(
    site: Site, *, touches_before: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def answer(request: web.Request) -> web.Response:
        async def generate() -> AsyncIterator[bytes]:
            get_session(request)["cart"].append(2)
            yield b"body"

        if touches_before:
            get_session(request)["cart"].append(1)
        return web.Response(body=generate())

    response = UserAgent().get(site.serve(answer), [("Cookie", CART)])

    assert (b"body", 2 * touches_before) == (response.body, len(response.set_cookie))
    assert [Written.NOTHING, Written.SAVED][touches_before] is site.ended()
    assert site.has_ended_once()
    assert ["changed under 'cart'" in line for line in errors(caplog)] == [True]


def test_a_write_in_the_generator_of_a_body_raises(site: Site) -> None:
    raised: list[BaseException] = []

    async def answer(request: web.Request) -> web.Response:
        async def generate() -> AsyncIterator[bytes]:
            try:
                get_session(request)["user"] = 7
            except SessionCommittedError as error:
                raised.append(error)
            yield b"body"

        return web.Response(body=generate())

    assert b"body" == UserAgent().get(site.serve(answer)).body
    assert 1 == len(raised)


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_a_client_that_leaves_before_the_response_is_not_an_error(
    site: Site, *, is_cancelled: bool, is_stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    has_begun = threading.Event()

    async def wait(request: web.Request) -> web.StreamResponse:
        get_session(request)["user"] = 7
        has_begun.set()
        while request.transport is not None:  # noqa: ASYNC110 - aiohttp has no event for it
            await asyncio.sleep(0)
        if is_cancelled:
            await asyncio.Event().wait()
        if not is_stream:
            return web.Response()
        response = web.StreamResponse()
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
        return response

    leave(site.serve(wait, handler_cancellation=is_cancelled), has_begun)

    assert (Written.SAVED, True) == (site.ended(), site.has_ended_once())
    assert [] == errors(caplog)


def test_a_write_of_a_handler_that_the_shutdown_cancels_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def wait(request: web.Request) -> web.Response:
        get_session(request)["user"] = 7
        has_begun.set()
        await asyncio.wait([asyncio.ensure_future(asyncio.Event().wait())])
        raise AssertionError

    async def stop() -> None:
        server = TestServer(application(wait), handler_cancellation=True)
        await server.start_server(shutdown_timeout=0.01)
        _, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        await has_begun.wait()
        await server.close()
        writer.close()

    has_begun = asyncio.Event()
    asyncio.run(stop())

    assert ["the handler was cancelled before any response" in line for line in errors(caplog)] == [
        True
    ]


# --- applications inside applications ------------------------------------------------------------


def nested(outer: CookieSession, inner: CookieSession, handler: Any = write) -> web.Application:
    """Return an application whose sub-application has a set-up of its own."""
    app = application(write, configured=outer)
    app.middlewares.append(catching(ZeroDivisionError, 500))  # it touches the outer session
    app.add_subapp("/shop/", application(handler, configured=inner))
    return app


@pytest.mark.parametrize("kind", ["same", "equal"])
def test_a_sub_application_that_is_configured_alike_shares_the_session(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[Session] = []
    outer = CookieSession(keys=KEYS, observe=ended.append)
    inner = outer if kind == "same" else CookieSession(keys=KEYS, observe=ended.append)

    response = visit(nested(outer, inner), header({"theme": "dark"}), "/shop/")

    assert {"theme": "dark", "user": 7} == saved(response)
    assert 2 == len(response.headers.getall("Set-Cookie"))
    assert ["Cookie"] == response.headers.getall("Vary")
    assert (1, []) == (len(ended), errors(caplog))


def test_a_log_out_in_a_sub_application_ends_the_session_of_the_whole() -> None:
    async def log_out(request: web.Request) -> web.Response:
        get_session(request).destroy()
        return web.Response()

    app = nested(sessions, CookieSession(keys=KEYS), log_out)
    values = visit(app, header({"user": 7}), "/shop/").headers.getall("Set-Cookie")

    assert ["session=", "session.sig="] == [value[: value.index("=") + 1] for value in values]
    assert all("expires=Thu, 01 Jan 1970" in value for value in values)


def test_a_sub_application_with_other_keys_is_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    raised: list[BaseException] = []

    @web.middleware
    async def keep(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:
            raised.append(error)
            raise

    app = application(write, keep)
    app.add_subapp("/shop/", application(write, configured=CookieSession(keys=[OTHER])))

    assert (500, 200) == (visit(app, path="/shop/").status, visit(app).status)
    assert "sessions of the name 'session' with different keys" in str(raised[0])
    assert [] == errors(caplog)

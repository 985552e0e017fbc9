"""Rules of the ASGI adapter beyond the conformance suite: arguments, scopes, messages."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from typing_extensions import TypedDict

from cookiesession_adapters.asgi import App, CookieSessionMiddleware, Message, get_session
from cookiesession_core import ConfigurationError, CookieSession, Written
from tests.support.asgi import Receive, Scope, Send
from tests.support.keys import KEYS

sessions = CookieSession(keys=KEYS)
START = {"type": "http.response.start", "status": 200}


class Contents(TypedDict, total=False):
    """The contents of a session."""

    user: int


async def silent(_scope: Scope, _receive: Receive, _send: Send) -> None:
    pass


def connect(app: App, **scope: Any) -> tuple[list[Message], Scope]:
    """Open one connection; return the messages for the server, and the scope."""
    sent: list[Message] = []
    whole: Scope = {"type": "http", "headers": [], **scope}

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(CookieSessionMiddleware(app, sessions)(whole, receive, send))
    return sent, whole


def test_the_session_is_where_starlette_looks_for_it() -> None:
    _, scope = connect(silent)

    assert get_session(scope) is scope["session"]
    assert get_session(scope, "session") is scope["session"]


def test_cookie_fields_are_joined_as_http2_splits_them() -> None:
    fields = [
        (b"cookie", f"{name}={value}".encode()) for name, value in sessions.encode({"a": 1}).items()
    ]

    _, scope = connect(silent, headers=[(b"host", b"x"), fields[0], (b"accept", b"*"), fields[1]])

    assert {"a": 1} == dict(get_session(scope))


def test_header_fields_that_can_be_read_only_once_are_read_by_both_sides() -> None:
    seen: list[list[tuple[bytes, bytes]]] = []
    fields = [
        (b"cookie", f"{name}={value}".encode()) for name, value in sessions.encode({"a": 1}).items()
    ]

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(list(scope["headers"]))

    _, scope = connect(app, headers=map(iter, fields))

    assert [fields] == seen
    assert {"a": 1} == dict(get_session(scope))


@pytest.mark.parametrize(
    ("scheme", "secure"), [("http", False), ("https", True), ("ws", False), ("wss", True)]
)
def test_the_scheme_of_the_scope_tells_whether_the_cookie_is_secure(
    scheme: str, *, secure: bool
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["session"]["a"] = 1
        await send({**START, "headers": []})

    sent, _ = connect(app, scheme=scheme)

    cookies = [value for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert [secure, secure] == [b"; secure" in cookie for cookie in cookies]


def test_messages_without_headers_are_copied_and_get_headers() -> None:
    start: Message = dict(START)

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["session"]["a"] = 1
        await send(start)
        await send({"type": "http.response.body"})

    sent, _ = connect(app)

    assert START == start
    assert [b"set-cookie", b"set-cookie", b"vary"] == [name for name, _ in sent[0]["headers"]]
    assert {"type": "http.response.body"} == sent[1]


def test_header_fields_are_always_written_in_lower_case() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["session"]["a"] = 1
        await send({**START, "headers": [(b"Set-Cookie", b"b=\xff"), (b"Vary", b"Accept")]})

    sent, _ = connect(app)

    names, values = zip(*sent[0]["headers"], strict=True)
    assert (b"set-cookie", b"vary", b"set-cookie", b"set-cookie") == names
    assert (b"b=\xff", b"Accept, Cookie") == values[:2]


@pytest.mark.parametrize("kind", ["lifespan", "unknown"])
def test_other_scopes_pass_through(kind: str) -> None:
    message: Message = {"type": f"{kind}.message"}

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        assert {"type": kind} == scope
        await send(message)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    asyncio.run(CookieSessionMiddleware(app, sessions)({"type": kind}, receive, send))

    assert sent == [message]


def test_a_write_lost_with_a_cancelled_task_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        scope["session"]["a"] = 1
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        connect(app)

    assert ["ERROR"] == [record.levelname for record in caplog.records]
    assert "an exception left the application before any response" in caplog.text


@pytest.mark.parametrize(
    ("value", "said"), [(1, "has no headers"), ({1}, "SessionEncodeError")], ids=["good", "bad"]
)
def test_a_write_lost_with_a_refused_handshake_is_reported(
    value: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["session"]["a"] = value
        await send({"type": "websocket.close", "code": 1008})

    sent, scope = connect(app, type="websocket")

    assert [{"type": "websocket.close", "code": 1008}] == sent
    assert Written.REFUSED is get_session(scope).written
    assert 1 == len(caplog.records)
    assert said in caplog.text


async def accept_after_a_write(scope: Scope, _receive: Receive, send: Send) -> None:
    scope["session"]["a"] = 1
    await send({"type": "websocket.accept", "headers": [(b"x-own", b"1")]})


@pytest.mark.parametrize("asgi", [{"version": "3.0"}, {"version": "3.0", "spec_version": "2.0"}])
def test_a_write_is_reported_if_the_server_accepts_a_websocket_without_headers(
    asgi: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    sent, scope = connect(accept_after_a_write, type="websocket", asgi=asgi)

    assert [{"type": "websocket.accept", "headers": [(b"x-own", b"1")]}] == sent
    assert Written.REFUSED is get_session(scope).written
    assert ["ERROR"] == [record.levelname for record in caplog.records]
    assert "'session' was not sent: this server sends no headers" in caplog.text


def test_a_websocket_accepted_without_headers_reports_no_reading(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        assert {} == dict(scope["session"])
        await send({"type": "websocket.accept"})

    _, scope = connect(app, type="websocket", asgi={"version": "3.0"})

    assert Written.NOTHING is get_session(scope).written
    assert "" == caplog.text


@pytest.mark.parametrize(
    "server", [{}, {"asgi": {"spec_version": "2.1"}}, {"asgi": {"spec_version": "2.4"}}]
)
def test_a_write_before_a_websocket_is_accepted_is_sent_with_the_headers(
    server: dict[str, Any],
) -> None:
    sent, scope = connect(accept_after_a_write, type="websocket", **server)

    names = [name for name, _ in sent[0]["headers"]]
    assert [b"x-own", b"set-cookie", b"set-cookie", b"vary"] == names
    assert Written.SAVED is get_session(scope).written


def test_closing_after_accepting_reports_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["session"]["a"] = 1
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close"})

    _, scope = connect(app, type="websocket")

    assert Written.SAVED is get_session(scope).written
    assert "" == caplog.text


def test_it_takes_options_or_a_ready_made_configuration() -> None:
    assert sessions is CookieSessionMiddleware(silent, sessions).sessions
    assert "my" == CookieSessionMiddleware(silent, keys=KEYS, name="my").sessions.name
    with pytest.raises(ConfigurationError, match="is required"):
        CookieSessionMiddleware(silent)


def test_without_the_middleware_there_is_no_session() -> None:
    remedy = (
        "wrap the application in CookieSessionMiddleware, and let the server run the wrapped one"
    )
    with pytest.raises(ConfigurationError, match=rf"{remedy}; or use app\.add_middleware"):
        get_session({"type": "http", "session": {}})


REQUESTS: dict[str, Callable[[Any], Any]] = {
    "django": lambda scope: (
        pytest.importorskip("django_app")  # it sets Django up
        and pytest.importorskip("django.core.handlers.asgi").ASGIRequest(scope, io.BytesIO())
    ),
    "falcon": lambda scope: pytest.importorskip("falcon.asgi").Request(scope, None),
    "fastapi": lambda scope: pytest.importorskip("fastapi").Request(scope),
    "litestar": lambda scope: pytest.importorskip("litestar").Request(scope),
    "quart": lambda scope: pytest.importorskip("quart").Request(
        *("GET", "http", "/", b""),
        pytest.importorskip("werkzeug.datastructures").Headers(),
        *("", "1.1", scope),
        send_push_promise=None,
    ),
    "starlette": lambda scope: pytest.importorskip("starlette.requests").Request(scope),
}


@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
def test_the_session_is_found_by_the_request_of_a_framework(
    request_of: Callable[[Any], Any],
) -> None:
    session = CookieSession(keys=KEYS).open()
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"shop.test")],
        "server": ("shop.test", 80),
        "cookiesession.session": session,
        "cookiesession.session:my": session,
    }
    request = request_of(scope)

    assert session is get_session(request) is get_session(request, "my")


@pytest.mark.parametrize("request_", [None, "scope", object(), SimpleNamespace(scope=None)])
def test_an_object_without_a_scope_is_an_error_that_says_what_is_expected(request_: Any) -> None:
    kind = type(request_).__name__
    with pytest.raises(TypeError, match=f"expected the scope of an ASGI connection, .* got {kind}"):
        get_session(request_)


def test_a_typed_session_is_the_session_itself() -> None:
    session = CookieSession(keys=KEYS).open()
    scope = {"cookiesession.session": session, "cookiesession.session:my": session}

    typed: Any = get_session(scope, of=Contents)
    named: Any = get_session(scope, "my", of=Contents)
    assert session is typed is named

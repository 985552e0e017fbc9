"""Rules of the ASGI adapter about its neighbours: the scope, other layers, the end of a request."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

import pytest

from cookiesession_adapters import wsgi
from cookiesession_adapters.asgi import App, CookieSessionMiddleware, Message, get_session
from cookiesession_core import ConfigurationError, CookieSession, Session, Written
from tests.support.asgi import Receive, Scope, Send
from tests.support.cookies import header, sent_back
from tests.support.keys import KEYS, OTHER

sessions = CookieSession(keys=KEYS)


SCOPE: Scope = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "root_path": "",
    "query_string": b"",
    "server": ("shop.test", 80),
    "client": None,
    "extensions": {},
}


def connect(
    app: App, cookies: str = "", sent: list[Message] | None = None, **scope: Any
) -> list[Message]:
    """Open one connection to a whole application; return the messages for the server."""
    messages: list[Message] = [] if sent is None else sent

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        messages.append(message)

    headers = [(b"host", b"shop.test"), (b"cookie", cookies.encode())]

    async def serve() -> None:
        await app({**SCOPE, "headers": headers, **scope}, receive, send)

    asyncio.run(serve())
    return messages


def set_cookies(sent: list[Message]) -> list[str]:
    """Return the Set-Cookie values of a response."""
    return [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


async def answer(send: Send, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


# --- scope["session"] ----------------------------------------------------------------------------


def test_starlettes_own_session_on_a_parent_and_ours_on_a_mounted_application() -> None:
    pytest.importorskip("itsdangerous")
    applications = pytest.importorskip("starlette.applications")
    routing = pytest.importorskip("starlette.routing")
    Middleware = pytest.importorskip("starlette.middleware").Middleware  # noqa: N806
    theirs = pytest.importorskip("starlette.middleware.sessions").SessionMiddleware
    JSONResponse = pytest.importorskip("starlette.responses").JSONResponse  # noqa: N806

    async def count(request: Any) -> Any:
        request.session["views"] = request.session.get("views", 0) + 1
        return JSONResponse([request.session["views"], isinstance(request.session, Session)])

    mounted = CookieSessionMiddleware(
        applications.Starlette(routes=[routing.Route("/", count)]), keys=KEYS, name="shop"
    )
    app = applications.Starlette(
        routes=[routing.Route("/", count), routing.Mount("/shop", mounted)],
        middleware=[Middleware(theirs, secret_key=OTHER, session_cookie="site")],
    )

    first = connect(app)
    second = connect(app, sent_back(set_cookies(first)), path="/shop/", raw_path=b"/shop/")
    names = {value.partition("=")[0] for value in set_cookies(second)}

    assert b"[1,false]" == first[1]["body"]
    assert b"[1,true]" == second[1]["body"]
    assert {"shop", "shop.sig"} <= names
    assert {"views": 1} == CookieSession(keys=KEYS, name="shop").decode(
        sent_back(value for value in set_cookies(second) if value.startswith("shop"))
    )


def test_the_scope_is_copied_if_somebody_else_has_a_session_there() -> None:
    theirs = {"theirs": True}
    scope: Scope = {"type": "http", "headers": [], "session": theirs}
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    asyncio.run(CookieSessionMiddleware(app, sessions)(scope, None, None))

    assert {"type": "http", "headers": [], "session": theirs} == scope
    assert get_session(seen[0]) is seen[0]["session"] is not theirs


def authenticating(app: App) -> App:
    """Do what Channels' AuthMiddlewareStack does: leave a session that it finds, and log in."""

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        scope = dict(scope)
        if "session" not in scope:
            scope["session"] = {"_auth_user_id": "7"}
        scope["user"] = scope["session"]["_auth_user_id"]
        await app(scope, receive, send)

    return inner


def test_with_scope_key_none_the_session_of_django_channels_stays_in_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        get_session(scope)["user"] = scope["user"]
        await send({"type": "websocket.accept"})

    stack = authenticating(app)
    sent = connect(CookieSessionMiddleware(stack, sessions, scope_key=None), type="websocket")

    assert {"user": "7"} == sessions.decode(sent_back(set_cookies(sent)))
    assert [] == errors(caplog)
    with pytest.raises(KeyError):
        connect(CookieSessionMiddleware(stack, sessions), type="websocket")


@pytest.mark.parametrize("place", ["outside", "inside"])
def test_with_scope_key_none_ours_and_starlettes_own_session_stand_side_by_side(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("itsdangerous")
    theirs = pytest.importorskip("starlette.middleware.sessions").SessionMiddleware

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["session"]["a"] = 1
        get_session(scope)["b"] = 2
        await answer(send)

    wrapped: App = app
    for kind in ("ours", "theirs") if place == "inside" else ("theirs", "ours"):
        if kind == "ours":
            wrapped = CookieSessionMiddleware(wrapped, keys=KEYS, name="ours", scope_key=None)
        else:
            wrapped = theirs(wrapped, secret_key=OTHER)

    values = set_cookies(connect(wrapped))

    assert {"session", "ours", "ours.sig"} == {value.partition("=")[0] for value in values}
    assert {"b": 2} == CookieSession(keys=KEYS, name="ours").decode(sent_back(values))
    assert [] == errors(caplog)


def test_the_session_may_have_another_place_in_the_scope() -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        assert "session" not in scope
        scope["shop"]["a"] = 1
        await answer(send)

    sent = connect(CookieSessionMiddleware(app, sessions, scope_key="shop"))

    assert {"a": 1} == sessions.decode(sent_back(set_cookies(sent)))


@pytest.mark.parametrize(
    "act", [lambda it: it.update(session={"user": 7}), lambda it: it.pop("session")]
)
def test_a_session_that_the_application_replaces_is_reported_once(
    act: Callable[[Scope], object], caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        act(scope)
        await answer(send)

    wrapped = CookieSessionMiddleware(app, keys=KEYS)

    assert [[], []] == [set_cookies(connect(wrapped)) for _ in range(2)]
    assert ["WARNING"] == [record.levelname for record in caplog.records]
    assert "something else into 'session'" in caplog.text


def test_a_session_of_ours_with_another_name_replaces_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        assert scope["session"] is get_session(scope) is get_session(scope, "inner")
        get_session(scope)["a"] = 1
        get_session(scope, "outer")["b"] = 2
        await answer(send)

    inner = CookieSessionMiddleware(app, keys=KEYS, name="inner")
    sent = connect(CookieSessionMiddleware(inner, keys=KEYS, name="outer"))

    names = {value.partition("=")[0] for value in set_cookies(sent)}
    assert {"inner", "inner.sig", "outer", "outer.sig"} == names
    assert [] == errors(caplog)


# --- layers --------------------------------------------------------------------------------------


def test_layers_that_share_a_session_end_it_once() -> None:
    ended: list[Session] = []
    configuration = CookieSession(keys=KEYS, observe=ended.append)

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        scope["session"]["user"] = 7
        await answer(send)

    inner = CookieSessionMiddleware(app, configuration)

    async def between(scope: Scope, receive: Receive, send: Send) -> None:
        scope["session"]["theme"] = "dark"
        await inner(scope, receive, send)

    sent = connect(CookieSessionMiddleware(between, configuration))

    assert {"theme": "dark", "user": 7} == sessions.decode(sent_back(set_cookies(sent)))
    assert 2 == len(set_cookies(sent))
    assert 1 == len(ended)


def test_layers_with_other_options_are_an_error_that_names_them() -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise AssertionError

    inner = CookieSessionMiddleware(app, keys=KEYS, max_age=3600, same_site="lax")

    with pytest.raises(ConfigurationError, match="different max_age, same_site: give one"):
        connect(CookieSessionMiddleware(inner, sessions))


def test_a_wsgi_application_inside_shares_the_session() -> None:
    a2wsgi = pytest.importorskip("a2wsgi")

    def app(environ: Any, start_response: Any) -> list[bytes]:
        session = wsgi.get_session(environ)
        session["views"] = session["views"] + 1
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    inside = a2wsgi.WSGIMiddleware(wsgi.CookieSessionMiddleware(app, keys=KEYS))

    async def count(scope: Scope, receive: Receive, send: Send) -> None:
        scope["session"]["views"] = scope["session"].get("views", 0) + 1
        await inside(scope, receive, send)

    outside = CookieSessionMiddleware(count, keys=KEYS)
    first = set_cookies(connect(outside))
    second = set_cookies(connect(outside, sent_back(first)))

    assert 2 == len(second)
    assert {"views": 4} == sessions.decode(sent_back(second))


def test_a_bridge_that_hands_nothing_over_gives_the_wsgi_application_its_own_session() -> None:
    bridges = {
        "asgiref": pytest.importorskip("asgiref.wsgi").WsgiToAsgi,
        "starlette": pytest.importorskip("starlette.middleware.wsgi").WSGIMiddleware,
    }
    seen: list[bool] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        assert {} == dict(wsgi.get_session(environ, "inner"))
        seen.append("cookiesession.session:session" in environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    for bridge in bridges.values():
        inside = bridge(wsgi.CookieSessionMiddleware(app, keys=KEYS, name="inner"))
        connect(CookieSessionMiddleware(inside, keys=KEYS))

    assert [False, False] == seen


# --- the end of a request ------------------------------------------------------------------------


class Timeout(BaseException):
    """What some servers raise in an application that takes too long."""


@pytest.mark.parametrize(
    "error", [LookupError(), SystemExit(), Timeout(), asyncio.CancelledError()], ids=repr
)
def test_a_write_lost_by_an_exception_is_reported_once(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        scope["session"]["a"] = 1
        raise error

    scope: Scope = {"type": "http", "headers": []}
    with contextlib.suppress(type(error)):
        run(CookieSessionMiddleware(app, sessions)(scope, None, None))

    said = "the session cookie 'session' was not sent: an exception left the application before "
    assert [f"{said}any response"] == errors(caplog)
    assert Written.REFUSED is get_session(scope).written


def run(connection: Any) -> None:
    """Run a connection that never waits, so that no event loop takes its exceptions."""
    with contextlib.suppress(StopIteration):
        connection.send(None)


def test_a_write_of_a_request_that_takes_too_long_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        scope["session"]["a"] = 1
        await asyncio.Event().wait()

    async def impatient(scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.ensure_future(CookieSessionMiddleware(app, sessions)(scope, receive, send))
        await asyncio.wait([task], timeout=0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await answer(send, 504)

    assert [] == set_cookies(connect(impatient))
    assert ["was not sent: an exception left" in line for line in errors(caplog)] == [True]


def test_a_request_that_is_tried_again_has_a_new_session() -> None:
    attempts: list[Session] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        attempts.append(get_session(scope))
        if len(attempts) == 1:
            raise LookupError
        scope["session"]["user"] = 7
        await answer(send)

    wrapped = CookieSessionMiddleware(app, sessions)

    async def try_twice(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(LookupError):
            await wrapped(scope, receive, send)
        await wrapped(scope, receive, send)

    assert {"user": 7} == sessions.decode(sent_back(set_cookies(connect(try_twice))))
    assert attempts[0] is not attempts[1]


def test_a_websocket_whose_client_leaves_before_it_is_accepted_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        scope["session"]["a"] = 1  # and returns, for the next message is a disconnect

    assert [] == connect(CookieSessionMiddleware(app, sessions), type="websocket")
    assert ["the application ended without a response" in line for line in errors(caplog)] == [True]


@pytest.mark.parametrize("reads_before", [False, True])
def test_a_handler_of_all_exceptions_may_write_and_its_page_is_sent(
    *, reads_before: bool, caplog: pytest.LogCaptureFixture
) -> None:
    applications = pytest.importorskip("starlette.applications")
    routing = pytest.importorskip("starlette.routing")
    PlainTextResponse = pytest.importorskip("starlette.responses").PlainTextResponse  # noqa: N806

    async def fail(request: Any) -> Any:
        if reads_before:
            assert {"user": 7} == dict(request.session)
        raise LookupError

    async def say_sorry(request: Any, _: Exception) -> Any:
        request.session["error"] = 1
        return PlainTextResponse("sorry", 500)

    app = applications.Starlette(
        routes=[routing.Route("/", fail)], exception_handlers={Exception: say_sorry}
    )
    app.add_middleware(CookieSessionMiddleware, sessions=sessions)
    sent: list[Message] = []
    with pytest.raises(LookupError):  # Starlette raises it again, for the server's log
        connect(app, header({"user": 7}), sent)

    assert b"sorry" == sent[1]["body"]
    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


def test_a_background_task_that_changes_a_list_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        cart = scope["session"]["cart"]
        await answer(send)
        cart.append(2)

    connect(CookieSessionMiddleware(app, sessions), header({"cart": [1]}))

    assert ["changed under 'cart'" in line for line in errors(caplog)] == [True]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "http.response.start", "status": 200, "headers": []},
        {"type": "websocket.accept", "headers": []},
    ],
)
def test_a_response_that_the_server_does_not_take_is_logged(
    message: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        scope["session"]["user"] = 7
        await send(message)

    async def refuse(_: Any) -> None:
        raise RuntimeError

    kind = message["type"].partition(".")[0]
    scope = {"type": kind, "headers": [], "scheme": "http"}
    with pytest.raises(RuntimeError):
        asyncio.run(CookieSessionMiddleware(app, keys=KEYS)(scope, None, refuse))

    said = "the session cookie 'session' was not sent: the server did not take the response"
    assert [said] == [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]


def test_a_layer_that_shares_its_session_notices_a_replacement_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        scope["session"] = {"user": 7}
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(_: Any) -> None:
        """Take everything."""

    sessions = CookieSession(keys=KEYS)
    inner = CookieSessionMiddleware(app, sessions)
    outer = CookieSessionMiddleware(inner, sessions, scope_key=None)
    asyncio.run(outer({"type": "http", "headers": [], "scheme": "http"}, None, send))

    assert ["something else into 'session'" in each.getMessage() for each in caplog.records] == [
        True
    ]


@pytest.mark.parametrize(
    "gone_at", ["http.response.start", "http.response.body", "websocket.accept"]
)
def test_a_client_that_leaves_is_not_an_error(
    gone_at: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Session] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        seen.append(scope["session"])
        scope["session"]["user"] = 7
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        await answer(send)

    async def send(message: Any) -> None:
        if message["type"] == gone_at:
            raise ConnectionResetError

    scope = {"type": gone_at.partition(".")[0], "headers": [], "scheme": "http"}
    with pytest.raises(ConnectionResetError):
        asyncio.run(CookieSessionMiddleware(app, keys=KEYS)(scope, None, send))

    assert Written.SAVED is seen[0].written
    assert [] == caplog.records

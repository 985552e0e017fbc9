"""Our sessions in Litestar's own place: ``request.session``, ``SessionAuth``, the test client."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest

pytest.importorskip("litestar")

import msgspec
from litestar import Litestar, Request, Response, WebSocket, get, post, websocket
from litestar.background_tasks import BackgroundTask
from litestar.config.compression import CompressionConfig
from litestar.connection import ASGIConnection
from litestar.exceptions import WebSocketDisconnect
from litestar.middleware import DefineMiddleware
from litestar.middleware.session.base import SessionMiddleware
from litestar.response import Stream
from litestar.security.session_auth import SessionAuth
from litestar.testing import TestClient
from litestar.types import Empty

from cookiesession_adapters import asgi
from cookiesession_adapters.litestar import CookieSessionConfig
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    Outcome,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    Written,
)
from tests.support.keys import CANARY, KEYS, OTHER

AnyRequest = Request[Any, Any, Any]
AnySocket = WebSocket[Any, Any, Any]
sessions = CookieSession(keys=KEYS)
config = CookieSessionConfig(sessions)


@dataclass
class Datum:
    user: int


class Struct(msgspec.Struct):
    user: int


def model(user: int) -> Any:
    """Return a model of pydantic, which the environments with old packages do not have."""
    pydantic = pytest.importorskip("pydantic")
    return pydantic.create_model("Model", user=(int, ...))(user=user)


def client_of(*handlers: Any, config: CookieSessionConfig = config, **options: Any) -> Any:
    """Return a test client of an application with these handlers."""
    app = Litestar(handlers, middleware=[config.middleware], logging_config=None, **options)
    return TestClient(app, session_config=config, raise_server_exceptions=False)


def set_cookies(response: Any) -> list[str]:
    """Return the Set-Cookie values of a response."""
    return list(response.headers.get_list("set-cookie"))


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of the library at WARNING and above."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "cookiesession" and record.levelno >= logging.WARNING
    ]


@get("/read")
async def read(request: AnyRequest) -> dict[str, Any]:
    return dict(request.session)


@get("/untouched")
async def untouched() -> str:
    return "hello"


# --- request.session ----------------------------------------------------------------------------


def test_request_session_is_the_session_that_get_session_returns() -> None:
    seen: list[Any] = []

    @get("/")
    async def home(request: AnyRequest) -> None:
        seen.extend([request.session, asgi.get_session(request), request.get_session_id()])

    with client_of(home) as client:
        client.get("/")

    assert isinstance(seen[0], Session)
    assert seen[0] is seen[1]
    assert seen[2] is None


def test_an_untouched_session_leaves_the_response_alone_and_a_read_one_varies() -> None:
    with client_of(read, untouched) as client:
        client.set_session_data({"user": 7})
        left_alone, was_read = client.get("/untouched"), client.get("/read")

    assert ([], "vary" in left_alone.headers) == (set_cookies(left_alone), False)
    assert ([], "Cookie") == (set_cookies(was_read), was_read.headers["vary"])
    assert {"user": 7} == was_read.json()


def test_a_handler_can_return_its_session() -> None:
    @get("/")
    async def whole(request: AnyRequest) -> dict[str, Any]:
        return request.session

    with client_of(whole) as client:
        client.set_session_data({"user": 7})

        assert {"user": 7} == client.get("/").json()


def test_a_change_is_saved_and_a_session_whose_last_item_is_removed_ends() -> None:
    @post("/add")
    async def add(request: AnyRequest) -> None:
        request.session.setdefault("cart", []).append("tea")

    @post("/remove")
    async def remove(request: AnyRequest) -> None:
        del request.session["cart"]

    with client_of(add, remove) as client:
        client.post("/add")
        client.post("/add")
        assert {"cart": ["tea", "tea"]} == client.get_session_data()

        assert all("1970" in each for each in set_cookies(client.post("/remove")))
        assert {} == client.get_session_data()


def test_an_address_without_a_route_has_no_session() -> None:
    seen: list[bool] = []

    def not_found(request: AnyRequest, _: Exception) -> Response[None]:
        seen.append("session" in request.scope)
        return Response(None, status_code=404)

    with client_of(read, exception_handlers={404: not_found}) as client:
        assert 404 == client.get("/nowhere").status_code

    assert [False] == seen


def test_the_error_page_of_an_exception_carries_the_session() -> None:
    @get("/")
    async def fail(request: AnyRequest) -> None:
        request.session["user"] = 7
        raise LookupError

    with client_of(fail) as client:
        assert 500 == client.get("/").status_code
        assert {"user": 7} == client.get_session_data()


# --- set_session and clear_session --------------------------------------------------------------


@pytest.mark.parametrize("make", [dict, Datum, Struct, model])
def test_set_session_begins_a_new_session(make: Callable[..., Any]) -> None:
    value = make(user=7)

    @post("/")
    async def log_in(request: AnyRequest) -> None:
        request.set_session(value)

    with client_of(log_in) as client:
        client.set_session_data({"cart": ["tea"]})
        client.post("/")

        assert {"user": 7} == client.get_session_data()


def test_values_inside_a_session_that_was_set_become_what_litestar_makes_of_them() -> None:
    class Point:
        pass

    @post("/")
    async def put(request: AnyRequest) -> None:
        contents: Any = {"user": Datum(7), "tags": {"a"}, 1: Point(), "big": 2**70}
        request.set_session(contents)

    with client_of(put, type_encoders={Point: lambda _: "a point"}) as client:
        client.post("/")

        expected = {"user": {"user": 7}, "tags": ["a"], "1": "a point", "big": 2**70}
        assert expected == client.get_session_data()


def test_a_session_of_another_name_can_be_set() -> None:
    @post("/")
    async def put(request: AnyRequest) -> None:
        other = CookieSession(keys=[OTHER], name="other").open(None)
        other["user"] = 7
        request.set_session(other)  # type: ignore[arg-type]

    with client_of(put) as client:
        client.post("/")

        assert {"user": 7} == client.get_session_data()


@pytest.mark.parametrize("value", [Empty, None, {}], ids=["Empty", "None", "an empty dict"])
def test_an_end_is_told_to_a_client_that_has_a_cookie_and_to_no_other(value: Any) -> None:
    @post("/")
    async def log_out(request: AnyRequest) -> None:
        request.set_session(value)

    with client_of(log_out) as client:
        stranger = client.post("/")
        client.set_session_data({"user": 7})
        known = client.post("/")
        client.cookies.set("session", "junk")
        junk = client.post("/")

    assert [] == set_cookies(stranger)
    for response in (known, junk):
        assert ["session", "session.sig"] == [
            each.partition("=")[0] for each in set_cookies(response) if "1970" in each
        ]


def test_clear_session_ends_the_session() -> None:
    @post("/")
    async def log_out(request: AnyRequest) -> None:
        request.session["late"] = 1
        request.clear_session()

    with client_of(log_out) as client:
        client.set_session_data({"user": 7})
        client.post("/")

        assert {} == client.get_session_data()


def test_the_same_contents_set_again_begin_a_new_lifetime() -> None:
    now = [1_700_000_000.0]
    limited = CookieSessionConfig(keys=KEYS, absolute_timeout=100, clock=lambda: now[0])

    @post("/")
    async def log_in(request: AnyRequest) -> None:
        request.set_session({"user": 7})

    with client_of(log_in, read, config=limited) as client:
        for _ in range(3):
            client.post("/")
            now[0] += 60

        assert {"user": 7} == client.get("/read").json()


# --- SessionAuth --------------------------------------------------------------------------------


def guarded(config: CookieSessionConfig) -> Any:
    """Return a test client of an application with a login of Litestar."""

    async def retrieve(session: Any, _: ASGIConnection[Any, Any, Any, Any]) -> Any:
        return session.get("user")

    @post("/log-in", exclude_from_auth=True)
    async def log_in(request: AnyRequest) -> None:
        request.set_session({"user": "ada"})

    @post("/log-out")
    async def log_out(request: AnyRequest) -> None:
        request.clear_session()

    @get("/me")
    async def me(request: AnyRequest) -> str:
        return str(request.user)

    @websocket("/ws")
    async def socket(socket: AnySocket) -> None:
        socket.session["seen"] = True
        await socket.accept()
        await socket.send_text(str(socket.user))
        await socket.close()

    auth = SessionAuth[Any, Any](session_backend_config=config, retrieve_user_handler=retrieve)
    app = Litestar([log_in, log_out, me, socket], on_app_init=[auth.on_app_init])
    return TestClient(app, session_config=config)


def test_a_log_in_of_litestar_is_ours() -> None:
    with guarded(config) as client:
        refused = client.get("/me")
        assert (401, []) == (refused.status_code, set_cookies(refused))

        client.post("/log-in")
        assert ("ada", {"user": "ada"}) == (client.get("/me").text, client.get_session_data())

        client.post("/log-out")
        refused = client.get("/me")
        assert (401, []) == (refused.status_code, set_cookies(refused))


def test_a_session_without_a_user_ends_at_401() -> None:
    with guarded(config) as client:
        client.set_session_data({"cart": []})

        assert 401 == client.get("/me").status_code
        assert {} == client.get_session_data()


def test_a_log_in_of_litestar_serves_websockets() -> None:
    with guarded(config) as client:
        client.post("/log-in")
        with client.websocket_connect("/ws") as connection:
            assert "ada" == connection.receive_text()
            headers = dict(connection.extra_headers or ())

    assert b"set-cookie" in headers


def test_the_documentation_that_litestar_makes_names_our_cookie() -> None:
    named = CookieSessionConfig(keys=KEYS, name="sid")

    with guarded(named) as client:
        schemes = client.app.openapi_schema.to_schema()["components"]["securitySchemes"]

    assert "sid" == schemes["sessionCookie"]["name"]


# --- the configuration --------------------------------------------------------------------------


def test_the_options_are_those_of_a_cookie_session_or_one_that_is_ready_made() -> None:
    made = CookieSessionConfig(keys=KEYS, name="sid", same_site="lax")

    assert ("sid", "lax") == (made.key, made.sessions.options.same_site)
    assert CookieSessionConfig(sessions).sessions is sessions


@pytest.mark.parametrize(
    "arguments",
    [
        ([], {"keys": []}),
        ([], {"keys": KEYS, "maxAge": 5}),
        ([KEYS], {}),
        ([sessions], {"name": "sid"}),
    ],
)
def test_a_wrong_configuration_fails_at_set_up(arguments: tuple[list[Any], dict[str, Any]]) -> None:
    positional, keywords = arguments

    with pytest.raises(ConfigurationError):
        CookieSessionConfig(*positional, **keywords)


def test_some_paths_and_handlers_and_scopes_have_no_session() -> None:
    seen: list[bool] = []

    @get(["/in", "/out"])
    async def by_path(request: AnyRequest) -> None:
        seen.append("session" in request.scope)

    @get("/opt", no_session=True)
    async def by_opt(request: AnyRequest) -> None:
        seen.append("session" in request.scope)

    @websocket("/ws")
    async def by_scope(socket: AnySocket) -> None:
        seen.append("session" in socket.scope)
        await socket.accept()
        await socket.close()

    some = CookieSessionConfig(
        sessions,
        exclude="^/out",
        exclude_opt_key="no_session",
        scopes=["http"],  # type: ignore[list-item]
    )
    with client_of(by_path, by_opt, by_scope, config=some) as client:
        for path in ("/in", "/out", "/opt"):
            client.get(path)
        with client.websocket_connect("/ws"):
            pass

    assert [True, False, False, False] == seen


def test_a_session_that_is_always_secure_works_in_the_test_client() -> None:
    secure = CookieSessionConfig(keys=KEYS, secure=True)
    app = Litestar([read], middleware=[secure.middleware])

    with TestClient(app, base_url="https://shop.test", session_config=secure) as client:
        client.set_session_data({"user": 7})

        assert {"user": 7} == client.get("/read").json() == client.get_session_data()


# --- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ({"text": CANARY * 200}, CookieTooLargeError),
        ({"number": float("nan")}, SessionEncodeError),
        (["no mapping"], TypeError),
        ({"thing": object()}, TypeError),
    ],
    ids=["too large", "no JSON", "no mapping", "unknown"],
)
def test_a_session_that_cannot_be_sent_meets_the_exception_handlers(
    value: Any, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    @get("/set")
    async def put(request: AnyRequest) -> None:
        request.set_session(value)

    def sorry(_: AnyRequest, error: Exception) -> Response[str]:
        return Response(f"sorry, {type(error).__name__}", status_code=507)

    with client_of(put, read, exception_handlers={error: sorry}) as client:
        client.set_session_data({"user": 7})
        response = client.get("/set")

        assert (507, f"sorry, {error.__name__}") == (response.status_code, response.text)
        assert [] == set_cookies(response)
        assert {"user": 7} == client.get("/read").json()
    assert CANARY not in caplog.text


def test_a_change_that_cannot_be_sent_has_litestars_own_page() -> None:
    @get("/")
    async def change(request: AnyRequest) -> None:
        request.session["text"] = CANARY * 200

    with client_of(change) as client:
        response = client.get("/")

    assert (500, "Internal Server Error") == (response.status_code, response.json()["detail"])


def test_with_compression_no_handler_can_answer_a_request_whose_session_cannot_be_sent() -> None:
    @get("/")
    async def change(request: AnyRequest) -> None:
        request.session["text"] = CANARY * 200

    def sorry(_: AnyRequest, __: Exception) -> Response[str]:
        return Response("sorry", status_code=507)

    handlers = {CookieTooLargeError: sorry}
    compression = CompressionConfig(backend="gzip")
    with client_of(change, exception_handlers=handlers, compression_config=compression) as client:
        response = client.get("/", headers={"Accept-Encoding": "gzip"})

    assert (500, []) == (response.status_code, set_cookies(response))


def test_an_exception_handler_can_send_another_session() -> None:
    @get("/")
    async def change(request: AnyRequest) -> None:
        request.set_session({"text": CANARY * 200})

    def sorry(request: AnyRequest, _: Exception) -> Response[str]:
        request.session["text"] = "short"
        return Response("sorry", status_code=507)

    with client_of(change, exception_handlers={CookieTooLargeError: sorry}) as client:
        assert 507 == client.get("/").status_code
        assert {"text": "short"} == client.get_session_data()


# --- the end of a request -----------------------------------------------------------------------


@pytest.mark.parametrize("value", [{"user": 7}, Datum(7), Empty, [7], {"user": object()}])
def test_what_is_set_after_the_headers_is_logged(
    value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @get("/")
    async def stream(request: AnyRequest) -> Stream:
        request.session["user"] = 5

        async def parts() -> AsyncIterator[str]:
            yield "one"
            request.set_session(value)

        return Stream(parts())

    fresh = CookieSessionConfig(keys=KEYS)
    with client_of(stream, config=fresh) as client:
        assert "one" == client.get("/").text
        assert {"user": 5} == client.get_session_data()

    (line,) = logged(caplog)
    assert "headers" in line or "something else into 'session'" in line


def test_a_dict_that_changes_after_the_headers_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    @get("/")
    async def stream(request: AnyRequest) -> Stream:
        contents = {"cart": [1]}
        request.set_session(contents)

        async def parts() -> AsyncIterator[str]:
            yield "one"
            contents["cart"].append(2)

        return Stream(parts())

    with client_of(stream) as client:
        client.get("/")
        assert {"cart": [1]} == client.get_session_data()

    assert 1 == len(logged(caplog))


def test_a_session_that_was_set_and_stays_as_it_is_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @get("/set")
    async def put(request: AnyRequest) -> None:
        request.set_session(Datum(7))

    @get("/clear")
    async def clear(request: AnyRequest) -> None:
        request.clear_session()

    with client_of(put, clear) as client:
        client.get("/set")
        client.get("/clear")

    assert [] == logged(caplog)


def test_a_write_in_a_background_task_raises() -> None:
    seen: list[Exception] = []

    @get("/")
    async def home(request: AnyRequest) -> Response[str]:
        async def later() -> None:
            try:
                request.session["user"] = 7
            except SessionCommittedError as error:
                seen.append(error)

        return Response("hello", background=BackgroundTask(later))

    with client_of(home) as client:
        client.get("/")

    assert 1 == len(seen)


def test_observe_is_called_once_for_a_request_that_touched_its_session() -> None:
    seen: list[Written | None] = []
    observed = CookieSessionConfig(keys=KEYS, observe=lambda session: seen.append(session.written))

    @get("/set")
    async def put(request: AnyRequest) -> None:
        request.set_session({"user": 7})

    with client_of(put, read, untouched, config=observed) as client:
        for path in ("/set", "/read", "/untouched"):
            client.get(path)

    assert [Written.SAVED, Written.NOTHING] == seen


# --- WebSockets ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["change", "set_session"])
def test_a_write_before_a_websocket_is_accepted_arrives(way: str) -> None:
    @websocket("/")
    async def socket(socket: AnySocket) -> None:
        if way == "change":
            socket.session["user"] = 7
        else:
            socket.set_session({"user": 7})
        await socket.accept()
        await socket.close()

    with client_of(socket) as client, client.websocket_connect("/") as connection:
        cookies = [
            value.decode()
            for name, value in connection.extra_headers or ()
            if name == b"set-cookie"
        ]

    assert {"user": 7} == sessions.decode(cookies)


def test_a_websocket_whose_session_is_too_large_is_refused(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @websocket("/")
    async def socket(socket: AnySocket) -> None:
        socket.set_session({"text": CANARY * 200})
        await socket.accept()

    with (
        client_of(socket) as client,
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/"),
    ):
        pass

    assert 4500 == refused.value.code
    (line,) = logged(caplog)
    assert "was not sent: CookieTooLargeError" in line


def test_what_is_set_after_a_websocket_is_accepted_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @websocket("/")
    async def socket(socket: AnySocket) -> None:
        await socket.accept()
        socket.set_session({"user": 7})
        await socket.close()

    with client_of(socket) as client, client.websocket_connect("/"):
        pass

    (line,) = logged(caplog)
    assert "headers" in line


def test_a_session_lost_with_a_refused_handshake_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @websocket("/")
    async def socket(socket: AnySocket) -> None:
        socket.set_session({"user": 7})
        await socket.close()

    with (
        client_of(socket) as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/"),
    ):
        pass

    (line,) = logged(caplog)
    assert "a handshake refused by websocket.close has no headers" in line


# --- layers -------------------------------------------------------------------------------------


def test_an_outer_layer_of_ours_shares_its_session(caplog: pytest.LogCaptureFixture) -> None:
    @post("/")
    async def log_in(request: AnyRequest) -> None:
        request.set_session({"user": 7})

    app: Any = asgi.CookieSessionMiddleware(
        Litestar([log_in, read], middleware=[config.middleware], logging_config=None), sessions
    )
    with TestClient(app) as client:
        assert 2 == len(set_cookies(client.post("/")))
        assert {"user": 7} == client.get("/read").json()

    assert [] == logged(caplog)


def test_two_sessions_of_different_names_are_independent() -> None:
    outer = CookieSessionConfig(keys=[OTHER], name="outer")

    @post("/")
    async def put(request: AnyRequest) -> None:
        request.set_session({"user": 7})
        asgi.get_session(request, "outer")["theme"] = "dark"

    app = Litestar([put], middleware=[outer.middleware, config.middleware])
    with TestClient(app, session_config=config) as client:
        client.post("/")

        assert {"user": 7} == client.get_session_data()
        assert {"theme": "dark"} == outer.sessions.decode(dict(client.cookies))


# --- Litestar's own middleware ------------------------------------------------------------------


def own_middleware(*handlers: Any) -> Any:
    """Return a test client of an application with Litestar's middleware and our backend."""
    backend = config._backend_class(config=config)
    app = Litestar(handlers, middleware=[DefineMiddleware(SessionMiddleware, backend=backend)])
    return TestClient(app, session_config=config, raise_server_exceptions=False)


def test_the_backend_serves_http_under_litestars_own_middleware() -> None:
    seen: list[Outcome] = []

    @post("/change")
    async def change(request: AnyRequest) -> None:
        request.session["cart"] = ["tea"]

    @post("/log-in")
    async def log_in(request: AnyRequest) -> None:
        seen.append(asgi.get_session(request).outcome)
        request.set_session(Datum(7))

    @post("/log-out")
    async def log_out(request: AnyRequest) -> None:
        request.clear_session()

    with own_middleware(change, log_in, log_out, untouched) as client:
        assert [] == set_cookies(client.get("/untouched"))
        client.post("/change")
        assert {"cart": ["tea"]} == client.get_session_data()
        client.post("/log-in")
        assert {"user": 7} == client.get_session_data()
        client.post("/log-out")
        assert {} == client.get_session_data()

    assert [Outcome.LOADED] == seen


def test_the_backend_refuses_websockets_under_litestars_own_middleware() -> None:
    @websocket("/")
    async def socket(socket: AnySocket) -> None:
        await socket.accept()

    with (
        own_middleware(socket) as client,
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/"),
    ):
        pass

    assert 4500 == refused.value.code

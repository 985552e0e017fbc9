"""Rules of the Tornado adapter beyond the conformance suite, under Tornado's own server."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest, RequestStartLine
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler
from typing_extensions import TypedDict

from cookiesession_adapters.tornado import get_session, setup
from cookiesession_core import ConfigurationError, CookieSession
from tests.support.keys import KEYS
from tests.support.targets import serving_in_a_loop
from tests.support.user_agent import UserAgent

sessions = CookieSession(keys=KEYS)
Routes = list[tuple[Any, ...]]
Serve = Callable[..., str]


class Contents(TypedDict, total=False):
    """The contents of a session."""

    user: int


class Read(RequestHandler):
    def get(self) -> None:
        self.write(dict(get_session(self)))


class Login(RequestHandler):
    def get(self) -> None:
        get_session(self)["user"] = 7


def serving(*routes: Any) -> AbstractContextManager[str]:
    @contextlib.asynccontextmanager
    async def application(listener: socket.socket) -> AsyncIterator[None]:
        app = Application([("/", Read), *routes], log_function=lambda _: None)
        setup(app, sessions)
        server = HTTPServer(app)
        server.add_sockets([listener])
        yield
        server.stop()
        await server.close_all_connections()

    return serving_in_a_loop(application)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:
        yield lambda *routes: stack.enter_context(serving(*routes))


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def test_the_handlers_own_cookies_are_kept_in_order_and_overwrite_sees_them(
    serve: Serve, agent: UserAgent
) -> None:
    class SetCookies(Login):
        def get(self) -> None:
            self.set_cookie("a", "1")
            super().get()
            self.set_cookie("session", "overwritten")
            self.set_cookie("b", "2")
            self.clear_cookie("c")

    url = serve(("/cookies", SetCookies))
    names = [value.partition("=")[0] for value in agent.get(f"{url}/cookies").set_cookie]

    assert ["a", "b", "c", "session", "session.sig"] == names
    assert {"user": 7} == agent.get(url).json()


def test_a_redirect_carries_the_session(serve: Serve, agent: UserAgent) -> None:
    class Redirect(Login):
        def get(self) -> None:
            super().get()
            self.redirect("/")

    url = serve(("/login", Redirect))

    assert 302 == agent.get(f"{url}/login").status
    assert {"user": 7} == agent.get(url).json()


def test_an_error_page_of_the_application_carries_the_session(
    serve: Serve, agent: UserAgent
) -> None:
    class Fail(Login):
        def get(self) -> None:
            super().get()
            raise HTTPError(403)

        def write_error(self, status_code: int, **_: Any) -> None:
            session = get_session(self)
            session["errors"] = session.get("errors", 0) + 1
            self.write(f"sorry: {status_code}")

    url = serve(("/fail", Fail))

    assert b"sorry: 403" == agent.get(f"{url}/fail").body
    assert {"user": 7, "errors": 1} == agent.get(url).json()


def test_send_error_carries_the_session(serve: Serve, agent: UserAgent) -> None:
    class Fail(Login):
        def get(self) -> None:
            super().get()
            self.send_error(404)

    url = serve(("/fail", Fail))

    assert 404 == agent.get(f"{url}/fail").status
    assert {"user": 7} == agent.get(url).json()


def test_a_static_file_carries_the_session(serve: Serve, agent: UserAgent) -> None:
    class File(StaticFileHandler):
        def prepare(self) -> None:
            get_session(self)["user"] = 7

    url = serve(("/(.*)", File, {"path": Path(__file__).parent}))

    assert Path(__file__).read_bytes() == agent.get(f"{url}/{Path(__file__).name}").body
    assert {"user": 7} == agent.get(url).json()


def test_a_file_that_has_not_changed_carries_the_session(serve: Serve, agent: UserAgent) -> None:
    class Tagged(Login):
        def get(self) -> None:
            super().get()
            self.write("the same")

    url = serve(("/same", Tagged))
    (tag,) = UserAgent().get(f"{url}/same").all("Etag")

    assert 304 == agent.get(f"{url}/same", [("If-None-Match", tag)]).status
    assert {"user": 7} == agent.get(url).json()


def test_handlers_that_ask_for_no_session_are_left_alone(serve: Serve, agent: UserAgent) -> None:
    class Alone(RequestHandler):
        def get(self) -> None:
            assert "flush" not in vars(self)
            self.set_cookie("a", "1")

    response = agent.get(f"{serve(('/alone', Alone))}/alone")

    assert (200, ["a=1; Path=/"]) == (response.status, response.set_cookie)


def test_the_handlers_of_one_request_share_its_session(serve: Serve, agent: UserAgent) -> None:
    class Delegating(RequestHandler):
        def get(self) -> None:
            get_session(self)["user"] = 7
            helper = Read(self.application, self.request)
            self.write({"same": get_session(helper) is get_session(self)})

    url = serve(("/delegating", Delegating))

    assert b'{"same": true}' == agent.get(f"{url}/delegating").body
    assert b'{"user": 7}' == agent.get(url).body


def test_a_typed_session_is_the_session_itself(serve: Serve, agent: UserAgent) -> None:
    class Typed(RequestHandler):
        def get(self) -> None:
            typed = get_session(self, of=Contents)
            typed["user"] = 7
            named: object = get_session(self, "session", of=Contents)
            self.write({"same": typed is named is get_session(self)})

    url = serve(("/typed", Typed))

    assert b'{"same": true}' == agent.get(f"{url}/typed").body
    assert b'{"user": 7}' == agent.get(url).body


def test_wrong_arguments_fail_at_once() -> None:
    with pytest.raises(ConfigurationError, match="is required"):
        setup(Application())
    with pytest.raises(ConfigurationError, match="options beside a ready-made"):
        setup(Application(), sessions, name="my")


@pytest.mark.parametrize(("name", "said"), [(None, "here: call setup"), ("my", "cookie 'my'")])
def test_without_setup_there_is_no_session(name: str | None, said: str) -> None:
    connection: Any = SimpleNamespace(set_close_callback=lambda _: None)
    line = RequestStartLine("GET", "/", "HTTP/1.0")
    request = HTTPServerRequest(start_line=line, connection=connection)
    handler = RequestHandler(Application(), request)

    with pytest.raises(ConfigurationError, match=said):
        get_session(handler, name)

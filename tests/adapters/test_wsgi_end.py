"""The end of a request under WSGI: the body, a response that never starts, late writes, layers."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper

import attrs
import pytest

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import ConfigurationError, CookieSession, Session, Written
from tests.support.cookies import header, sent_back
from tests.support.keys import KEYS, NEWEST, OTHER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

sessions = CookieSession(keys=KEYS)
CART = header({"cart": [1]})


FILE = io.BytesIO(b"ab")


class Timeout(BaseException):
    """What gevent raises in an application that takes too long."""


@attrs.define
class Server:
    """Serves requests as a WSGI server does; keeps the last response."""

    app: WSGIApplication
    status: str = ""
    headers: list[tuple[str, str]] = attrs.field(factory=list)

    def start_response(
        self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None
    ) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return io.BytesIO().write

    def serve(self, environ: WSGIEnvironment | None = None, *, closes: bool = True) -> bytes:
        """Serve a request and return the body; a careless server never closes it."""
        body = self.app(request() if environ is None else environ, self.start_response)
        try:
            return b"".join(body)
        finally:
            if closes:
                getattr(body, "close", int)()

    def saved(self) -> dict[str, Any] | None:
        """Return the session that the response carries."""
        return sessions.decode(sent_back(v for name, v in self.headers if name == "Set-Cookie"))


def request(cookies: str | None = None, more: Any = ()) -> WSGIEnvironment:
    environ = {"wsgi.url_scheme": "http", "REQUEST_METHOD": "GET", **dict(more)}
    return environ if cookies is None else {**environ, "HTTP_COOKIE": cookies}


def wrapped(app: WSGIApplication, **options: Any) -> CookieSessionMiddleware:
    return CookieSessionMiddleware(app, **{"keys": KEYS, **options})


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("body", "wrapper"),
    [
        ([b"a", b"b"], None),
        ((b"a", b"b"), None),
        (FileWrapper(io.BytesIO(b"ab")), FileWrapper),
        (FILE, lambda _: FILE),
    ],
    ids=["list", "tuple", "file wrapper", "file of uWSGI"],
)
def test_a_body_that_runs_no_code_of_the_application_passes_unwrapped(
    body: Iterable[bytes], wrapper: object
) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        get_session(environ)["a"] = 1
        start_response("200 OK", [])
        return body

    ended: list[Session] = []
    server = Server(wrapped(app, observe=ended.append))

    environ = request(more={"wsgi.file_wrapper": wrapper})
    assert body is server.app(environ, server.start_response)
    assert [get_session(environ)] == ended
    assert {"a": 1} == server.saved()


class Numbers(list[bytes]):
    """A list whose chunks are made one by one."""


def test_a_body_of_another_class_is_wrapped_and_has_the_same_chunks() -> None:
    class Wrapper:
        """Not what made the body."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        get_session(environ)["a"] = 1
        start_response("200 OK", [])
        return Numbers([b"a", b"b"])

    server = Server(wrapped(app))

    assert b"ab" == server.serve(request(more={"wsgi.file_wrapper": Wrapper}))
    assert {"a": 1} == server.saved()


@pytest.mark.parametrize("closes", [True, False])
def test_a_request_ends_once_whether_or_not_the_server_closes_the_body(*, closes: bool) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        get_session(environ)["a"] = 1
        start_response("200 OK", [])
        yield b"one"

    ended: list[Written | None] = []
    server = Server(wrapped(app, observe=lambda session: ended.append(session.written)))

    assert b"one" == server.serve(closes=closes)
    assert [Written.SAVED] == ended


def test_a_body_that_is_left_early_is_closed_and_ends_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        cart = get_session(environ)["cart"]
        start_response("200 OK", [])
        try:
            cart.append(2)
            yield b"one"
            yield b"two"
        finally:
            closed.append(True)

    body: Any = wrapped(app)(request(CART), Server(app).start_response)
    assert b"one" == next(iter(body))
    body.close()

    assert [True] == closed
    assert 1 == len(errors(caplog))
    assert "changed under 'cart' after the response headers" in caplog.text


def test_an_exception_of_close_reaches_the_server_and_the_request_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Body:
        def __init__(self, session: Session) -> None:
            self.session = session

        def __iter__(self) -> Iterator[bytes]:
            yield b"one"

        def close(self) -> None:
            self.session["cart"].append(2)
            raise LookupError

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Body:
        start_response("200 OK", [])
        return Body(get_session(environ))

    body: Any = wrapped(app)(request(CART), Server(app).start_response)
    with pytest.raises(LookupError):
        body.close()

    assert "changed under 'cart' after the response headers" in caplog.text


def return_a_list(environ: WSGIEnvironment, _: StartResponse) -> Iterable[bytes]:
    get_session(environ)["a"] = 1
    return [b"never sent"]


def end_a_generator(environ: WSGIEnvironment, _: StartResponse) -> Iterator[bytes]:
    get_session(environ)["a"] = 1
    yield from ()


def raising(error: BaseException, *, late: bool) -> WSGIApplication:
    def app(environ: WSGIEnvironment, _: StartResponse) -> Iterable[bytes]:
        get_session(environ)["a"] = 1
        raise error

    def generate(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield from app(environ, start_response)

    return generate if late else app


@pytest.mark.parametrize("app", [return_a_list, end_a_generator])
def test_a_write_of_an_application_that_starts_no_response_is_reported_once(
    app: WSGIApplication, caplog: pytest.LogCaptureFixture
) -> None:
    environ = request()

    Server(wrapped(app)).serve(environ)

    said = "the session cookie 'session' was not sent: the application ended without a response"
    assert [said] == errors(caplog)
    assert Written.REFUSED is get_session(environ).written


@pytest.mark.parametrize("late", [False, True], ids=["at once", "in a generator"])
@pytest.mark.parametrize("error", [LookupError(), SystemExit(), Timeout()], ids=repr)
def test_a_write_lost_by_an_exception_is_reported_once(
    error: BaseException, *, late: bool, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(wrapped(raising(error, late=late)))

    with pytest.raises(type(error)):
        server.serve()

    said = "the session cookie 'session' was not sent: an exception left the application before "
    assert [f"{said}any response"] == errors(caplog)


class FailingBody(list[bytes]):
    """A body whose ``close`` fails."""

    def close(self) -> None:
        raise LookupError


def fail_in_close(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    get_session(environ)["a"] = 1
    start_response("200 OK", [])
    return FailingBody()


def test_a_write_before_a_close_that_fails_is_reported_if_no_response_was_started(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(environ: WSGIEnvironment, _: StartResponse) -> Iterable[bytes]:
        get_session(environ)["a"] = 1
        return FailingBody()

    body: Any = wrapped(app)(request(), Server(app).start_response)
    with pytest.raises(LookupError):
        body.close()

    said = "the session cookie 'session' was not sent: an exception left the application before "
    assert [f"{said}any response"] == errors(caplog)


def test_after_a_close_that_fails_a_write_is_logged_and_passes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    environ = request()
    body: Any = wrapped(fail_in_close)(environ, Server(fail_in_close).start_response)
    with pytest.raises(LookupError):
        body.close()
    assert [] == errors(caplog)  # nobody knows whether the headers have left

    get_session(environ)["b"] = 2

    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


@pytest.mark.parametrize("app", [raising(LookupError(), late=False), raising(Timeout(), late=True)])
def test_after_an_exception_a_write_is_logged_and_passes(
    app: WSGIApplication, caplog: pytest.LogCaptureFixture
) -> None:
    environ = request()
    with pytest.raises((LookupError, Timeout)):
        Server(wrapped(app)).serve(environ)
    caplog.clear()

    get_session(environ)["b"] = 2

    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


@pytest.mark.parametrize("late", [False, True], ids=["at once", "in a generator"])
def test_after_an_exception_a_first_write_is_logged_too(
    *, late: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: WSGIEnvironment, __: StartResponse) -> Iterable[bytes]:
        raise LookupError

    def generate(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        yield from fail(environ, start_response)

    environ = request()
    with pytest.raises(LookupError):
        Server(wrapped(generate if late else fail)).serve(environ)

    get_session(environ)["a"] = 1

    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


def test_after_a_save_that_failed_a_write_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        get_session(environ)["text"] = "x" * 4096
        start_response("200 OK", [])
        raise AssertionError

    environ = request()
    with pytest.raises(Exception, match="4093"):
        Server(wrapped(app)).serve(environ)

    get_session(environ)["a"] = 1

    first, second = errors(caplog)
    assert "CookieTooLargeError" in first
    assert "written to after the response headers" in second


def test_a_request_that_is_tried_again_has_a_new_session() -> None:
    attempts: list[Session] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        attempts.append(get_session(environ))
        if len(attempts) == 1:
            raise LookupError
        get_session(environ)["user"] = 7
        start_response("200 OK", [])
        return []

    def try_twice(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return middleware(environ, start_response)
        except LookupError:
            return middleware(environ, start_response)

    middleware = wrapped(app)
    server = Server(try_twice)
    server.serve()

    assert {"user": 7} == server.saved()
    assert 2 == len(set(map(id, attempts)))


def test_the_clean_up_after_an_error_page_may_write(caplog: pytest.LogCaptureFixture) -> None:
    flask = pytest.importorskip("flask")
    app = flask.Flask("shop")
    app.add_url_rule("/", view_func=lambda: flask.abort(503))
    app.teardown_request(lambda _: get_session(flask.request).update(done=True))
    app.wsgi_app = wrapped(app.wsgi_app)

    response = app.test_client().get("/")

    assert 503 == response.status_code
    assert b"Service Unavailable" in response.data
    assert ["written to after the response headers" in line for line in errors(caplog)] == [True]


def layered(outer: CookieSession, inner: CookieSession, act: Callable[[Session], object]) -> Server:
    """Return a server of an application whose layers both have a session, which ``act`` gets."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        act(get_session(environ))
        start_response("200 OK", [])
        yield b""

    def between(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert "dark" == get_session(environ).setdefault("theme", "dark")
        return inside(environ, start_response)

    inside = CookieSessionMiddleware(app, inner)
    return Server(CookieSessionMiddleware(between, outer))


def test_layers_that_share_a_session_end_it_once() -> None:
    ended: list[Session] = []
    configuration = CookieSession(keys=KEYS, observe=ended.append)
    server = layered(configuration, configuration, lambda session: session.update(user=7))
    server.serve()

    assert {"theme": "dark", "user": 7} == server.saved()
    assert 1 == len(ended)


def test_a_bridge_from_asgi_hands_the_session_over() -> None:
    session = sessions.open(CART)
    scope = {"cookiesession.session:session": session}
    seen: list[Session] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.extend([get_session(environ), get_session(environ, "session")])
        start_response("200 OK", [])
        return []

    server = Server(wrapped(app))
    server.serve(request(more={"asgi.scope": scope}))

    assert all(each is session for each in seen)
    assert [] == server.headers


def test_layers_with_other_keys_are_an_error_that_shows_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    inner = CookieSession(keys=[OTHER], max_age=3600, path="/shop")
    server = layered(sessions, inner, print)

    with pytest.raises(
        ConfigurationError, match="'session' with different keys, codec or format, max_age, path:"
    ) as raised:
        server.serve()

    assert not any(key in str(raised.value) for key in (NEWEST, OTHER, "3600", "/shop"))
    assert 1 == len(errors(caplog))  # the write of the outer layer


# --- header fields that do not leave ---------------------------------------------------------


def failing_after_start(environ: Any, start_response: Any) -> Any:
    get_session(environ)["user"] = 7
    start_response("200 OK", [])
    raise LookupError


def failing_in_the_first_step(environ: Any, start_response: Any) -> Any:
    get_session(environ)["user"] = 7
    start_response("200 OK", [])
    if environ:
        raise LookupError
    yield b""


def with_a_field_that_a_server_refuses(environ: Any, start_response: Any) -> Any:
    get_session(environ)["user"] = 7
    start_response("200 OK", [("Connection", "close")])
    return [b"fine"]


def failing_after_the_first_chunk(environ: Any, start_response: Any) -> Any:
    get_session(environ)["user"] = 7
    start_response("200 OK", [])
    yield b"begun"
    raise LookupError


def failing_after_write(environ: Any, start_response: Any) -> Any:
    get_session(environ)["user"] = 7
    start_response("200 OK", [])(b"begun")
    raise LookupError


def failing_in_the_body_after_write(environ: Any, start_response: Any) -> Any:
    get_session(environ)["user"] = 7
    start_response("200 OK", [])(b"begun")
    return map(int, ["not a number"])


def served_by_wsgiref(app: Any) -> bytes:
    out = io.BytesIO()
    environ = {"REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.0"}
    SimpleHandler(io.BytesIO(), out, io.StringIO(), environ).run(app)
    return out.getvalue()


@pytest.mark.parametrize(
    "app",
    [failing_after_start, failing_in_the_first_step, with_a_field_that_a_server_refuses],
)
def test_a_write_whose_headers_do_not_leave_is_logged(
    app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = served_by_wsgiref(CookieSessionMiddleware(app, keys=KEYS))

    assert b"500 Internal Server Error" in answer
    assert b"Set-Cookie" not in answer
    (line,) = errors(caplog)
    assert line.startswith("the session cookie 'session' was not sent: ")


@pytest.mark.parametrize(
    "app",
    [failing_after_the_first_chunk, failing_after_write, failing_in_the_body_after_write],
)
def test_a_write_whose_headers_have_left_is_not_logged(
    app: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = served_by_wsgiref(CookieSessionMiddleware(app, keys=KEYS))

    assert b"Set-Cookie: session=" in answer
    assert [] == errors(caplog)


def test_an_error_page_that_comes_too_late_does_not_make_the_cookies_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        get_session(environ)["user"] = 7
        start_response("200 OK", [])
        yield b"begun"
        try:
            environ["no such key"]
        except KeyError:
            start_response("500 Internal Server Error", [], sys.exc_info())

    answer = served_by_wsgiref(CookieSessionMiddleware(app, keys=KEYS))

    assert b"Set-Cookie: session=" in answer
    assert [] == errors(caplog)

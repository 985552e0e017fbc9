"""The WSGI adapter between an application and a server, each checked by ``wsgiref.validate``."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import attrs
import pytest
from typing_extensions import TypedDict

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import ConfigurationError, CookieSession, CookieTooLargeError
from tests.support.cookies import sent_back
from tests.support.keys import KEYS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

TEXT = [("Content-Type", "text/plain")]
sessions = CookieSession(keys=KEYS)


class Contents(TypedDict, total=False):
    """The contents of a session."""

    user: int


@attrs.define
class Exchange:
    """One request to an application, and the response that a server would have sent."""

    starts: list[tuple[str, list[tuple[str, str]]]] = attrs.field(factory=list)
    body: bytes = b""

    @property
    def status(self) -> str:
        return self.starts[-1][0]

    @property
    def set_cookie(self) -> list[str]:
        return [value for name, value in self.starts[-1][1] if name == "Set-Cookie"]


def request(app: WSGIApplication, method: str = "GET", **environ: str) -> Exchange:
    """Send a request through two validators, one on each side of the middleware."""
    exchange = Exchange()

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        assert not exchange.starts or exc_info
        exchange.starts.append((status, headers))
        return written.write

    written = io.BytesIO()
    values: dict[str, Any] = {"REQUEST_METHOD": method, "QUERY_STRING": "", **environ}
    setup_testing_defaults(values)
    answer = validator(app)(values, start_response)
    try:
        exchange.body = b"".join(answer)
    finally:
        getattr(answer, "close", int)()
    exchange.body = written.getvalue() + exchange.body
    return exchange


def wrapped(app: WSGIApplication, **options: Any) -> CookieSessionMiddleware:
    return CookieSessionMiddleware(validator(app), **{"keys": KEYS, **options})


def counting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    session = get_session(environ)
    session["views"] = session.get("views", 0) + 1
    start_response("200 OK", list(TEXT))
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else str(session["views"]).encode()]


def test_a_touched_session_is_written_and_comes_back() -> None:
    first = request(wrapped(counting))
    second = request(wrapped(counting), HTTP_COOKIE=sent_back(first.set_cookie))

    assert (b"1", b"2") == (first.body, second.body)
    assert {"views": 2} == sessions.decode(sent_back(second.set_cookie))
    assert ("Vary", "Cookie") in second.starts[-1][1]


def test_an_untouched_session_leaves_the_headers_as_they_are() -> None:
    headers = [*TEXT, ("Set-Cookie", "a=1")]

    def app(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", headers)
        return [b"hello"]

    exchange = request(wrapped(app), HTTP_COOKIE=sent_back(request(wrapped(counting)).set_cookie))

    assert headers == exchange.starts[-1][1]


def test_head_carries_the_session() -> None:
    exchange = request(wrapped(counting), "HEAD")

    assert b"" == exchange.body
    assert {"views": 1} == sessions.decode(sent_back(exchange.set_cookie))


def test_the_scheme_of_the_url_tells_whether_the_cookie_is_secure() -> None:
    plain = request(wrapped(counting), **{"wsgi.url_scheme": "http"})
    secure = request(wrapped(counting), **{"wsgi.url_scheme": "https"})

    assert [False, False] == ["; secure" in value for value in plain.set_cookie]
    assert [True, True] == ["; secure" in value for value in secure.set_cookie]


def test_a_second_start_of_the_response_carries_the_same_session() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        get_session(environ)["user"] = 7
        start_response("200 OK", [*TEXT, ("Set-Cookie", "a=1")])
        try:
            int("no number")
        except ValueError:
            start_response("500 Sorry", list(TEXT), sys.exc_info())
        yield b"sorry"

    exchange = request(wrapped(app))

    assert ["200 OK", "500 Sorry"] == [status for status, _ in exchange.starts]
    assert {"user": 7} == sessions.decode(sent_back(exchange.set_cookie))
    assert 2 == len(exchange.set_cookie)


def test_the_write_callable_of_the_server_is_passed_on() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        get_session(environ)["user"] = 7
        start_response("200 OK", list(TEXT))(b"written, ")
        return [b"returned"]

    exchange = request(wrapped(app))

    assert b"written, returned" == exchange.body
    assert {"user": 7} == sessions.decode(sent_back(exchange.set_cookie))


def test_a_generator_may_start_the_response_late() -> None:
    closed = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        get_session(environ)["user"] = 7
        start_response("200 OK", list(TEXT))
        try:
            yield b"one, "
            yield b"two"
        finally:
            closed.append(True)

    exchange = request(wrapped(app))

    assert (b"one, two", [True]) == (exchange.body, closed)
    assert {"user": 7} == sessions.decode(sent_back(exchange.set_cookie))


def test_two_middlewares_have_two_sessions() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        get_session(environ, "site")["theme"] = "dark"
        get_session(environ, "shop")["cart"] = [7]
        start_response("200 OK", list(TEXT))
        return [b"shop" if get_session(environ) is get_session(environ, "shop") else b"site"]

    exchange = request(CookieSessionMiddleware(wrapped(app, name="shop"), keys=KEYS, name="site"))

    assert b"shop" == exchange.body
    for name, contents in (("site", {"theme": "dark"}), ("shop", {"cart": [7]})):
        cookies = sent_back(exchange.set_cookie)
        assert contents == CookieSession(keys=KEYS, name=name).decode(cookies)


def test_a_session_that_cannot_be_sent_fails_before_the_response_starts() -> None:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        get_session(environ)["text"] = "x" * 4096
        try:
            start_response("200 OK", list(TEXT))
        except CookieTooLargeError:
            start_response("500 Too large", list(TEXT))
        return [b""]

    exchange = request(wrapped(app))

    assert ["500 Too large"] == [status for status, _ in exchange.starts]
    assert [] == exchange.set_cookie


def test_a_session_lost_by_an_exception_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def app(environ: WSGIEnvironment, _start_response: StartResponse) -> list[bytes]:
        get_session(environ)["a"] = 1
        raise LookupError

    with pytest.raises(LookupError):
        request(wrapped(app))

    assert "'session' was not sent: an exception left the application" in caplog.text


def test_it_takes_options_or_a_ready_made_configuration() -> None:
    assert sessions is CookieSessionMiddleware(counting, sessions).sessions
    assert "my" == CookieSessionMiddleware(counting, keys=KEYS, name="my").sessions.name


@pytest.mark.parametrize(
    ("sessions", "options", "said"),
    [
        (None, {}, "is required"),
        (CookieSession(keys=KEYS), {"name": "my"}, "options beside a ready-made .*: name"),
        (KEYS, {}, "expected a CookieSession or options, got list"),
    ],
)
def test_wrong_arguments_fail_at_construction(
    sessions: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        CookieSessionMiddleware(counting, sessions, **options)


def test_without_the_middleware_there_is_no_session() -> None:
    remedy = (
        "wrap the application in CookieSessionMiddleware, and let the server run the wrapped one"
    )
    with pytest.raises(ConfigurationError, match=remedy):
        get_session({})
    with pytest.raises(ConfigurationError, match="for the cookie 'my'"):
        get_session({"cookiesession.session": sessions.open()}, "my")


REQUESTS = {
    "bottle": ("bottle", "BaseRequest"),
    "django": ("django.core.handlers.wsgi", "WSGIRequest"),
    "falcon": ("falcon", "Request"),
    "flask": ("flask", "Request"),
    "pyramid": ("pyramid.request", "Request"),
    "werkzeug": ("werkzeug.wrappers", "Request"),
}


@pytest.mark.parametrize(("module", "name"), REQUESTS.values(), ids=REQUESTS)
def test_the_session_is_found_by_the_request_of_a_framework(module: str, name: str) -> None:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    session = environ["cookiesession.session"] = environ["cookiesession.session:my"] = (
        sessions.open()
    )
    if module.startswith("django"):
        pytest.importorskip("django_app")  # it sets Django up
    request = getattr(pytest.importorskip(module), name)(environ)

    assert session is get_session(request) is get_session(request, "my")


def test_the_session_is_found_by_the_current_request_of_flask() -> None:
    flask = pytest.importorskip("flask")
    app = flask.Flask("shop")

    def count() -> str:
        session = get_session(flask.request)
        session["views"] = session.get("views", 0) + 1
        return str(session["views"])

    app.add_url_rule("/", view_func=count)
    app.wsgi_app = CookieSessionMiddleware(app.wsgi_app, sessions)
    client = app.test_client()

    assert ["1", "2"] == [client.get("/").text for _ in range(2)]


@pytest.mark.parametrize("request_", [None, "environ", sessions, object()])
def test_an_object_without_an_environ_is_an_error_that_says_what_is_expected(
    request_: Any,
) -> None:
    kind = type(request_).__name__
    with pytest.raises(TypeError, match=f"expected the environ of a WSGI request, .* got {kind}"):
        get_session(request_)


def test_a_typed_session_is_the_session_itself() -> None:
    session = CookieSession(keys=KEYS).open()
    environ = {"cookiesession.session": session, "cookiesession.session:my": session}

    typed: Any = get_session(environ, of=Contents)
    named: Any = get_session(environ, "my", of=Contents)
    assert session is typed is named

"""Each test client, with the real package and a small application of its kind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from http.cookiejar import CookieJar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from cookiesession_adapters import aiohttp, asgi, tornado, wsgi
from cookiesession_adapters.testing import log_in, read
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    Session,
    SessionEncodeError,
)
from tests.support.keys import KEYS, OTHER

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CONTENTS: dict[str, Any] = {"user": "ada", "cart": [], "name": "Zo\u00eb"}


@attrs.frozen
class Visitor:
    """A test client, and how it asks for a path."""

    client: Any
    visit: Callable[[str], str]
    """Returns the body of the response."""

    def session_there(self, path: str = "/show") -> Any:
        return json.loads(self.visit(path))


# --- applications ----------------------------------------------------------------------------


def act(path: str, session: Session) -> str:
    """Show, change or end the session."""
    word = path.strip("/").rpartition("/")[2]
    if word == "show":
        return json.dumps(dict(session))
    if word == "log-out":
        session.destroy()
    else:
        session.setdefault("cart", []).append(word)
    return "done"


def wsgi_app(sessions: CookieSession) -> Any:
    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = act(environ["PATH_INFO"], wsgi.get_session(environ)).encode()
        start_response(
            "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        )
        return [body]

    return wsgi.CookieSessionMiddleware(app, sessions)


def asgi_app(sessions: CookieSession) -> Any:
    return asgi.CookieSessionMiddleware(answer, sessions)


async def answer(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001
    body = act(scope["path"], asgi.get_session(scope)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


# --- clients ---------------------------------------------------------------------------------


@contextlib.contextmanager
def waiting() -> Iterator[Callable[[Awaitable[Any]], Any]]:
    """Run what an asynchronous client does."""
    loop = asyncio.new_event_loop()
    yield loop.run_until_complete
    loop.close()


@contextlib.contextmanager
def starlette(sessions: CookieSession) -> Iterator[Visitor]:
    package = pytest.importorskip("starlette.testclient")
    client = package.TestClient(asgi_app(sessions))
    yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def fastapi(sessions: CookieSession) -> Iterator[Visitor]:
    app = pytest.importorskip("fastapi").FastAPI()
    app.mount("/", asgi_app(sessions))
    client = pytest.importorskip("fastapi.testclient").TestClient(app)
    yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def litestar(sessions: CookieSession) -> Iterator[Visitor]:
    package = pytest.importorskip("litestar")
    middleware = package.middleware.DefineMiddleware(
        asgi.CookieSessionMiddleware, sessions=sessions
    )
    with warnings.catch_warnings():
        # Newer versions want an argument that older ones do not have.
        warnings.filterwarnings("ignore", ".*'copy_scope' not set")
        app = package.Litestar(
            [package.asgi("/", is_mount=True)(answer)], middleware=[middleware], openapi_config=None
        )
    with pytest.importorskip("litestar.testing").TestClient(app) as client:
        yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def httpx(sessions: CookieSession) -> Iterator[Visitor]:
    package = pytest.importorskip("httpx")
    transport = package.WSGITransport(wsgi_app(sessions))
    with package.Client(transport=transport, base_url="http://testserver") as client:
        yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def async_httpx(sessions: CookieSession) -> Iterator[Visitor]:
    package = pytest.importorskip("httpx")
    transport = package.ASGITransport(asgi_app(sessions))
    client = package.AsyncClient(transport=transport, base_url="http://shop.test:8000")
    with waiting() as wait:
        yield Visitor(client, lambda path: str(wait(client.get(path)).text))
        wait(client.aclose())


@contextlib.contextmanager
def flask(sessions: CookieSession) -> Iterator[Visitor]:
    app = pytest.importorskip("flask").Flask("shop")
    app.wsgi_app = wsgi_app(sessions)
    client = app.test_client()
    yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def flask_with_a_server_name(sessions: CookieSession) -> Iterator[Visitor]:
    app = pytest.importorskip("flask").Flask("shop")
    app.config["SERVER_NAME"] = "shop.test:5000"
    app.wsgi_app = wsgi_app(sessions)
    client = app.test_client()
    yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def werkzeug(sessions: CookieSession) -> Iterator[Visitor]:
    client = pytest.importorskip("werkzeug.test").Client(wsgi_app(sessions))
    yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def quart(sessions: CookieSession) -> Iterator[Visitor]:
    app = pytest.importorskip("quart").Quart("shop")
    app.asgi_app = asgi_app(sessions)
    client = app.test_client()
    with waiting() as wait:

        async def visit(path: str) -> str:
            return str(await (await client.get(path)).get_data(as_text=True))

        yield Visitor(client, lambda path: str(wait(visit(path))))


@contextlib.contextmanager
def webtest(sessions: CookieSession) -> Iterator[Visitor]:
    client = pytest.importorskip("webtest").TestApp(wsgi_app(sessions))
    yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def webtest_with_a_host(sessions: CookieSession) -> Iterator[Visitor]:
    environ = {"HTTP_HOST": "shop.test:8000", "wsgi.url_scheme": "https"}
    client = pytest.importorskip("webtest").TestApp(wsgi_app(sessions), environ)
    yield Visitor(client, lambda path: str(client.get(path).text))


@contextlib.contextmanager
def django(sessions: CookieSession) -> Iterator[Visitor]:
    with django_urls(sessions):
        client = pytest.importorskip("django.test").Client()
        yield Visitor(client, lambda path: str(client.get(path).content.decode()))


@contextlib.contextmanager
def django_slot(sessions: CookieSession) -> Iterator[Visitor]:
    """Serve views of Django whose ``request.session`` is ours."""
    test, http, urls = (pytest.importorskip(f"django.{name}") for name in ("test", "http", "urls"))
    pytest.importorskip("django_app")  # it sets Django up

    class Urls:
        urlpatterns = (
            urls.re_path("", lambda request: http.HttpResponse(act(request.path, request.session))),
        )

    settings = {"COOKIESESSION": sessions, "SESSION_COOKIE_NAME": sessions.name}
    with test.override_settings(ROOT_URLCONF=Urls, **settings):
        client = test.Client()
        yield Visitor(client, lambda path: str(client.get(path).content.decode()))


@contextlib.contextmanager
def async_django(sessions: CookieSession) -> Iterator[Visitor]:
    with django_urls(sessions), waiting() as wait:
        client = pytest.importorskip("django.test").AsyncClient()
        yield Visitor(client, lambda path: str(wait(client.get(path)).content.decode()))


@contextlib.contextmanager
def django_urls(sessions: CookieSession) -> Iterator[None]:
    """Serve views of Django. They open the session, because the client knows no middleware."""
    test, http, urls = (pytest.importorskip(f"django.{name}") for name in ("test", "http", "urls"))
    pytest.importorskip("django_app")  # it sets Django up

    def view(request: Any) -> Any:
        session = sessions.open(request.META.get("HTTP_COOKIE"))
        response = http.HttpResponse(act(request.path, session))
        for line in session.commit():
            name, _, value = line.partition(";")[0].partition("=")
            if "expires=Thu, 01 Jan 1970" in line:
                response.delete_cookie(name)
            else:
                response.set_cookie(name, value, httponly=True)
        return response

    class Urls:
        urlpatterns = (urls.re_path("", view),)

    with test.override_settings(ROOT_URLCONF=Urls, MIDDLEWARE=[]):
        yield


@contextlib.contextmanager
def of_aiohttp(sessions: CookieSession) -> Iterator[Visitor]:
    package, web = (pytest.importorskip(f"aiohttp.{name}") for name in ("test_utils", "web"))

    async def handle(request: Any) -> Any:
        text = act(request.path, aiohttp.get_session(request))
        return web.Response(text=text)

    async def started() -> Any:
        app = web.Application()
        aiohttp.setup(app, sessions)
        app.router.add_get("/{path:.*}", handle)
        client = package.TestClient(package.TestServer(app))
        await client.start_server()
        return client

    async def visit(path: str) -> str:
        return str(await (await client.get(path)).text())

    with waiting() as wait:
        client = wait(started())
        yield Visitor(client, lambda path: str(wait(visit(path))))
        wait(client.close())


@contextlib.contextmanager
def of_tornado(sessions: CookieSession) -> Iterator[Visitor]:
    with tornado_case(sessions) as case:
        yield Visitor(case, lambda path: str(case.fetch(path).body.decode()))


@contextlib.contextmanager
def of_tornado_by_a_request(sessions: CookieSession) -> Iterator[Visitor]:
    http = pytest.importorskip("tornado.httpclient")
    with tornado_case(sessions) as case:

        def visit(path: str) -> str:
            request = http.HTTPRequest(case.get_url(path))
            response = case.io_loop.run_sync(lambda: case.http_client.fetch(request))
            assert "Cookie" not in request.headers
            return str(response.body.decode())

        yield Visitor(case, visit)


@contextlib.contextmanager
def tornado_case(sessions: CookieSession) -> Iterator[Any]:
    testing, web = (pytest.importorskip(f"tornado.{name}") for name in ("testing", "web"))

    class Handler(web.RequestHandler):  # type: ignore[name-defined, misc]
        def get(self) -> None:
            if self.request.path == "/missing":
                tornado.get_session(self)["missed"] = True
                raise web.HTTPError(404)
            self.write(act(self.request.path, tornado.get_session(self)))

    class Case(testing.AsyncHTTPTestCase):  # type: ignore[name-defined, misc]
        def get_app(self) -> Any:
            app = web.Application([("/.*", Handler)])
            tornado.setup(app, sessions)
            return app

        def runTest(self) -> None:  # noqa: N802
            """Tornado asks for a test."""

    case = Case()
    case.setUp()
    try:
        yield case
    finally:
        case.tearDown()


Kind = Callable[[CookieSession], contextlib.AbstractContextManager[Visitor]]
KINDS: dict[str, Kind] = {
    "starlette": starlette,
    "fastapi": fastapi,
    "litestar": litestar,
    "httpx": httpx,
    "asynchronous httpx": async_httpx,
    "flask": flask,
    "flask with a server name": flask_with_a_server_name,
    "werkzeug": werkzeug,
    "quart": quart,
    "webtest, for bottle and pyramid": webtest,
    "webtest with a host": webtest_with_a_host,
    "django": django,
    "Django's own session": django_slot,
    "asynchronous django": async_django,
    "aiohttp": of_aiohttp,
    "tornado": of_tornado,
    "tornado, by a request": of_tornado_by_a_request,
}
with_each_client = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


# --- what every client can do ----------------------------------------------------------------


@with_each_client
def test_a_client_is_logged_in_and_what_the_application_writes_is_read(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS)
    with kind(sessions) as visitor:
        assert {} == visitor.session_there()
        assert read(visitor.client, sessions) is None

        log_in(visitor.client, sessions, CONTENTS)
        assert CONTENTS == read(visitor.client, sessions) == visitor.session_there()

        visitor.visit("/cart/tea")
        changed = {**CONTENTS, "cart": ["tea"]}
        assert changed == read(visitor.client, sessions) == visitor.session_there()

        visitor.visit("/log-out")
        assert read(visitor.client, sessions) is None
        assert {} == visitor.session_there()


@with_each_client
def test_a_log_in_replaces_the_session_that_the_application_began(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS)
    with kind(sessions) as visitor:
        assert read(visitor.client, sessions) is None
        visitor.visit("/cart/milk")
        assert {"cart": ["milk"]} == read(visitor.client, sessions)

        for contents in (CONTENTS, {"user": "bob"}, {}):
            log_in(visitor.client, sessions, contents)
            assert contents == read(visitor.client, sessions) == visitor.session_there()


@with_each_client
def test_only_the_cookies_of_the_session_are_replaced(kind: Kind) -> None:
    sessions, other = CookieSession(keys=KEYS), CookieSession(keys=[OTHER], name="other")
    with kind(sessions) as visitor:
        log_in(visitor.client, other, {"theme": "dark"})
        log_in(visitor.client, sessions, CONTENTS)

        assert {"theme": "dark"} == read(visitor.client, other)
        assert CONTENTS == visitor.session_there()


@with_each_client
def test_the_cookies_have_the_attributes_of_the_configuration(kind: Kind) -> None:
    sessions = CookieSession(
        keys=KEYS, path="/shop", max_age=3600, same_site="lax", priority="high"
    )
    with kind(sessions) as visitor:
        log_in(visitor.client, sessions, CONTENTS)

        assert CONTENTS == read(visitor.client, sessions) == visitor.session_there("/shop/show")
        visitor.visit("/shop/cart/tea")
        assert ["tea"] == (read(visitor.client, sessions) or {})["cart"]


@with_each_client
def test_a_cookie_without_a_path_reaches_the_whole_application(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS, path=None, idle_timeout=60)
    with kind(sessions) as visitor:
        log_in(visitor.client, sessions, CONTENTS)

        assert CONTENTS == read(visitor.client, sessions) == visitor.session_there()


@with_each_client
def test_contents_that_cannot_be_a_session_are_refused(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS, validate=lambda contents: "user" in contents)
    with kind(sessions) as visitor:
        with pytest.raises(SessionEncodeError):
            log_in(visitor.client, sessions, {"user": {1}})
        with pytest.raises(CookieTooLargeError):
            log_in(visitor.client, sessions, {"user": "x" * 4000})
        with pytest.raises(
            ConfigurationError, match=r"the session is not valid there: .* validate"
        ):
            log_in(visitor.client, sessions, {"cart": []})

        assert {} == visitor.session_there()


# --- which cookies a client sends --------------------------------------------------------------


def test_cookies_that_were_set_by_hand_are_replaced() -> None:
    sessions = CookieSession(keys=KEYS)
    with httpx(sessions) as visitor:
        for name, value in sessions.encode({"user": "bob"}).items():
            visitor.client.cookies.set(name, value)
            visitor.client.cookies.set(name, value, domain="testserver.local", path="/show")
        log_in(visitor.client, sessions, CONTENTS)

        assert CONTENTS == visitor.session_there()


@pytest.mark.parametrize("kind", [httpx, of_aiohttp, of_tornado])
def test_secure_cookies_over_plain_http_are_refused(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS, secure=True)
    with kind(sessions) as visitor:
        with pytest.raises(ConfigurationError, match=r"to http:.* secure; give .* https"):
            log_in(visitor.client, sessions, CONTENTS)

        log_in(visitor.client, sessions, CONTENTS, url="https://127.0.0.1/")
        assert CONTENTS == read(visitor.client, sessions, url="https://127.0.0.1/")
        assert read(visitor.client, sessions) is None


@pytest.mark.parametrize("kind", [flask, werkzeug, quart, django])
def test_clients_that_send_secure_cookies_over_plain_http_take_them(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS, secure=True)
    with kind(sessions) as visitor:
        log_in(visitor.client, sessions, CONTENTS)

        assert CONTENTS == read(visitor.client, sessions) == visitor.session_there()


@pytest.mark.parametrize("kind", [httpx, flask, quart, webtest, of_aiohttp, of_tornado])
def test_a_domain_is_for_the_hosts_below_it(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS, domain="shop.test")
    with kind(sessions) as visitor:
        log_in(visitor.client, sessions, CONTENTS, url="http://www.shop.test/")

        assert CONTENTS == read(visitor.client, sessions, url="http://shop.test/")


def test_werkzeug_sends_the_cookies_of_a_domain_to_the_hosts_below_it() -> None:
    sessions = CookieSession(keys=KEYS, domain="shop.test")
    with werkzeug(sessions) as visitor:
        log_in(visitor.client, sessions, CONTENTS, url="http://www.shop.test/")

        for host, seen in (("www.shop.test", CONTENTS), ("shop.test", CONTENTS), ("a.test", {})):
            response = visitor.client.get("/show", base_url=f"http://{host}")
            assert seen == response.json


@pytest.mark.parametrize("kind", [httpx, of_aiohttp, of_tornado])
def test_a_domain_of_another_site_is_refused(kind: Kind) -> None:
    sessions = CookieSession(keys=KEYS, domain="shop.test")
    with kind(sessions) as visitor, pytest.raises(ConfigurationError, match="secure, domain, path"):
        log_in(visitor.client, sessions, CONTENTS)


def test_cookies_that_have_expired_are_refused() -> None:
    sessions = CookieSession(keys=KEYS, max_age=60, clock=lambda: 1_700_000_000)
    with httpx(sessions) as visitor, pytest.raises(ConfigurationError, match="and clock"):
        log_in(visitor.client, sessions, CONTENTS)


def test_a_client_without_an_address_needs_one() -> None:
    sessions, client = CookieSession(keys=KEYS), SimpleNamespace(cookies=CookieJar(), base_url="")

    with pytest.raises(ConfigurationError, match=r"give it a base_url, or pass url="):
        log_in(client, sessions, CONTENTS)
    log_in(client, sessions, CONTENTS, url="https://shop.test")

    assert CONTENTS == read(client, sessions, url="https://shop.test/other?page=1")
    assert {"shop.test"} == {cookie.domain for cookie in client.cookies}


@pytest.mark.parametrize("client", [None, {}, "http://testserver", SimpleNamespace(cookies={})])
def test_an_unknown_client_is_an_error_that_names_the_known_ones(client: Any) -> None:
    sessions = CookieSession(keys=KEYS)

    for act_on in (partial(log_in, contents=CONTENTS), read):
        with pytest.raises(TypeError, match=r"is not a known test client: .*Flask.*Tornado"):
            act_on(client, sessions)


@pytest.mark.parametrize("given", [None, {"keys": KEYS}, KEYS, SimpleNamespace()])
def test_another_object_than_the_configuration_is_an_error_that_says_where_it_is(
    given: Any,
) -> None:
    for act_on in (partial(log_in, contents=CONTENTS), read):
        with pytest.raises(ConfigurationError, match=r"app\.session_interface\.sessions"):
            act_on(SimpleNamespace(cookies=CookieJar()), given)


# --- the jar that Tornado's client gets ------------------------------------------------------


def test_tornado_keeps_the_headers_of_the_caller_as_they_are() -> None:
    sessions = CookieSession(keys=KEYS)
    with tornado_case(sessions) as case:
        log_in(case, sessions, CONTENTS)
        headers = {"X-Request": "1"}
        own = {"Cookie": sessions.cookie_header({"user": "bob"})}

        assert CONTENTS == json.loads(case.fetch("/show", headers=headers).body)
        assert {"X-Request": "1"} == headers
        assert {"user": "bob"} == json.loads(case.fetch("/show", headers=own).body)


@pytest.mark.parametrize("raise_error", [True, False])
def test_tornado_keeps_the_cookies_of_an_error_page(raise_error: bool) -> None:  # noqa: FBT001
    sessions = CookieSession(keys=KEYS)
    with tornado_case(sessions) as case:
        log_in(case, sessions, CONTENTS)
        error = pytest.raises(Exception, match="404") if raise_error else contextlib.nullcontext()
        with error:
            case.fetch("/missing", raise_error)

        assert {**CONTENTS, "missed": True} == read(case, sessions)


def test_tornado_keeps_the_session_when_a_request_has_no_response() -> None:
    sessions = CookieSession(keys=KEYS)
    with tornado_case(sessions) as case:
        log_in(case, sessions, CONTENTS)
        with pytest.raises(OSError, match="refused"):
            case.fetch("http://127.0.0.1:1/")
        case.http_client.fetch(case.get_url("/show")).cancel()

        assert CONTENTS == read(case, sessions) == json.loads(case.fetch("/show").body)


def test_the_session_of_djangos_client_is_the_one_that_was_given() -> None:
    sessions = CookieSession(keys=KEYS)
    with django_slot(sessions) as visitor:
        log_in(visitor.client, sessions, CONTENTS)

        assert CONTENTS == dict(visitor.client.session)


def test_a_session_key_among_the_cookies_of_djangos_client_is_read() -> None:
    sessions = CookieSession(keys=KEYS)
    with django_slot(sessions) as visitor:
        visitor.client.cookies["session"] = sessions.encode_one(CONTENTS)

        assert CONTENTS == visitor.session_there("/show") == read(visitor.client, sessions)

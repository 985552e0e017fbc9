"""Pyramid's ``request.session``, through Pyramid itself and its own test client."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from pyramid import testing
from pyramid.authentication import SessionAuthenticationHelper, SessionAuthenticationPolicy
from pyramid.config import Configurator
from pyramid.csrf import get_csrf_token, new_csrf_token
from pyramid.httpexceptions import HTTPForbidden, HTTPFound, HTTPNotFound
from pyramid.interfaces import ISession, ISessionFactory
from pyramid.request import Request
from pyramid.response import Response
from webtest import TestApp as Browser
from zope.interface.verify import verifyObject

from cookiesession_adapters.pyramid import setup
from cookiesession_adapters.testing import log_in, read
from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    Session,
    SessionCommittedError,
    SessionView,
    Written,
)
from tests.support.cookies import header
from tests.support.keys import KEYS, OTHER

View = Callable[[Any], Any]

sessions = CookieSession(keys=KEYS)


class Timeout(BaseException):
    """What gevent raises in a view that takes too long."""


def application(
    *views: View,
    configured: CookieSession = sessions,
    more: Callable[[Any], object] = bool,
    tweens: list[str] | None = None,
) -> Any:
    """Return an application with a route for each view, under the view's name."""
    with Configurator(settings={"pyramid.tweens": tweens or []}) as config:
        more(config)
        setup(config, configured)
        for view in views:
            config.add_route(view.__name__, f"/{view.__name__}")
            config.add_view(view, route_name=view.__name__)
        return config.make_wsgi_app()


def with_sorry(page: View | None = None) -> Callable[[Any], None]:
    """Return what adds an exception view for any exception."""

    def sorry(error: Exception, request: Any) -> Response:
        if page is not None:
            page(request)
        return Response(f"sorry: {type(error).__name__}", status=500)

    return lambda config: config.add_exception_view(sorry)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def count(request: Any) -> Response:
    request.session["views"] = request.session.get("views", 0) + 1
    return Response(str(request.session["views"]))


def contents(request: Any) -> Response:
    return Response(json_body=dict(request.session))


def fill(request: Any) -> Response:
    request.session["text"] = "x" * 5000
    return Response("never sent")


def slot(cookies: str | None = None, **options: Any) -> Any:
    """Return the session that a factory makes of a request, without an application."""
    config = testing.setUp()
    setup(config, **{"keys": KEYS, **options})
    factory = config.registry.getUtility(ISessionFactory)
    testing.tearDown()
    environ = {} if cookies is None else {"HTTP_COOKIE": cookies}
    return factory(testing.DummyRequest(environ=environ))


# --- the object ------------------------------------------------------------------------------


def test_it_is_a_view_that_has_the_whole_interface_of_pyramid() -> None:
    session = slot()

    assert verifyObject(ISession, session)
    assert isinstance(session, SessionView)


def test_it_reads_the_cookies_of_the_request_and_tells_whether_it_is_new() -> None:
    assert ({"user": 7}, False) == (dict(slot(header({"user": 7}))), slot(header({})).new)
    assert ({}, True) == (dict(slot()), slot().new)


def test_it_was_created_when_the_signed_start_says_or_in_this_request() -> None:
    before = int(time.time())
    lasting = {"absolute_timeout": 100, "clock": lambda: 1_700_000_050.0}
    cookies = header({"user": 7}, absolute_timeout=100, clock=lambda: 1_700_000_000.0)

    assert 1_700_000_000 == slot(cookies, **lasting).created
    session = slot(header({"user": 7}))
    assert before <= session.created <= time.time()
    assert session.created == session.created


def test_messages_are_kept_in_queues_under_the_keys_of_pyramid() -> None:
    session = slot()

    session.flash("saved")
    session.flash("saved")
    session.flash("saved", allow_duplicate=False)
    session.flash("failed", "errors", allow_duplicate=False)

    assert {"_f_": ["saved", "saved"], "_f_errors": ["failed"]} == dict(session)
    assert ["saved", "saved"] == session.peek_flash()
    assert ["saved", "saved"] == session.pop_flash()
    assert ["failed"] == session.pop_flash("errors")
    assert ([], []) == (session.peek_flash(), session.pop_flash())
    assert {} == dict(session)


def test_a_csrf_token_is_kept_under_the_key_of_pyramid_until_a_new_one_is_made() -> None:
    session = slot()

    token = session.get_csrf_token()

    assert {"_csrft_": token} == dict(session)
    assert token == session.get_csrf_token()
    assert token != session.new_csrf_token()
    assert 40 == len(token)


def test_changed_sends_an_unchanged_session_again() -> None:
    def touch(request: Any) -> Response:
        request.session.changed()
        return Response()

    browser = Browser(application(touch))
    log_in(browser, sessions, {"user": 7})

    assert 2 == len(browser.get("/touch").headers.getall("Set-Cookie"))
    assert {"user": 7} == read(browser, sessions)


def test_invalidate_ends_the_session_of_a_client_that_has_one() -> None:
    def leave(request: Any) -> Response:
        request.session.invalidate()
        return Response()

    browser = Browser(application(leave))

    assert [] == browser.get("/leave").headers.getall("Set-Cookie")
    log_in(browser, sessions, {"user": 7})
    assert 2 == len(browser.get("/leave").headers.getall("Set-Cookie"))
    assert read(browser, sessions) is None


def test_after_invalidate_a_message_starts_a_new_session() -> None:
    def leave(request: Any) -> Response:
        request.session.invalidate()
        request.session.flash("bye")
        return Response()

    browser = Browser(application(leave))
    log_in(browser, sessions, {"user": 7})
    browser.get("/leave")

    assert {"_f_": ["bye"]} == read(browser, sessions)


# --- responses -------------------------------------------------------------------------------


def test_an_untouched_session_leaves_the_response_alone() -> None:
    def plain(_request: Any) -> Response:
        return Response("hello")

    browser = Browser(application(plain))
    log_in(browser, sessions, {"user": 7})
    headers = browser.get("/plain").headers

    assert {"Content-Type", "Content-Length"} == set(headers)


def test_a_touched_session_varies_and_a_written_one_is_sent() -> None:
    browser = Browser(application(count, contents))

    assert ["1", "2"] == [browser.get("/count").text for _ in range(2)]
    response = browser.get("/contents")
    assert {"views": 2} == response.json
    assert ("Cookie", []) == (response.headers["Vary"], response.headers.getall("Set-Cookie"))


@pytest.mark.parametrize("error", [HTTPFound("/"), HTTPForbidden(), HTTPNotFound()])
def test_a_raised_response_carries_the_session(error: Any) -> None:
    def leave(request: Any) -> None:
        request.session["user"] = 7
        raise error

    browser = Browser(application(leave))
    response = browser.get("/leave", expect_errors=True)

    assert error.status == response.status
    assert {"user": 7} == read(browser, sessions)


def test_the_page_of_an_exception_view_carries_the_session_and_may_write_to_it() -> None:
    def fail(request: Any) -> None:
        request.session["user"] = 7
        raise LookupError

    def apologise(request: Any) -> None:
        request.session.flash("sorry")

    browser = Browser(application(fail, more=with_sorry(apologise)))

    assert "sorry: LookupError" == browser.get("/fail", status=500).text
    assert {"user": 7, "_f_": ["sorry"]} == read(browser, sessions)


def test_a_session_that_cannot_be_sent_gets_the_page_of_the_exception_view() -> None:
    browser = Browser(application(fill, contents, more=with_sorry()))
    log_in(browser, sessions, {"user": 7})
    response = browser.get("/fill", status=500)

    assert "sorry: CookieTooLargeError" == response.text
    assert [] == response.headers.getall("Set-Cookie")
    assert {"user": 7} == browser.get("/contents").json


def test_an_exception_view_that_writes_to_a_session_too_large_still_makes_the_page() -> None:
    def apologise(request: Any) -> None:
        request.session.flash("sorry")

    browser = Browser(application(fill, more=with_sorry(apologise)))

    assert "sorry: CookieTooLargeError" == browser.get("/fill", status=500).text


def test_an_error_page_goes_out_without_a_session_that_cannot_be_sent() -> None:
    def fail(request: Any) -> None:
        fill(request)
        raise LookupError

    browser = Browser(application(fail, more=with_sorry()))

    assert "sorry: LookupError" == browser.get("/fail", status=500).text
    assert read(browser, sessions) is None


def test_without_an_exception_view_the_error_of_a_commit_leaves_the_application() -> None:
    with pytest.raises(CookieTooLargeError):
        Browser(application(fill)).get("/fill")


def test_other_cookies_keep_their_place_and_their_text() -> None:
    def both(request: Any) -> Response:
        request.session["user"] = 7
        return Response(headerlist=[("Set-Cookie", 'odd="a b"'), ("Set-Cookie", "b=2")])

    values = Browser(application(both)).get("/both").headers.getall("Set-Cookie")

    assert ['odd="a b"', "b=2"] == values[:2]
    assert 4 == len(values)


# --- the end of a request --------------------------------------------------------------------


def test_a_first_touch_after_the_headers_can_read_and_a_write_raises() -> None:
    def stream(request: Any) -> Response:
        def parts() -> Iterator[bytes]:
            yield b"user "
            yield str(request.session["user"]).encode()
            request.session["user"] = 8

        return Response(app_iter=parts())

    browser = Browser(application(stream))
    log_in(browser, sessions, {"user": 7})

    with pytest.raises(SessionCommittedError):
        browser.get("/stream")


def test_a_list_that_changes_in_a_stream_is_reported_when_the_stream_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[Session] = []

    def stream(request: Any) -> Response:
        cart = request.session["cart"] = ["tea"]

        def parts() -> Iterator[bytes]:
            yield b"a"
            assert [] == seen
            cart.append("milk")
            yield b"b"

        return Response(app_iter=parts(), content_length=2)

    observed = CookieSession(keys=KEYS, observe=seen.append)
    response = Browser(application(stream, configured=observed)).get("/stream")

    assert ("ab", "2") == (response.text, response.headers["Content-Length"])
    (line,) = errors(caplog)
    assert "changed under 'cart'" in line
    assert [Written.SAVED] == [session.written for session in seen]


def test_a_list_that_changes_in_a_response_callback_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[Session] = []

    def late(request: Any) -> Response:
        cart = request.session["cart"] = ["tea"]
        request.add_response_callback(lambda *_: cart.append("milk"))
        return Response("page")

    observed = CookieSession(keys=KEYS, observe=seen.append)
    Browser(application(late, configured=observed)).get("/late")

    (line,) = errors(caplog)
    assert "changed under 'cart'" in line
    assert 1 == len(seen)


def test_a_file_for_the_server_stays_as_it_is() -> None:
    seen: list[Session] = []

    def download(request: Any) -> Response:
        request.session["user"] = 7
        return Response(app_iter=FileWrapper(io.BytesIO(b"file")))

    app = application(download, configured=CookieSession(keys=KEYS, observe=seen.append))
    request = Request.blank("/download", environ={"wsgi.file_wrapper": FileWrapper})

    assert FileWrapper is type(app(request.environ, lambda *_: None))
    assert 1 == len(seen)


def test_a_write_that_an_exception_takes_away_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(request: Any) -> None:
        request.session["user"] = 7
        raise Timeout

    with pytest.raises(Timeout):
        Browser(application(fail)).get("/fail")
    (line,) = errors(caplog)
    assert "an exception left the application" in line


def test_a_write_behind_an_error_page_is_logged_and_does_not_raise(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(request: Any) -> Response:
        def parts() -> Iterator[bytes]:
            request.session["user"] = 7
            yield b"sorry"

        return Response(status=500, app_iter=parts())

    assert "sorry" == Browser(application(fail)).get("/fail", status=500).text
    assert ["after the response headers" in line for line in errors(caplog)] == [True]


# --- beside other parts of Pyramid -----------------------------------------------------------


def test_the_session_is_that_of_the_wsgi_adapter() -> None:
    def both(request: Any) -> Response:
        get_session(request)["user"] = 7
        return Response(str(request.session.core is get_session(request.environ, "session")))

    browser = Browser(application(both))

    assert "True" == browser.get("/both").text
    assert {"user": 7} == read(browser, sessions)


def test_an_outer_layer_of_the_same_configuration_shares_its_session() -> None:
    for outer in (lambda app: CookieSessionMiddleware(app, sessions), in_a_scope):
        browser = Browser(outer(application(count)))

        assert ["1", "2"] == [browser.get("/count").text for _ in range(2)]
        assert 2 == len(browser.get("/count").headers.getall("Set-Cookie"))


def in_a_scope(app: Any) -> Any:
    """Serve as a bridge from ASGI does, which hands the scope with the session over."""

    def bridged(environ: Any, start_response: Any) -> Any:
        scope: dict[str, Any] = {}

        def inner(inner_environ: Any, start: Any) -> Any:
            scope.update({k: v for k, v in inner_environ.items() if k.startswith("cookiesession")})
            left = {k: v for k, v in inner_environ.items() if k not in scope}
            return app({**left, "asgi.scope": scope}, start)

        return CookieSessionMiddleware(inner, sessions)(environ, start_response)

    return bridged


def test_an_outer_layer_of_another_configuration_is_an_error() -> None:
    browser = Browser(CookieSessionMiddleware(application(count), keys=[OTHER]))

    with pytest.raises(ConfigurationError, match="keys"):
        browser.get("/count")


def test_csrf_tokens_are_required_and_found_in_the_session() -> None:
    def form(request: Any) -> Response:
        return Response(get_csrf_token(request))

    def renew(request: Any) -> Response:
        return Response(new_csrf_token(request))

    def protect(config: Any) -> None:
        config.set_default_csrf_options(require_csrf=True)

    browser = Browser(application(form, renew, count, more=protect))
    token = browser.get("/form").text

    browser.post("/count", status=400)
    assert "1" == browser.post("/count", {"csrf_token": token}).text
    assert token != browser.get("/renew").text
    browser.post("/count", {"csrf_token": token}, status=400)


@pytest.mark.parametrize("helper", [SessionAuthenticationHelper(), SessionAuthenticationPolicy()])
def test_pyramids_log_in_is_remembered_in_the_session(helper: Any) -> None:
    def enter(request: Any) -> Response:
        return Response(headerlist=helper.remember(request, "ada"))

    def who(request: Any) -> Response:
        return Response(str(helper.authenticated_userid(request)))

    def leave(request: Any) -> Response:
        return Response(headerlist=helper.forget(request))

    browser = Browser(application(enter, who, leave))
    browser.get("/enter")
    assert "ada" == browser.get("/who").text
    browser.get("/leave")
    assert "None" == browser.get("/who").text


def test_a_subrequest_without_tweens_has_a_session_and_sends_it() -> None:
    seen: list[Session] = []

    def outer(request: Any) -> Response:
        response = request.invoke_subrequest(Request.blank("/count"))
        return Response(headerlist=[*response.headers.items()], text=response.text)

    observed = CookieSession(keys=KEYS, observe=seen.append)
    browser = Browser(application(outer, count, configured=observed))

    assert "1" == browser.get("/outer").text
    assert {"views": 1} == read(browser, sessions)
    assert 1 == len(seen)


@pytest.mark.parametrize("use_tweens", [True, False])
def test_a_subrequest_of_the_same_environ_shares_the_session(*, use_tweens: bool) -> None:
    def outer(request: Any) -> Any:
        request.session["views"] = 6
        inner = Request.blank("/count", environ={**request.environ, "PATH_INFO": "/count"})
        return Response(request.invoke_subrequest(inner, use_tweens=use_tweens).text)

    browser = Browser(application(outer, count))

    assert "7" == browser.get("/outer").text
    assert {"views": 7} == read(browser, sessions)


def test_a_subrequest_without_tweens_shares_the_session_of_a_bridge() -> None:
    def outer(request: Any) -> Any:
        scope = request.environ["asgi.scope"]
        inner = Request.blank("/count", environ={"asgi.scope": scope})
        return Response(request.invoke_subrequest(inner).text)

    browser = Browser(in_a_scope(application(outer, count)))
    browser.get("/outer")

    assert {"views": 1} == read(browser, sessions)


def test_a_request_that_is_tried_again_begins_with_the_session_of_the_client() -> None:
    def try_again(environ: Any, router: Any) -> Any:
        for _ in range(2):
            with router.request_context(environ) as request:
                response = router.invoke_request(request)
        return response

    def retry(config: Any) -> None:
        config.set_execution_policy(try_again)

    browser = Browser(application(count, more=retry))

    assert ["1", "2"] == [browser.get("/count").text for _ in range(2)]


def test_a_tween_that_is_added_before_may_write_after_the_view() -> None:
    def add_tween(config: Any) -> None:
        config.add_tween(f"{__name__}.stamping")

    browser = Browser(application(contents, more=add_tween))
    browser.get("/contents")

    assert {"stamp": 1} == read(browser, sessions)


def stamping(handler: View, _registry: Any) -> View:
    """Return a tween that writes to the session after the view."""

    def tween(request: Any) -> Any:
        response = handler(request)
        request.session["stamp"] = 1
        return response

    return tween


# --- configuration ---------------------------------------------------------------------------


def test_tweens_that_are_listed_must_name_ours() -> None:
    tweens = ["pyramid.tweens.excview_tween_factory"]
    with pytest.raises(ConfigurationError, match="must name cookiesession_adapters"):
        application(count, tweens=tweens)

    tweens.insert(0, "cookiesession_adapters.pyramid.tween_factory")
    browser = Browser(application(count, tweens=tweens))
    assert ["1", "2"] == [browser.get("/count").text for _ in range(2)]


def test_a_test_may_set_another_session_factory() -> None:
    config = Configurator(autocommit=True)
    setup(config, sessions)
    config.set_session_factory(lambda _: testing.DummySession())
    config.add_route("count", "/count")
    config.add_view(count, route_name="count")
    browser = Browser(config.make_wsgi_app())

    assert [] == browser.get("/count").headers.getall("Set-Cookie")

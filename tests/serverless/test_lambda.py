"""The example for AWS Lambda, invoked with the events of everything that calls functions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

import pytest

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession
from tests.support.user_agent import Response, UserAgent

from .callers import (
    ALB,
    ALB_WITHOUT_LISTS,
    HTTP_API,
    KEYS,
    OLDER,
    REST_API,
    WITH_MANY_COOKIES,
    Caller,
    Site,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NOW = 1795515072.0
EVERYBODY = [*WITH_MANY_COOKIES, ALB_WITHOUT_LISTS]
names = partial(map, lambda value: value.partition("=")[0])


@pytest.fixture
def example(load: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, configured as in production, except for the clock."""
    module = load("handler")
    sessions = CookieSession(keys=KEYS, same_site="lax", max_age=14 * 24 * 3600, clock=lambda: NOW)
    assert sessions.options == module.sessions.options
    monkeypatch.setattr(module, "sessions", sessions)
    return module


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent(clock=lambda: NOW)


@pytest.fixture(params=WITH_MANY_COOKIES, ids=lambda caller: caller.name)
def site(request: pytest.FixtureRequest, example: Any) -> Site:
    return Site(request.param, example.handler)


def wsgi_visit(example: Any, agent: UserAgent, url: str, body: str | None) -> Response:
    """Visit the same application under WSGI."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = example.Request(environ["PATH_INFO"], [], https=True, body=body)
        status, fields, text = example.visit(request, get_session(environ))
        start_response(f"{status} OK", fields)
        return [text.encode()]

    answers: list[Response] = []

    def start_response(status: str, fields: list[tuple[str, str]], *_: Any) -> Any:
        answers.append(Response(int(status[:3]), fields, b""))

    parts = urlsplit(url)
    environ = {"PATH_INFO": parts.path, "wsgi.url_scheme": parts.scheme}
    cookies = agent.jar.header(url, now=NOW)
    if cookies is not None:
        environ["HTTP_COOKIE"] = cookies
    setup_testing_defaults(environ)
    CookieSessionMiddleware(app, example.sessions)(environ, start_response)
    (response,) = answers
    agent.take(url, response)
    return response


def test_a_visitor_is_known_from_one_invocation_to_the_next(site: Site, agent: UserAgent) -> None:
    assert b"1 visits. " == site.visit(agent).body
    assert b"Noted." == site.visit(agent, "/note", "Zoë; a=b, c").body
    assert "2 visits. Zoë; a=b, c" == site.visit(agent).body.decode()
    assert b"1 visits. " == site.visit(UserAgent(clock=lambda: NOW)).body

    assert b"Forgotten." == site.visit(agent, "/forget").body
    assert [] == agent.jar.cookies(NOW)
    assert b"1 visits. " == site.visit(agent).body


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_function_sends_the_same_cookies_as_the_wsgi_adapter(
    example: Any, site: Site, agent: UserAgent, scheme: str
) -> None:
    site = Site(site.caller, site.function, f"{scheme}://shop.example.com")
    other = agent.copy()

    for path, body in (("/", ""), ("/note", "dark"), ("/status", ""), ("/", ""), ("/forget", "")):
        here = site.visit(agent, path, body)
        there = wsgi_visit(example, other, f"{site.origin}{path}", body)

        assert there.status == here.status
        assert there.set_cookie == here.set_cookie
        assert there.all("Vary") == here.all("Vary")
        assert all(("; secure" in each) == (scheme == "https") for each in here.set_cookie[-2:])


def test_cookies_of_the_application_are_kept(site: Site, agent: UserAgent) -> None:
    set_cookie = site.visit(agent, "/note", "").set_cookie

    assert ["theme", "session", "session.sig"] == list(names(set_cookie))
    assert {"theme", "session", "session.sig"} == {each.name for each in agent.jar.cookies(NOW)}


def test_a_request_that_does_not_touch_its_session_leaves_no_trace(
    site: Site, agent: UserAgent
) -> None:
    site.visit(agent)

    response = site.visit(agent, "/status")

    assert ([], []) == (response.set_cookie, response.all("Vary"))


def test_a_session_of_an_older_key_is_signed_again(site: Site, agent: UserAgent) -> None:
    for name, value in CookieSession(keys=[OLDER]).encode({"visits": 7}).items():
        agent.jar.store(f"{name}={value}; path=/", site.origin, now=NOW)
    before = agent.jar.value("session.sig")

    assert b"8 visits. " == site.visit(agent).body

    assert before != agent.jar.value("session.sig")


def test_a_forged_session_is_a_new_one(site: Site, agent: UserAgent) -> None:
    site.visit(agent)
    agent.jar.tamper("session.sig", "x" * 27)

    assert b"1 visits. " == site.visit(agent).body


@pytest.mark.parametrize("caller", EVERYBODY, ids=lambda caller: caller.name)
def test_a_session_too_large_is_an_error_and_the_old_one_stays(
    example: Any, agent: UserAgent, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(caller, example.handler)
    for name, value in example.sessions.encode({"visits": 7}).items():
        agent.jar.store(f"{name}={value}; path=/; secure", site.origin, now=NOW)

    response = site.visit(agent, "/note", "x" * 4000)

    assert (500, [], ["Cookie"]) == (response.status, response.set_cookie, response.all("Vary"))
    assert "'note'" in caplog.text
    assert {"visits": 7} == example.sessions.decode(agent.jar.header(site.origin, now=NOW))


def test_the_documents_are_served_as_they_are(example: Any) -> None:
    """The cookies stand in the fields that the formats have for them."""
    for caller in WITH_MANY_COOKIES:
        document = caller.event("https://shop.example.com/", "lang=en; session=SESSION")
        response = caller.response(example.handler(document, None))

        assert b"1 visits. " == response.body


@pytest.mark.parametrize("caller", [REST_API, ALB], ids=lambda caller: caller.name)
def test_a_cookie_header_that_arrives_in_parts_is_one(example: Any, caller: Caller) -> None:
    event = caller.event("https://shop.example.com/", "")
    (name,) = (name for name in event["multiValueHeaders"] if name.lower() == "cookie")
    cookies = example.sessions.encode({"visits": 7})
    event["multiValueHeaders"][name] = [f"{key}={value}" for key, value in cookies.items()]

    assert b"8 visits. " == caller.response(example.handler(event, None)).body


def test_a_trial_event_without_headers_is_served(example: Any) -> None:
    """As the console of API Gateway sends them."""
    event = REST_API.event("https://shop.example.com/", None)
    event["headers"] = event["multiValueHeaders"] = None

    response = REST_API.response(example.handler(event, None))

    assert b"1 visits. " == response.body
    assert ["session", "session.sig"] == list(names(response.set_cookie))


def test_a_body_of_text_is_not_decoded(example: Any) -> None:
    event = HTTP_API.event("https://shop.example.com/note", None)
    event["body"] = "dark"

    (session, _) = HTTP_API.response(example.handler(event, None)).set_cookie[1:]

    assert "session=eyJub3RlIjoiZGFyayJ9" == session.partition(";")[0]


def test_a_body_that_is_not_text_is_no_error(example: Any) -> None:
    event = HTTP_API.event("https://shop.example.com/note", None)
    event["body"], event["isBase64Encoded"] = "/w==", True

    response = HTTP_API.response(example.handler(event, None))

    assert {"note": "\N{REPLACEMENT CHARACTER}"} == example.sessions.decode(response.set_cookie)


@pytest.mark.parametrize("caller", [REST_API, ALB], ids=lambda caller: caller.name)
def test_the_small_function_fails_as_documented_for_other_callers(
    load: Callable[[str], Any], caller: Caller
) -> None:
    event = caller.event("https://shop.example.com/", None)

    with pytest.raises(KeyError, match="http"):
        load("small").handler(event, None)


class TestALoadBalancerThatTakesOneCookie:
    @pytest.fixture
    def site(self, example: Any) -> Site:
        return Site(ALB_WITHOUT_LISTS, example.handler)

    def test_it_reports_that_a_session_needs_two_cookies(
        self, site: Site, agent: UserAgent, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = site.visit(agent)

        assert (500, []) == (response.status, response.set_cookie)
        (record,) = (each for each in caplog.records if each.levelno == logging.ERROR)
        assert record.exc_info is not None
        assert "lambda.multi_value_headers.enabled" in str(record.exc_info[1])
        assert [] == agent.jar.cookies(NOW)

    def test_it_reads_a_session_and_sends_nothing_to_readers(
        self, example: Any, site: Site, agent: UserAgent
    ) -> None:
        sessions = CookieSession(keys=KEYS)
        for name, value in sessions.encode({"visits": 7}).items():
            agent.jar.store(f"{name}={value}; path=/; secure", site.origin, now=NOW)
        seen = []

        def peek(_: object, session: Any) -> tuple[int, list[tuple[str, str]], str]:
            seen.append(dict(session))
            return 200, [("Set-Cookie", "theme=dark"), ("Vary", "Accept"), ("Vary", "Origin")], ""

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(example, "visit", peek)
            response = site.visit(agent)

        assert [{"visits": 7}] == seen
        assert (200, ["theme=dark"]) == (response.status, response.set_cookie)
        assert ["Accept, Origin, Cookie"] == response.all("Vary")

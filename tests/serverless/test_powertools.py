"""The core under AWS Lambda Powertools: the example, and what it avoids."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import (
    ALBResolver,
    APIGatewayHttpResolver,
    ApiGatewayResolver,
    APIGatewayRestResolver,
    LambdaFunctionUrlResolver,
    Response,
)

from cookiesession_core import CookieSession, CookieTooLargeError
from tests.support.user_agent import UserAgent

from .callers import (
    ALB,
    FUNCTION_URL,
    HTTP_API,
    HTTP_API_FORMAT_1,
    KEYS,
    REST_API,
    WITH_MANY_COOKIES,
    Caller,
    Document,
    Site,
)

RESOLVERS: dict[str, type[ApiGatewayResolver]] = {
    HTTP_API.name: APIGatewayHttpResolver,
    FUNCTION_URL.name: LambdaFunctionUrlResolver,
    REST_API.name: APIGatewayRestResolver,
    HTTP_API_FORMAT_1.name: APIGatewayRestResolver,
    ALB.name: ALBResolver,
}
URL = "https://shop.example.com"
CONTEXT: Any = None


@pytest.fixture
def example(load: Callable[[str], Any]) -> Any:
    return load("with_powertools")


def ask(example: Any, method: str, path: str, cookies: str | None = None) -> Document:
    """Invoke the example with the event of an HTTP API."""
    event = HTTP_API.event(f"{URL}{path}", cookies)
    event["requestContext"]["http"]["method"] = method
    answer: Document = example.handler(event, None)
    return answer


def test_the_example_logs_in_and_out(example: Any) -> None:
    logged_in = ask(example, "POST", "/log-in")["cookies"]
    header = example.sessions.cookie_header(example.sessions.decode(logged_in))

    assert "Hello ada." == ask(example, "GET", "/", header)["body"]
    assert 401 == ask(example, "GET", "/")["statusCode"]
    assert example.sessions.decode(ask(example, "POST", "/log-out", header)["cookies"]) is None


def test_a_response_that_depends_on_a_session_is_not_for_shared_caches(example: Any) -> None:
    assert "private" == ask(example, "GET", "/")["headers"]["Cache-Control"]
    assert "Cache-Control" not in ask(example, "GET", "/missing")["headers"]


@pytest.mark.parametrize("caller", WITH_MANY_COOKIES, ids=lambda caller: caller.name)
def test_the_middleware_of_the_example_serves_every_caller(example: Any, caller: Caller) -> None:
    app = RESOLVERS[caller.name]()
    app.use(middlewares=[example.with_session])

    @app.get("/")
    def count() -> Response[str]:
        session = app.context["session"]
        session["visits"] = session.get("visits", 0) + 1
        return Response(200, "text/plain", f"{session['visits']} visits.")

    site, agent = Site(caller, app.resolve), UserAgent()

    assert [b"1 visits.", b"2 visits."] == [site.visit(agent).body for _ in range(2)]


def test_a_write_that_an_exception_loses_is_logged(
    example: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        example.current_session()["visits"] = 1
        raise ZeroDivisionError

    example.app.get("/fails")(fails)

    with pytest.raises(ZeroDivisionError):
        ask(example, "GET", "/fails")

    (record,) = [each for each in caplog.records if each.name == "cookiesession"]
    assert logging.ERROR == record.levelno


def test_a_session_too_large_is_an_error(example: Any) -> None:
    def fills() -> str:
        example.current_session()["note"] = "x" * 5000
        return "never sent"

    example.app.get("/fills")(fills)

    with pytest.raises(CookieTooLargeError):
        ask(example, "GET", "/fills")


@pytest.mark.parametrize("caller", [HTTP_API, FUNCTION_URL], ids=lambda caller: caller.name)
def test_the_values_are_joined_by_a_comma_as_headers_of_a_response(caller: Caller) -> None:
    """The documentation warns of this."""
    app = RESOLVERS[caller.name]()

    @app.get("/")
    def begin() -> Response[str]:
        session = CookieSession(keys=KEYS).open(None)
        session["visits"] = 1
        return Response(200, "text/plain", "", headers={"Set-Cookie": session.commit()})

    answered = app.resolve(caller.event(URL + "/", "theme=dark"), CONTEXT)

    assert [] == answered["cookies"]
    assert ", session.sig=" in answered["headers"]["Set-Cookie"]


@pytest.mark.parametrize("caller", [HTTP_API, FUNCTION_URL, ALB], ids=lambda caller: caller.name)
def test_the_headers_of_an_event_lack_the_cookies(caller: Caller) -> None:
    """The documentation warns of this."""
    app = RESOLVERS[caller.name]()

    @app.get("/")
    def look() -> str:
        return str(app.current_event.headers.get("cookie"))

    assert "None" in app.resolve(caller.event(URL + "/", "theme=dark"), CONTEXT)["body"]

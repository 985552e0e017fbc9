"""The core under AWS Lambda Powertools, called with format 2.0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.event_handler import (
    APIGatewayHttpResolver,
    LambdaFunctionUrlResolver,
    Response,
)

from cookiesession_core import CookieSession
from tests.support.user_agent import UserAgent

from .callers import FUNCTION_URL, HTTP_API, KEYS, Caller, Document, Site

SESSIONS = CookieSession(keys=KEYS)
RESOLVERS = {HTTP_API.name: APIGatewayHttpResolver, FUNCTION_URL.name: LambdaFunctionUrlResolver}
both_callers = pytest.mark.parametrize(
    "caller", [HTTP_API, FUNCTION_URL], ids=lambda caller: caller.name
)


def make_function(
    caller: Caller, answer: Callable[[str, list[Any]], Response[str]]
) -> Callable[[Document, Any], Any]:
    """Return a function that counts visits, and answers with a text and ``Set-Cookie`` values."""
    app = RESOLVERS[caller.name]()

    @app.get("/")
    def count() -> Response[str]:
        session = SESSIONS.open(app.current_event.get("cookies"), https=True)
        session["visits"] = session.get("visits", 0) + 1
        return answer(f"{session['visits']} visits.", session.commit())

    return app.resolve


@both_callers
def test_the_values_reach_the_browser_as_cookies_of_a_response(caller: Caller) -> None:
    def answer(text: str, set_cookies: list[Any]) -> Response[str]:
        return Response(200, "text/plain", text, cookies=set_cookies)

    site, agent = Site(caller, make_function(caller, answer)), UserAgent()

    assert [b"1 visits.", b"2 visits."] == [site.visit(agent).body for _ in range(2)]


@both_callers
def test_the_values_are_joined_by_a_comma_as_headers_of_a_response(caller: Caller) -> None:
    """The documentation warns of this."""

    def answer(text: str, set_cookies: list[Any]) -> Response[str]:
        return Response(200, "text/plain", text, headers={"Set-Cookie": set_cookies})

    event = caller.event("https://shop.example.com/", "theme=dark")
    answered = make_function(caller, answer)(event, None)

    assert [] == answered["cookies"]
    assert ", session.sig=" in answered["headers"]["Set-Cookie"]

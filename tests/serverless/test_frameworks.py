"""Whole applications in AWS Lambda: the adapters, under the two usual translators of events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from apig_wsgi import make_lambda_handler
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from flask import Flask, Response, request
from mangum import Mangum

from cookiesession_adapters import asgi, wsgi
from cookiesession_core import CookieSession
from tests.harness.user_agent import UserAgent
from tests.keys import KEYS

from .callers import ALB_WITHOUT_LISTS, WITH_MANY_COOKIES, Site

sessions = CookieSession(keys=KEYS)
CONTEXT = SimpleNamespace(function_version="$LATEST")

fastapi_app = FastAPI()
flask_app = Flask(__name__)


@fastapi_app.get("/")
def count(request: Request) -> PlainTextResponse:
    request.session["visits"] = request.session.get("visits", 0) + 1
    response = PlainTextResponse(str(request.session["visits"]))
    response.set_cookie("theme", "dark")
    return response


@flask_app.get("/")
def count_in_flask() -> Response:
    session = wsgi.get_session(request.environ)
    session["visits"] = session.get("visits", 0) + 1
    response = Response(str(session["visits"]), mimetype="text/plain")
    response.set_cookie("theme", "dark")
    return response


@pytest.fixture
def mangum() -> Iterator[Callable[[Any, Any], Any]]:
    """FastAPI in a function; Mangum takes the thread's event loop, as there is one in Lambda."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    wrapped: Any = asgi.CookieSessionMiddleware(fastapi_app, sessions)
    yield Mangum(wrapped, lifespan="off")
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def apig_wsgi() -> Callable[[Any, Any], Any]:
    """Flask in a function."""
    return make_lambda_handler(wsgi.CookieSessionMiddleware(flask_app, sessions))


@pytest.fixture(params=["mangum", "apig_wsgi"])
def function(request: pytest.FixtureRequest) -> Callable[[Any, Any], Any]:
    translator = request.getfixturevalue(request.param)
    return lambda event, _: translator(event, CONTEXT)


@pytest.mark.parametrize("caller", WITH_MANY_COOKIES, ids=lambda caller: caller.name)
def test_a_visitor_is_known_from_one_invocation_to_the_next(
    function: Callable[[Any, Any], Any], caller: Any
) -> None:
    site, agent = Site(caller, function), UserAgent()

    assert [b"1", b"2", b"3"] == [site.visit(agent).body for _ in range(3)]
    assert ["theme", "session", "session.sig"] == [
        each.partition("=")[0] for each in site.visit(agent).set_cookie
    ]
    assert {True} == {each.secure for each in agent.jar.cookies(0) if each.name != "theme"}


def test_a_load_balancer_without_lists_gets_one_cookie_of_wsgi_and_the_session_is_lost(
    apig_wsgi: Callable[[Any, Any], Any],
) -> None:
    """What the documentation warns of: apig-wsgi says nothing of the cookies that are left out."""
    site, agent = Site(ALB_WITHOUT_LISTS, lambda event, _: apig_wsgi(event, CONTEXT)), UserAgent()

    assert [b"1", b"1"] == [site.visit(agent).body for _ in range(2)]
    assert ["session.sig"] == [each.name for each in agent.jar.cookies(0)]

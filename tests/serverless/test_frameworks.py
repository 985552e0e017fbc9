"""Whole applications in AWS Lambda: the adapters, under the two usual translators of events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.user_agent import UserAgent

from .callers import ALB_WITHOUT_LISTS, WITH_MANY_COOKIES, Caller, Site

CONTEXT = SimpleNamespace(function_version="$LATEST")

Function = Callable[[Any, Any], Any]


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """An event loop, such as Mangum would make and leave open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(params=["with_fastapi", "with_flask"])
def function(request: pytest.FixtureRequest, load: Callable[[str], Any]) -> Function:
    handler = load(request.param).handler
    return lambda event, _: handler(event, CONTEXT)


@pytest.mark.parametrize("caller", WITH_MANY_COOKIES, ids=lambda caller: caller.name)
def test_a_visitor_is_known_from_one_invocation_to_the_next(
    function: Function, caller: Caller
) -> None:
    site, agent = Site(caller, function), UserAgent()

    assert [b"1 visits.", b"2 visits."] == [site.visit(agent).body for _ in range(2)]
    assert ["theme", "session", "session.sig"] == [
        each.partition("=")[0] for each in site.visit(agent).set_cookie
    ]
    assert {True} == {each.secure for each in agent.jar.cookies(0) if each.name != "theme"}


@pytest.mark.parametrize("function", ["with_flask"], indirect=True)
def test_a_load_balancer_without_lists_gets_one_cookie_of_wsgi_and_the_session_is_lost(
    function: Function,
) -> None:
    """The documentation warns of this: apig-wsgi does not report the cookies that it leaves out."""
    site, agent = Site(ALB_WITHOUT_LISTS, function), UserAgent()

    assert [b"1 visits.", b"1 visits."] == [site.visit(agent).body for _ in range(2)]
    assert ["session.sig"] == [each.name for each in agent.jar.cookies(0)]

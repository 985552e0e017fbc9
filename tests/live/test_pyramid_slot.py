"""A login by Pyramid's own helper, beside Express with the real cookie-session."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pyramid.authentication import SessionAuthenticationHelper
from pyramid.config import Configurator
from pyramid.response import Response

from cookiesession_adapters.pyramid import setup
from tests.node.express import EXPRESS
from tests.support.keys import KEYS
from tests.support.servers import running
from tests.support.user_agent import UserAgent
from tests.support.wsgi import serving

HELPER = SessionAuthenticationHelper()


def enter(request: Any) -> Response:
    request.session.flash("hello")
    return Response(headerlist=HELPER.remember(request, "ada"))


def who(request: Any) -> Response:
    return Response(f"{HELPER.authenticated_userid(request)} {request.session.pop_flash()}")


def leave(request: Any) -> Response:
    request.session.invalidate()
    return Response()


@pytest.fixture(scope="module")
def pyramid() -> Iterator[str]:
    with Configurator() as config:
        setup(config, keys=KEYS)
        for view in (enter, who, leave):
            config.add_route(view.__name__, f"/{view.__name__}")
            config.add_view(view, route_name=view.__name__)
        application = config.make_wsgi_app()
    with serving(application) as url:
        yield url


@pytest.fixture(scope="module")
def express(node: str) -> Iterator[str]:
    env = {"SESSION_OPTIONS": json.dumps({"keys": KEYS})}
    with running([node, EXPRESS / "server.js", "{port}"], env=env) as server:
        yield server.url


def test_a_log_in_of_pyramid_is_seen_by_express_and_ended_there(pyramid: str, express: str) -> None:
    agent = UserAgent()
    agent.get(f"{pyramid}/enter")

    seen = json.loads(agent.get(f"{express}/count").body)["session"]
    assert {"_f_": ["hello"], "auth.userid": "ada", "views": 1} == seen
    assert b"ada ['hello']" == agent.get(f"{pyramid}/who").body
    agent.post(f"{express}/destroy")
    assert b"None []" == agent.get(f"{pyramid}/who").body


def test_a_log_in_of_express_is_seen_by_pyramid_and_ended_there(pyramid: str, express: str) -> None:
    agent = UserAgent()
    agent.post(f"{express}/set", {"auth.userid": "ada"})

    assert b"ada []" == agent.get(f"{pyramid}/who").body
    agent.get(f"{pyramid}/leave")
    assert json.loads(agent.get(f"{express}/read").body)["isNew"]

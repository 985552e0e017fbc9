"""The pages on frameworks: they have the same parts, and their facts are true."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import django_app
import falcon.asgi
import falcon.testing
import flask
import pytest
from django.test import override_settings
from fastapi import FastAPI, WebSocket
from fastapi.requests import HTTPConnection
from fastapi.testclient import TestClient as FastAPIClient
from flask import Flask, jsonify
from litestar import Litestar, Request, post
from litestar.middleware import DefineMiddleware
from litestar.middleware.session.client_side import CookieBackendConfig
from litestar.testing import TestClient as LitestarClient
from pyramid.config import Configurator
from pyramid.session import SignedCookieSessionFactory
from quart import Quart, websocket
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient as StarletteClient
from werkzeug.test import Client

from cookiesession_adapters import asgi
from cookiesession_core import CookieSession
from tests.support.keys import KEYS
from tests.support.servers import PYTHON, ROOT

FRAMEWORKS = ROOT / "docs" / "frameworks"
EXAMPLES = ROOT / "examples" / "frameworks"
PAGES = sorted(path for path in FRAMEWORKS.glob("*.md") if path.stem != "index")
SKELETON = [
    *("Install", "Set up", "Use", "Errors and streaming", "Behind a proxy", "API", "Testing"),
]
EXTRA = re.compile(r'^\$ pip install "cookiesession\[([\w-]+)\]"$', re.MULTILINE)
EMBEDDED = re.compile(r'^--8<-- "examples/frameworks/(\w+\.py)"$', re.MULTILINE)


def test_every_page_has_the_same_parts() -> None:
    headings = {
        page.stem: re.findall(r"^## (.*)$", page.read_text("utf-8"), re.MULTILINE) for page in PAGES
    }

    assert len(headings) == 13
    assert {page.stem: SKELETON for page in PAGES} == headings


def test_every_page_installs_an_extra_that_exists() -> None:
    declared = (ROOT / "pyproject.toml").read_text("utf-8")

    for page in PAGES:
        (extra,) = EXTRA.findall(page.read_text("utf-8"))
        assert re.search(rf"^{extra} = \[", declared, re.MULTILINE), page.stem


def test_every_page_shows_an_application_and_its_test_and_each_is_shown() -> None:
    shown = [EMBEDDED.findall(page.read_text("utf-8")) for page in PAGES]

    assert all(
        application == f"{test.removeprefix('test_').removesuffix('.py')}_app.py"
        for application, test in shown
    )
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        name for names in shown for name in names
    }


def test_every_page_ends_with_the_test_of_its_application() -> None:
    end = re.compile(r'^--8<-- "examples/frameworks/test_\w+\.py"\n```\n\Z', re.MULTILINE)

    assert [] == [page.name for page in PAGES if not end.search(page.read_text("utf-8"))]


def test_every_application_protects_a_page_and_every_test_sees_that() -> None:
    def lacking(word: str, pattern: str) -> list[str]:
        return [path.name for path in EXAMPLES.glob(pattern) if word not in path.read_text("utf-8")]

    assert [] == lacking("the account of", "*_app.py")
    assert [] == lacking("def test_nobody_else_sees_the_account", "test_*.py")


def test_every_page_and_every_extra_of_a_framework_stands_in_the_overview() -> None:
    overview = (FRAMEWORKS / "index.md").read_text("utf-8")

    assert [] == [page.name for page in PAGES if f"]({page.name})" not in overview]


def test_the_test_of_django_under_asgi_passes() -> None:
    """In a process of its own, because Django can be set up only once in a process."""
    code = (
        "import test_django_asgi as t; t.test_a_logged_in_visitor_fills_the_cart(); "
        "t.test_nobody_else_sees_the_account()"
    )

    subprocess.run([PYTHON, "-c", code], cwd=EXAMPLES, check=True)


@pytest.mark.parametrize("write", [json.dumps, jsonify, JSONResponse])
def test_a_session_without_dict_is_not_json(write: Callable[[Any], Any]) -> None:
    session = CookieSession(keys=KEYS).open(None)
    session["user"] = 7

    with Flask("shop").app_context(), pytest.raises(TypeError, match="not JSON serializable"):
        write(session)


def test_clear_deletes_the_own_session_of_flask_and_of_starlette() -> None:
    flask_app = Flask("shop")
    flask_app.secret_key = KEYS[0]

    @flask_app.get("/fill")
    def fill_flask() -> str:
        flask.session["user"] = "ada"
        return "filled"

    @flask_app.get("/clear")
    def clear_flask() -> str:
        flask.session.clear()
        return "cleared"

    async def fill_starlette(request: StarletteRequest) -> Response:
        request.session["user"] = "ada"
        return Response()

    async def clear_starlette(request: StarletteRequest) -> Response:
        request.session.clear()
        return Response()

    starlette_app = SessionMiddleware(
        Starlette(routes=[Route("/fill", fill_starlette), Route("/clear", clear_starlette)]),
        KEYS[0],
    )

    for client in (flask_app.test_client(), StarletteClient(starlette_app)):
        client.get("/fill")
        cookie = client.get("/clear").headers["Set-Cookie"]
        assert re.match("session=(null)?;", cookie)
        assert "Thu, 01 Jan 1970 00:00:00 GMT" in cookie


# --- rules of one framework ------------------------------------------------------------------


def test_the_session_of_django_believes_the_setting_and_the_server() -> None:
    told = {"X-Forwarded-Proto": "https"}
    untold = Client(django_app.application).post("/log-in/ada", headers=told)
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        by_setting = Client(django_app.application).post("/log-in/ada", headers=told)
    by_server = Client(django_app.application).post("/log-in/ada", base_url="https://testserver")

    answers = [untold, by_setting, by_server]
    assert [False, True, True] == ["; secure" in each.headers["Set-Cookie"] for each in answers]


def test_pyramids_own_session_has_the_same_cookie_name() -> None:
    parameters = inspect.signature(SignedCookieSessionFactory).parameters

    assert "session" == parameters["cookie_name"].default


def test_pyramid_makes_no_response_of_an_exception_without_a_view() -> None:
    def fail(_request: Any) -> None:
        raise LookupError

    with Configurator() as config:
        config.add_route("fail", "/")
        config.add_view(fail, route_name="fail")
        application = config.make_wsgi_app()

    with pytest.raises(LookupError):
        Client(application).get("/")


def test_contents_set_by_litestars_own_methods_are_not_sent() -> None:
    @post("/set")
    async def put(request: Request[Any, Any, Any]) -> None:
        request.set_session({"user": "ada"})

    @post("/clear")
    async def clear(request: Request[Any, Any, Any]) -> None:
        request.clear_session()

    middleware = [DefineMiddleware(asgi.CookieSessionMiddleware, keys=KEYS)]
    with LitestarClient(Litestar([put, clear], middleware=middleware)) as client:
        cookies = [client.post(path).headers.get_list("Set-Cookie") for path in ("/set", "/clear")]

    assert [[], []] == cookies


def test_the_page_on_litestar_names_the_defaults_of_its_own_sessions() -> None:
    theirs = CookieBackendConfig(secret=b"sixteen bytes...")
    (options,) = re.findall(
        r"keys=KEYS, (same_site.*)\)", (FRAMEWORKS / "litestar.md").read_text("utf-8")
    )

    assert (
        f'same_site="{theirs.samesite}", max_age={theirs.max_age // 86400} * 24 * 60 * 60'
        == options
    )
    assert ("session", "/") == (theirs.key, theirs.path)


def test_a_dependency_of_fastapi_gives_the_session_to_routes_and_websockets() -> None:
    app = FastAPI()
    seen: list[object] = []

    def session_of(connection: HTTPConnection) -> object:
        return asgi.get_session(connection.scope)

    @app.get("/")
    async def route(connection: HTTPConnection) -> None:
        seen.append(session_of(connection) is connection.session)

    @app.websocket("/ws")
    async def socket(connection: WebSocket) -> None:
        seen.append(session_of(connection) is connection.session)
        await connection.accept()
        await connection.close()

    app.add_middleware(asgi.CookieSessionMiddleware, keys=KEYS)
    client = FastAPIClient(app)
    client.get("/")
    with client.websocket_connect("/ws"):
        pass

    assert [True, True] == seen


def test_a_websocket_of_quart_has_the_session() -> None:
    sessions = CookieSession(keys=KEYS)
    app = Quart(__name__)
    app.asgi_app = asgi.CookieSessionMiddleware(app.asgi_app, sessions)  # type: ignore[method-assign]

    @app.websocket("/ws")
    async def socket() -> None:
        await websocket.send(asgi.get_session(websocket.scope)["user"])

    async def talk() -> Any:
        client = app.test_client()
        for name, value in sessions.encode({"user": "ada"}).items():
            client.set_cookie("localhost", name, value)
        async with client.websocket("/ws") as connection:
            return await connection.receive()

    assert "ada" == asyncio.run(talk())


def test_falcon_under_asgi_is_wrapped_in_the_same_way() -> None:
    class Home:
        async def on_get(self, request: Any, response: Any) -> None:
            response.text = asgi.get_session(request.scope)["user"]

    app = falcon.asgi.App()
    app.add_route("/", Home())
    sessions = CookieSession(keys=KEYS)
    wrapped = asgi.CookieSessionMiddleware(app, sessions)

    async def visit() -> Any:
        async with falcon.testing.ASGIConductor(wrapped) as client:
            return await client.simulate_get("/", cookies=sessions.encode({"user": "ada"}))

    assert "ada" == asyncio.run(visit()).text


def test_starlettes_own_session_loses_what_the_cheat_sheet_says() -> None:
    async def fill(request: StarletteRequest) -> Response:
        request.session["cart"] = []
        return Response()

    async def append(request: StarletteRequest) -> Response:
        request.session["cart"].append("tea")
        return JSONResponse(request.session["cart"])

    routes = [Route("/fill", fill), Route("/append", append)]
    theirs = StarletteClient(SessionMiddleware(Starlette(routes=routes), KEYS[0]))
    ours = StarletteClient(asgi.CookieSessionMiddleware(Starlette(routes=routes), keys=KEYS))

    sent = []
    for client in (theirs, ours):
        client.get("/fill")
        again = "Set-Cookie" in client.get("/fill").headers
        client.get("/append")
        sent.append((again, client.get("/append").json()))

    assert [(True, ["tea"]), (False, ["tea", "tea"])] == sent

"""An adapter that gets something else than the application, or than the request, says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from flask import Flask
from quart import Quart
from tornado.httputil import HTTPServerRequest, RequestStartLine

from cookiesession_adapters import (
    aiohttp,
    aiohttp_session,
    asgi,
    flask,
    pyramid,
    quart,
    tornado,
    wsgi,
)
from cookiesession_core import ConfigurationError, CookieSession
from tests.support.keys import KEYS

SESSIONS = CookieSession(keys=KEYS)
SETUPS: dict[str, tuple[Callable[..., object], str]] = {
    "WSGI": (wsgi.CookieSessionMiddleware, "the application"),
    "ASGI": (asgi.CookieSessionMiddleware, "the application"),
    "aiohttp": (aiohttp.setup, "an aiohttp application"),
    "aiohttp-session": (aiohttp_session.setup, "an aiohttp application"),
    "Flask": (flask.setup, "a Flask application"),
    "Pyramid": (pyramid.setup, "a Configurator of Pyramid"),
    "Quart": (quart.setup, "a Quart application"),
    "Tornado": (tornado.setup, "a Tornado application"),
}


@pytest.mark.parametrize("wrong", [SESSIONS, KEYS, None], ids=["sessions", "keys", "None"])
@pytest.mark.parametrize(("setup", "named"), SETUPS.values(), ids=SETUPS)
def test_an_object_in_the_place_of_the_application_is_refused(
    setup: Callable[..., object], named: str, wrong: Any
) -> None:
    said = f"^the first argument must be {named}, got {type(wrong).__name__}$"

    with pytest.raises(TypeError, match=said):
        setup(wrong)
    with pytest.raises(TypeError, match=said):
        setup(wrong, keys=KEYS)


@pytest.mark.parametrize(
    ("setup", "app"), [(flask.setup, Quart("shop")), (quart.setup, Flask("shop"))]
)
def test_flask_and_quart_are_not_taken_for_each_other(setup: Any, app: Any) -> None:
    with pytest.raises(TypeError, match=f"got {type(app).__name__}$"):
        setup(app, keys=KEYS)


async def asynchronous(scope: Any, receive: Any, send: Any) -> None: ...


class Asynchronous:
    """An application of ASGI, as those of frameworks are."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


@pytest.mark.parametrize("app", [asynchronous, Asynchronous()], ids=["function", "object"])
def test_an_application_of_asgi_is_refused_by_the_adapter_for_wsgi(app: Any) -> None:
    with pytest.raises(TypeError, match=r"one of ASGI: use cookiesession_adapters\.asgi$"):
        wsgi.CookieSessionMiddleware(app, keys=KEYS)


@pytest.mark.parametrize("middleware", [wsgi, asgi])
def test_the_place_of_a_middleware_of_django_is_refused(middleware: Any) -> None:
    handlers = pytest.importorskip("django.core.handlers.exception")

    for get_response in (lambda _: None, asynchronous):
        with pytest.raises(TypeError, match=r"MIDDLEWARE: list cookiesession_adapters\.django\."):
            middleware.CookieSessionMiddleware(
                handlers.convert_exception_to_response(get_response), keys=KEYS
            )


def test_an_application_of_aiohttp_that_has_started_is_refused() -> None:
    app = web.Application()
    app.freeze()

    with pytest.raises(ConfigurationError, match="has started: call setup"):
        aiohttp.setup(app, keys=KEYS)


REQUEST = HTTPServerRequest(start_line=RequestStartLine("GET", "/", "HTTP/1.0"))
GET: dict[str, tuple[Callable[..., object], Any, str]] = {
    "aiohttp": (aiohttp.get_session, web.Application(), "expected a request of aiohttp"),
    "Tornado": (tornado.get_session, REQUEST, "expected a RequestHandler of Tornado"),
    "WSGI": (wsgi.get_session, Flask("shop"), "expected the environ of a WSGI request"),
    "ASGI": (asgi.get_session, Flask("shop"), "expected the scope of an ASGI connection"),
}


@pytest.mark.parametrize(("get_session", "wrong", "said"), GET.values(), ids=GET)
def test_an_object_in_the_place_of_the_request_is_refused(
    get_session: Callable[..., object], wrong: Any, said: str
) -> None:
    with pytest.raises(TypeError, match=f"^{said}.*, got {type(wrong).__name__}$"):
        get_session(wrong)
    with pytest.raises(TypeError, match=f"^{said}.*, got NoneType$"):
        get_session(None)

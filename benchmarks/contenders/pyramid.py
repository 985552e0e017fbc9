"""Pyramid's ``SignedCookieSessionFactory``: by itself, and within an application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory

from benchmarks import drivers
from benchmarks.contender import (
    FUNCTIONS,
    LOAD,
    READ,
    ROUND_TRIP,
    SAVE,
    UNTOUCHED,
    Contender,
    Operation,
)
from benchmarks.floor import WsgiApp
from benchmarks.payloads import KEY, Payload, as_request

FACTORY: Any = SignedCookieSessionFactory(KEY, reissue_time=None)


def _request(cookie: str) -> Any:
    return Request(drivers.environ_of(cookie))


def _sent(request: Any) -> list[str]:
    """Return what leaves with a response, as Pyramid's router does it."""
    response = Response()
    request._process_response_callbacks(response)  # noqa: SLF001
    values: list[str] = response.headers.getall("Set-Cookie")
    return values


def load(header: str) -> Any:
    """Find, verify, decode."""
    return FACTORY(_request(header))


def _contents(header: str) -> Any:
    return dict(load(header))


def save(contents: dict[str, Any]) -> list[str]:
    """Encode, sign, format."""
    request = _request("")
    session = FACTORY(request)
    session.update(contents)
    session.changed()
    return _sent(request)


def round_trip(header: str) -> list[str]:
    """Load, count one more view, save."""
    request = _request(header)
    session = FACTORY(request)
    session["views"] = session.get("views", 0) + 1
    return _sent(request)


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the factory and an application are measured by."""
    contents = payload.contents
    cookie = as_request(save(contents))
    yield Operation(FUNCTIONS, LOAD, lambda: load(cookie), dict)
    yield Operation(FUNCTIONS, SAVE, lambda: save(contents), _saved)
    yield Operation(FUNCTIONS, ROUND_TRIP, lambda: round_trip(cookie), _saved)
    bare = _application(_bare, None)
    for name, view in ((ROUND_TRIP, _bump), (UNTOUCHED, _bare), (READ, _read)):
        app = _application(view, FACTORY)
        yield drivers.wsgi_operation(name, app, cookie, _contents, bare=bare)


def _application(view: Callable[[Any], Response], factory: Any) -> WsgiApp:
    with Configurator(session_factory=factory) as config:
        config.add_route("home", "/")
        config.add_view(view, route_name="home")
        app: WsgiApp = config.make_wsgi_app()
        return app


def _bare(request: Any) -> Response:
    del request
    return Response(b"ok")


def _read(request: Any) -> Response:
    drivers.SEEN["views"] = request.session["views"]
    return Response(b"ok")


def _bump(request: Any) -> Response:
    request.session["views"] = request.session.get("views", 0) + 1
    return Response(b"ok")


def _saved(set_cookies: list[str]) -> Any:
    return _contents(as_request(set_cookies))


CONTENDER = Contender(
    name="pyramid",
    title="Pyramid SignedCookieSessionFactory",
    differs="HMAC-SHA512; signs timestamps and checks the age; by default it sends the cookie at "
    "every request that reads it, here not (reissue_time=None); as functions, it needs a Request "
    "and a Response to be built",
    operations=operations,
    packages=("pyramid", "WebOb"),
)

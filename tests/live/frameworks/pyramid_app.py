from __future__ import annotations

from collections.abc import Callable, Iterator

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.request import Request
from pyramid.response import Response

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session
from tests.support.keys import CANARY, KEYS


def session(request: Request) -> Session:
    return get_session(request.environ)


def count(request: Request) -> Response:
    session(request)["views"] = session(request).get("views", 0) + 1
    return Response(str(session(request)["views"]))


def untouched(_request: Request) -> Response:
    return Response("hello")


def redirected(request: Request) -> Response:
    session(request)["user"] = "Zoë"
    raise HTTPFound(location="/user")


def user(request: Request) -> Response:
    return Response(str(session(request).get("user")))


def fail(request: Request) -> Response:
    session(request)["user"] = "of a failed request"
    raise LookupError


def failed(_error: Exception, _request: Request) -> Response:
    return Response("sorry", status=500)


def stream(request: Request) -> Response:
    session(request)["user"] = "of a stream"

    def parts() -> Iterator[bytes]:
        yield b"one, "
        yield b"two"

    return Response(app_iter=parts())


def cookies(request: Request) -> Response:
    session(request)["user"] = "with other cookies"
    response = Response("ok")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return response


def too_large(request: Request) -> Response:
    session(request)["user"] = CANARY * 200
    return Response("never sent")


def destroy(request: Request) -> Response:
    session(request).destroy()
    return Response("bye")


VIEWS: dict[str, Callable[[Request], Response]] = {
    "/count": count,
    "/untouched": untouched,
    "/redirect": redirected,
    "/user": user,
    "/fail": fail,
    "/stream": stream,
    "/cookies": cookies,
    "/too-large": too_large,
    "/destroy": destroy,
}

with Configurator() as config:
    for route, view in VIEWS.items():
        config.add_route(route, route)
        config.add_view(view, route_name=route)
    config.add_exception_view(failed)
    application = CookieSessionMiddleware(config.make_wsgi_app(), keys=KEYS)

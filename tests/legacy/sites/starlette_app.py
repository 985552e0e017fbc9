from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cookiesession_adapters.asgi import CookieSessionMiddleware
from cookiesession_adapters.legacy.starlette import StarletteReader
from tests.support.keys import KEYS

from . import LEGACY_KEY, OURS


def log_in(request: Request) -> Response:
    request.session["user"] = request.path_params["user"]
    return PlainTextResponse("welcome")


def user(request: Request) -> Response:
    return PlainTextResponse(str(request.session.get("user")))


def count(request: Request) -> Response:
    request.session["views"] = request.session.get("views", 0) + 1
    return PlainTextResponse(str(request.session["views"]))


def log_out(request: Request) -> Response:
    if OURS:
        request.scope["session"].destroy()
    else:
        request.session.clear()
    return PlainTextResponse("bye")


legacy = Middleware(SessionMiddleware, secret_key=LEGACY_KEY)
ours = Middleware(CookieSessionMiddleware, keys=KEYS, legacy=[StarletteReader(LEGACY_KEY)])

application = Starlette(
    routes=[
        Route("/log-in/{user}", log_in),
        Route("/user", user),
        Route("/count", count),
        Route("/log-out", log_out),
    ],
    middleware=[ours if OURS else legacy],
)

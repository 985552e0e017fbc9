from __future__ import annotations

from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from cookiesession_adapters.asgi import CookieSessionMiddleware
from tests.support.keys import CANARY, KEYS


def count(request: Request) -> Response:
    request.session["views"] = request.session.get("views", 0) + 1
    return PlainTextResponse(str(request.session["views"]))


def untouched(_request: Request) -> Response:
    return PlainTextResponse("hello")


def redirect(request: Request) -> Response:
    request.session["user"] = "Zoë"
    return RedirectResponse("/user", 303)


def user(request: Request) -> Response:
    return PlainTextResponse(str(request.session.get("user")))


def fail(request: Request) -> Response:
    request.session["user"] = "of a failed request"
    raise LookupError


def stream(request: Request) -> Response:
    request.session["user"] = "of a stream"

    def parts() -> Iterator[str]:
        yield "one, "
        yield "two"

    return StreamingResponse(parts())


def cookies(request: Request) -> Response:
    request.session["user"] = "with other cookies"
    response = PlainTextResponse("ok")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return response


def too_large(request: Request) -> Response:
    request.session["user"] = CANARY * 200
    return PlainTextResponse("never sent")


def destroy(request: Request) -> Response:
    request.scope["session"].destroy()
    return PlainTextResponse("bye")


app = Starlette(
    routes=[
        Route("/count", count),
        Route("/untouched", untouched),
        Route("/redirect", redirect),
        Route("/user", user),
        Route("/fail", fail),
        Route("/stream", stream),
        Route("/cookies", cookies),
        Route("/too-large", too_large),
        Route("/destroy", destroy),
    ]
)
# Around the whole application, so that the page for an unhandled exception has a session, too.
application = CookieSessionMiddleware(app, keys=KEYS)

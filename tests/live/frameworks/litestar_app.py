from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get
from litestar.response import Redirect, Stream

from cookiesession_adapters.litestar import CookieSessionConfig
from tests.support.keys import CANARY, KEYS

AnyRequest = Request[Any, Any, Any]


@get("/count", media_type=MediaType.TEXT)
async def count(request: AnyRequest) -> str:
    request.session["views"] = request.session.get("views", 0) + 1
    return str(request.session["views"])


@get("/untouched", media_type=MediaType.TEXT)
async def untouched() -> str:
    return "hello"


@get("/redirect")
async def redirect(request: AnyRequest) -> Redirect:
    request.session["user"] = "Zoë"
    return Redirect("/user")


@get("/user", media_type=MediaType.TEXT)
async def user(request: AnyRequest) -> str:
    return str(request.session.get("user"))


@get("/fail", media_type=MediaType.TEXT)
async def fail(request: AnyRequest) -> str:
    request.session["user"] = "of a failed request"
    raise LookupError


@get("/stream")
async def stream(request: AnyRequest) -> Stream:
    request.session["user"] = "of a stream"

    def parts() -> Iterator[str]:
        yield "one, "
        yield "two"

    return Stream(parts())


@get("/cookies", media_type=MediaType.TEXT)
async def cookies(request: AnyRequest) -> Response[str]:
    request.session["user"] = "with other cookies"
    response = Response("ok")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return response


@get("/too-large", media_type=MediaType.TEXT)
async def too_large(request: AnyRequest) -> str:
    request.session["user"] = CANARY * 200
    return "never sent"


@get("/destroy", media_type=MediaType.TEXT)
async def destroy(request: AnyRequest) -> str:
    request.clear_session()
    return "bye"


application = Litestar(
    [count, untouched, redirect, user, fail, stream, cookies, too_large, destroy],
    middleware=[CookieSessionConfig(keys=KEYS).middleware],
)

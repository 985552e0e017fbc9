from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import (
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session
from tests.support.keys import CANARY, KEYS

app = FastAPI(default_response_class=PlainTextResponse)
app.add_middleware(CookieSessionMiddleware, keys=KEYS)


def session_of(request: Request) -> Session:
    return get_session(request.scope)


CurrentSession = Annotated[Session, Depends(session_of)]


@app.get("/count")
async def count(session: CurrentSession) -> str:
    session["views"] = session.get("views", 0) + 1
    return str(session["views"])


@app.get("/untouched")
async def untouched() -> str:
    return "hello"


@app.get("/redirect")
def redirect(session: CurrentSession) -> Response:
    session["user"] = "Zoë"
    return RedirectResponse("/user", 303)


@app.get("/user")
def user(request: Request) -> str:
    return str(request.session.get("user"))


@app.get("/fail")
async def fail(session: CurrentSession) -> str:
    session["user"] = "of a failed request"
    raise LookupError


@app.exception_handler(LookupError)
def failed(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("sorry", 500)


@app.get("/stream")
async def stream(session: CurrentSession) -> Response:
    session["user"] = "of a stream"

    def parts() -> Iterator[str]:
        yield "one, "
        yield "two"

    return StreamingResponse(parts())


@app.get("/cookies")
async def cookies(session: CurrentSession, response: Response) -> str:
    session["user"] = "with other cookies"
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return "ok"


@app.get("/too-large")
async def too_large(session: CurrentSession) -> str:
    session["user"] = CANARY * 200
    return "never sent"


@app.get("/destroy")
async def destroy(session: CurrentSession) -> str:
    session.destroy()
    return "bye"


application = app

from __future__ import annotations

from collections.abc import AsyncIterator

from quart import Quart, Response, redirect, session
from werkzeug.wrappers import Response as BaseResponse

from cookiesession_adapters.quart import setup
from tests.support.keys import CANARY, KEYS

app = Quart(__name__)
setup(app, keys=KEYS)


@app.get("/count")
async def count() -> str:
    session["views"] = session.get("views", 0) + 1
    return str(session["views"])


@app.get("/untouched")
async def untouched() -> str:
    return "hello"


@app.get("/redirect")
async def redirected() -> BaseResponse:
    session["user"] = "Zoë"
    return redirect("/user")


@app.get("/user")
async def user() -> str:
    return str(session.get("user"))


@app.get("/fail")
async def fail() -> str:
    session["user"] = "of a failed request"
    raise LookupError


@app.get("/stream")
async def stream() -> Response:
    session["user"] = "of a stream"

    async def parts() -> AsyncIterator[str]:
        yield "one, "
        yield "two"

    return Response(parts(), mimetype="text/plain")


@app.get("/cookies")
async def cookies() -> Response:
    session["user"] = "with other cookies"
    response = Response("ok")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return response


@app.get("/too-large")
async def too_large() -> str:
    session["user"] = CANARY * 200
    return "never sent"


@app.get("/destroy")
async def destroy() -> str:
    session.clear()
    return "bye"


application = app

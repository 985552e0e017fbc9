from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response, redirect, session
from werkzeug.wrappers import Response as BaseResponse

from cookiesession_adapters.flask import setup
from tests.support.keys import CANARY, KEYS

app = Flask(__name__)
setup(app, keys=KEYS)


@app.get("/count")
def count() -> str:
    session["views"] = session.get("views", 0) + 1
    return str(session["views"])


@app.get("/untouched")
def untouched() -> str:
    return "hello"


@app.get("/redirect")
def redirected() -> BaseResponse:
    session["user"] = "Zoë"
    return redirect("/user")


@app.get("/user")
def user() -> str:
    return str(session.get("user"))


@app.get("/fail")
def fail() -> str:
    session["user"] = "of a failed request"
    raise LookupError


@app.get("/stream")
def stream() -> Response:
    session["user"] = "of a stream"

    def parts() -> Iterator[str]:
        yield "one, "
        yield "two"

    return Response(parts(), mimetype="text/plain")


@app.get("/cookies")
def cookies() -> Response:
    session["user"] = "with other cookies"
    response = Response("ok")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return response


@app.get("/too-large")
def too_large() -> str:
    session["user"] = CANARY * 200
    return "never sent"


@app.get("/destroy")
def destroy() -> str:
    session.clear()
    return "bye"


application = app

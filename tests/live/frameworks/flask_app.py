from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session
from tests.support.keys import CANARY, KEYS

app = Flask(__name__)
app.wsgi_app = CookieSessionMiddleware(app.wsgi_app, keys=KEYS)  # type: ignore[method-assign]


def session() -> Session:
    return get_session(request.environ)


@app.get("/count")
def count() -> str:
    session()["views"] = session().get("views", 0) + 1
    return str(session()["views"])


@app.get("/untouched")
def untouched() -> str:
    return "hello"


@app.get("/redirect")
def redirected() -> BaseResponse:
    session()["user"] = "Zoë"
    return redirect("/user")


@app.get("/user")
def user() -> str:
    return str(session().get("user"))


@app.get("/fail")
def fail() -> str:
    session()["user"] = "of a failed request"
    raise LookupError


@app.get("/stream")
def stream() -> Response:
    session()["user"] = "of a stream"

    def parts() -> Iterator[str]:
        yield "one, "
        yield "two"

    return Response(parts(), mimetype="text/plain")


@app.get("/cookies")
def cookies() -> Response:
    session()["user"] = "with other cookies"
    response = Response("ok")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return response


@app.get("/too-large")
def too_large() -> str:
    session()["user"] = CANARY * 200
    return "never sent"


@app.get("/destroy")
def destroy() -> str:
    session().destroy()
    return "bye"


application = app

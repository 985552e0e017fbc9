from __future__ import annotations

from collections.abc import Iterator

from bottle import Bottle, redirect, request, response

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session
from tests.support.keys import CANARY, KEYS

app = Bottle()


def session() -> Session:
    return get_session(request.environ)


@app.get("/count")  # type: ignore[untyped-decorator]
def count() -> str:
    session()["views"] = session().get("views", 0) + 1
    return str(session()["views"])


@app.get("/untouched")  # type: ignore[untyped-decorator]
def untouched() -> str:
    return "hello"


@app.get("/redirect")  # type: ignore[untyped-decorator]
def redirected() -> None:
    session()["user"] = "Zoë"
    redirect("/user")


@app.get("/user")  # type: ignore[untyped-decorator]
def user() -> str:
    return str(session().get("user"))


@app.get("/fail")  # type: ignore[untyped-decorator]
def fail() -> str:
    session()["user"] = "of a failed request"
    raise LookupError


@app.get("/stream")  # type: ignore[untyped-decorator]
def stream() -> Iterator[str]:
    session()["user"] = "of a stream"
    yield "one, "
    yield "two"


@app.get("/cookies")  # type: ignore[untyped-decorator]
def cookies() -> str:
    session()["user"] = "with other cookies"
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return "ok"


@app.get("/too-large")  # type: ignore[untyped-decorator]
def too_large() -> str:
    session()["user"] = CANARY * 200
    return "never sent"


@app.get("/destroy")  # type: ignore[untyped-decorator]
def destroy() -> str:
    session().destroy()
    return "bye"


application = CookieSessionMiddleware(app, keys=KEYS)

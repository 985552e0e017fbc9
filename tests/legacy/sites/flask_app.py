from __future__ import annotations

from typing import Any

import flask
from flask import Flask, request
from werkzeug.local import LocalProxy

from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from tests.support.keys import KEYS

from . import LEGACY_KEY, OURS

app = Flask(__name__)
if OURS:
    session: Any = LocalProxy(lambda: get_session(request.environ))
    app.wsgi_app = CookieSessionMiddleware(  # type: ignore[method-assign]
        app.wsgi_app, keys=KEYS, legacy=[FlaskReader(LEGACY_KEY)]
    )
else:
    session = flask.session
    app.secret_key = LEGACY_KEY


@app.get("/log-in/<user>")
def log_in(user: str) -> str:
    session["user"] = user
    session["path"] = ("a", "tuple")
    return "welcome"


@app.get("/user")
def show_user() -> str:
    return str(session.get("user"))


@app.get("/count")
def count() -> str:
    session["views"] = session.get("views", 0) + 1
    return str(session["views"])


@app.get("/log-out")
def log_out() -> str:
    if OURS:
        session.destroy()
    else:
        session.clear()
    return "bye"


application = app

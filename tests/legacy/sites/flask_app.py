from __future__ import annotations

from flask import Flask, session

from cookiesession_adapters.flask import setup
from cookiesession_adapters.legacy.flask import FlaskReader
from tests.support.keys import KEYS

from . import LEGACY_KEY, OURS

app = Flask(__name__)
if OURS:
    setup(app, keys=KEYS, legacy=[FlaskReader(LEGACY_KEY)])
else:
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
    session.clear()
    return "bye"


application = app

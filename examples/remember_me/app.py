"""A login with a checkbox "remember me", with Flask.

pip install "cookiesession[flask]" gunicorn
export COOKIESESSION_KEYS="$(cat keys.txt)"
gunicorn app:app
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask, request

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, Session, parse_keys

THIRTY_DAYS = timedelta(days=30)


def max_age(contents: Mapping[str, Any]) -> timedelta | None:
    """Return how long a browser keeps a session; None: until it closes."""
    return THIRTY_DAYS if contents.get("remember") else None


sessions = CookieSession(
    keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")),
    max_age=max_age,
    idle_timeout=THIRTY_DAYS,
    same_site="lax",
)
app = Flask(__name__)
app.wsgi_app = CookieSessionMiddleware(app.wsgi_app, sessions)

FORM = """
<form method="post" action="/log-in">
  <label>Name <input name="user"></label>
  <label><input type="checkbox" name="remember"> Remember me</label>
  <button>Log in</button>
</form>
"""


def current_session() -> Session:
    """Return the session of the current request."""
    return get_session(request)


@app.get("/form")
def form() -> str:
    """Ask who the user is."""
    return FORM


@app.post("/log-in")
def log_in() -> str:
    """Begin a session. A real application checks a password first."""
    remember = request.form.get("remember") == "on"
    current_session().replace({"user": request.form["user"], "remember": remember})
    return "hello"


@app.post("/theme/<theme>")
def choose(theme: str) -> str:
    """Change the session."""
    current_session()["theme"] = theme
    return theme


@app.get("/")
def home() -> str:
    """Read the session."""
    session = current_session()
    return f"{session.get('user', 'nobody')}: {session.get('theme', '')}"


@app.post("/log-out")
def log_out() -> str:
    """End the session."""
    current_session().destroy()
    return "bye"

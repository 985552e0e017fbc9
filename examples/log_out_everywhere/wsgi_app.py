"""Log out everywhere, with a check before the application sees the session: Flask.

A session is valid while its generation equals the generation that Redis holds for its user.

    export COOKIESESSION_KEYS=newest,older
    REDIS_URL=redis://127.0.0.1:6379 gunicorn wsgi_app:application
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import redis
from flask import Flask, request

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session

app = Flask(__name__)
store = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=1)


def generation_of(user: str) -> int:
    """Return the generation that the sessions of ``user`` must have."""
    return int(store.get(f"generation:{user}") or 0)


def is_current(contents: Mapping[str, Any]) -> bool:
    """Return whether nobody is logged in, or the generation is the user's current one."""
    user = contents.get("user")
    return user is None or contents.get("generation") == generation_of(user)


@app.post("/log-in/<user>")
def log_in(user: str) -> str:
    """Begin a session. A real application checks a password first."""
    get_session(request.environ).replace({"user": user, "generation": generation_of(user)})
    return user


@app.post("/log-out-everywhere")
def log_out_everywhere() -> str:
    """End all sessions of the user, in all browsers."""
    session = get_session(request.environ)
    if "user" in session:
        store.incr(f"generation:{session['user']}")
        session.destroy()
    return "bye"


@app.get("/")
def who() -> str:
    """Show who is logged in."""
    return str(get_session(request.environ).get("user", "nobody"))


application = CookieSessionMiddleware(
    app, keys=os.environ["COOKIESESSION_KEYS"].split(","), validate=is_current
)

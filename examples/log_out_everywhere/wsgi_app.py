"""Log out everywhere, with a check before the application sees the session: Flask.

A session is valid while its generation equals the generation that Redis holds for its user. If
Redis holds none, nobody is logged in as this user.

    export COOKIESESSION_KEYS="$(cat keys.txt)"
    REDIS_URL=redis://127.0.0.1:6379 gunicorn wsgi_app:application
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from typing import Any

import redis
from flask import Flask, request

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import parse_keys

app = Flask(__name__)
store = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=1, decode_responses=True)


def key_of(user: str) -> str:
    """Return where Redis holds the generation of ``user``."""
    return f"generation:{user}"


def is_current(contents: Mapping[str, Any]) -> bool:
    """Return whether nobody is logged in, or the generation is the user's current one."""
    user = contents.get("user")
    if user is None:
        return True
    current = store.get(key_of(user))
    return current is not None and contents.get("generation") == current


@app.post("/log-in/<user>")
def log_in(user: str) -> str:
    """Begin a session. A real application checks a password first."""
    store.set(key_of(user), secrets.token_hex(16), nx=True)  # unless there is one
    get_session(request.environ).replace({"user": user, "generation": store.get(key_of(user))})
    return user


@app.post("/log-out-everywhere")
def log_out_everywhere() -> str:
    """End all sessions of the user, in all browsers."""
    session = get_session(request.environ)
    if "user" in session:
        store.set(key_of(session["user"]), secrets.token_hex(16))
        session.destroy()
    return "bye"


@app.get("/")
def who() -> str:
    """Show who is logged in."""
    return str(get_session(request.environ).get("user", "nobody"))


application = CookieSessionMiddleware(
    app, keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), validate=is_current
)

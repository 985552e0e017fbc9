"""A shop with Flask-Login, whose users server.js knows as well.

pip install "cookiesession[flask]" flask-login gunicorn
export COOKIESESSION_KEYS="$(cat keys.txt)"
gunicorn "app:create_app()"
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Flask, flash, get_flashed_messages, session
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)

from cookiesession_adapters.flask import setup
from cookiesession_core import parse_keys


class User(UserMixin):
    """A user. Flask-Login keeps the id in the session, as text."""

    def __init__(self, number: str) -> None:
        self.id = number


USERS = {number: User(number) for number in ("1", "2")}


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application. Tests give it their settings."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ.get("SECRET_KEY", "Flask-Login signs its cookie with this"),
        SESSION_KEYS=os.environ.get("COOKIESESSION_KEYS"),
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
    )
    app.config.update(config or {})
    setup(app, keys=parse_keys(app.config["SESSION_KEYS"]))  # after the settings

    manager = LoginManager(app)
    manager.user_loader(USERS.get)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/account", view_func=login_required(account))
    app.add_url_rule("/log-in/<number>", view_func=log_in, methods=["POST"])
    app.add_url_rule("/log-out", view_func=log_out, methods=["POST"])
    return app


def home() -> str:
    """Show who is logged in, and the messages."""
    user = current_user.id if current_user.is_authenticated else "nobody"
    return "; ".join([user, *get_flashed_messages()])


def account() -> str:
    """Show what only a logged-in user may see."""
    return f"the account of {current_user.id}"


def log_in(number: str) -> str:
    """Begin a session, and remember the user. A real application checks a password first."""
    session.permanent = True
    login_user(USERS[number], remember=True)
    flash("Welcome")
    return "welcome"


def log_out() -> str:
    """End the session, here and at server.js."""
    session.clear()
    logout_user()  # after clear(), so that it can delete the cookie "remember_token"
    return "bye"

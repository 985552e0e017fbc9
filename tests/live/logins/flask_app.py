"""An existing application of Flask: a login by Flask-Login, a form of Flask-WTF, flashes."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from flask import Flask, flash, redirect, render_template_string, session, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired

from cookiesession_adapters.flask import setup
from cookiesession_adapters.legacy.flask import FlaskReader
from tests.support.keys import KEYS

LEGACY_KEY = "the key of the application before it changed"

app = Flask(__name__)
app.config.update(SECRET_KEY=LEGACY_KEY, PERMANENT_SESSION_LIFETIME=timedelta(days=7))
manager = LoginManager(app)
manager.login_view = "log_in"

# What the application changes for this library; all else stays as it was.
if os.environ["SESSIONS"] == "ours":
    setup(
        app,
        keys=KEYS,
        legacy=[FlaskReader(LEGACY_KEY, max_age=app.permanent_session_lifetime)],
        idle_timeout=app.permanent_session_lifetime if "IDLE" in os.environ else None,
    )

PAGE = """{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<b>{{ current_user.id if current_user.is_authenticated else "nobody" }}</b>
{% if form %}<form method="post">{{ form.hidden_tag() }}{{ form.name }}</form>{% endif %}"""


class User(UserMixin):  # type: ignore[misc] # it has no types
    def __init__(self, name: str) -> None:
        self.id = name


class LogIn(FlaskForm):  # type: ignore[misc] # it has no types
    name = StringField(validators=[DataRequired()])


@manager.user_loader  # type: ignore[untyped-decorator]
def load_user(name: str) -> User:
    return User(name)


@app.route("/log-in", methods=["GET", "POST"])
def log_in() -> Any:
    form = LogIn()
    if form.validate_on_submit():
        session.permanent = True
        login_user(User(form.name.data))
        flash(f"Welcome, {current_user.id}")
        return redirect(url_for("home"))
    return render_template_string(PAGE, form=form)


@app.get("/")
def home() -> str:
    return render_template_string(PAGE)


@app.get("/account")
@login_required  # type: ignore[untyped-decorator]
def account() -> str:
    return render_template_string(PAGE)


@app.get("/log-out")
@login_required  # type: ignore[untyped-decorator]
def log_out() -> Any:
    logout_user()
    flash("Bye")
    return redirect(url_for("home"))


application = app

"""The how-to on the login of Flask-Login: its two applications, with the real cookie-session."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from importlib import util
from typing import Any

import attrs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from cookiesession_adapters.testing import log_in, read
from tests.node.express import EXPRESS
from tests.support.servers import PYTHON, ROOT, running
from tests.support.user_agent import UserAgent

EXAMPLE = ROOT / "examples" / "express_and_flask_login"
KEY = "a-key-of-express-and-flask-login-of-32-b"
FOURTEEN_DAYS = 14 * 24 * 3600
BY_EXPRESS = {"_user_id": "2", "_permanent": True}
"""What the login of the Express application writes."""


@attrs.frozen
class Site:
    """Both applications, under one host name."""

    express: str
    flask: str
    agent: UserAgent = attrs.field(factory=UserAgent)

    def users(self) -> tuple[bytes, bytes]:
        """Return the user whom Express sees, and the one whom Flask sees."""
        there = self.agent.get(f"{self.express}/new").body
        return there, self.agent.get(f"{self.flask}/").body.partition(b";")[0]

    def log_in_at_flask(self) -> None:
        assert b"welcome" == self.agent.post(f"{self.flask}/log-in/1").body

    def log_in_at_express(self) -> None:
        assert b"welcome" == self.agent.post(f"{self.express}/new/log-in/2").body

    def cookies(self) -> set[str]:
        return {cookie.name for cookie in self.agent.jar.cookies(time.time())}


@pytest.fixture(scope="module")
def urls(node: str) -> Iterator[tuple[str, str]]:
    gunicorn = (PYTHON, "-m", "gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}")
    commands = [(node, "server.js", "{port}"), (*gunicorn, "app:create_app()")]
    env = {"COOKIESESSION_KEYS": KEY, "NODE_PATH": str(EXPRESS / "node_modules")}
    with contextlib.ExitStack() as stack:
        express, flask = (
            stack.enter_context(running(command, env=env, cwd=EXAMPLE)).url for command in commands
        )
        yield express, flask


@pytest.fixture
def site(urls: tuple[str, str]) -> Site:
    return Site(*urls)


def test_express_knows_a_user_of_flask_and_logs_a_remembered_one_out(site: Site) -> None:
    site.log_in_at_flask()
    assert (b"1", b"1") == site.users()
    assert {"session", "session.sig", "remember_token"} == site.cookies()

    assert b"bye" == site.agent.post(f"{site.express}/new/log-out").body

    assert (b"nobody", b"nobody") == site.users()
    assert set() == site.cookies()


def test_flask_knows_a_user_of_express_and_logs_out_on_both_sides(site: Site) -> None:
    site.log_in_at_express()
    assert (b"2", b"2") == site.users()
    assert b"the account of 2" == site.agent.get(f"{site.flask}/account").body

    assert b"bye" == site.agent.post(f"{site.flask}/log-out").body

    assert (b"nobody", b"nobody") == site.users()
    assert set() == site.cookies()


def test_a_log_out_at_flask_forgets_a_remembered_user(site: Site) -> None:
    site.log_in_at_flask()
    site.agent.post(f"{site.flask}/log-out")

    assert (b"nobody", b"nobody") == site.users()
    assert set() == site.cookies()


def test_a_remembered_user_comes_back_at_flask_first(site: Site) -> None:
    site.log_in_at_flask()
    for name in ("session", "session.sig"):
        site.agent.jar.tamper(name, None)

    assert b"nobody" == site.agent.get(f"{site.express}/new").body
    assert b"1" == site.agent.get(f"{site.flask}/").body
    assert b"1" == site.agent.get(f"{site.express}/new").body


def test_a_log_in_at_express_lasts_as_long_at_flask(site: Site) -> None:
    site.log_in_at_express()
    for _ in range(2):
        assert (b"2", b"2") == site.users()  # Flask-Login writes at the first visit
        ours = [c for c in site.agent.jar.cookies(time.time()) if c.name.startswith("session")]
        assert 2 == len(ours)
        for cookie in ours:
            assert cookie.expires is not None
            assert abs(cookie.expires - time.time() - FOURTEEN_DAYS) < 60


@pytest.fixture
def app() -> Flask:
    spec = util.spec_from_file_location("flask_login_app", EXAMPLE / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Flask = module.create_app({"TESTING": True, "SESSION_KEYS": KEY})
    return made


def logged_in(app: Flask, contents: dict[str, Any]) -> FlaskClient:
    client = app.test_client()
    log_in(client, app.session_interface.sessions, contents)  # type: ignore[attr-defined]
    return client


def session_of(client: FlaskClient) -> Any:
    return read(client, client.application.session_interface.sessions)  # type: ignore[attr-defined]


def test_a_log_in_of_express_is_not_fresh(app: Flask) -> None:
    client = logged_in(app, {**BY_EXPRESS, "_fresh": True})

    assert "the account of 2" == client.get("/account").text
    assert session_of(client)["_fresh"] is False


def test_strong_protection_ends_only_a_log_in_of_express_that_is_not_permanent(app: Flask) -> None:
    app.login_manager.session_protection = "strong"  # type: ignore[attr-defined]

    statuses = [
        logged_in(app, contents).get("/account").status_code
        for contents in (BY_EXPRESS, {"_user_id": "2"})
    ]

    assert [200, 401] == statuses


def test_an_id_of_express_that_is_a_number_is_nobody(app: Flask) -> None:
    assert 401 == logged_in(app, {**BY_EXPRESS, "_user_id": 2}).get("/account").status_code


def test_flask_shows_a_message_of_express(app: Flask) -> None:
    client = logged_in(app, {**BY_EXPRESS, "_flashes": [["message", "Your order is on its way"]]})

    assert "2; Your order is on its way" == client.get("/").text
    assert "2" == client.get("/").text

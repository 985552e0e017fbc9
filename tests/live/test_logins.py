"""Logins of a framework's own package, before and after the change to ours, and beside Express."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Flask

from cookiesession_adapters.flask import setup as set_up
from tests.node.express import EXPRESS
from tests.support.keys import KEYS
from tests.support.servers import PYTHON, running
from tests.support.user_agent import Response, UserAgent

SERVER = ("gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}")


@contextlib.contextmanager
def site(sessions: str, **env: str) -> Iterator[str]:
    command = [PYTHON, "-m", *SERVER, "tests.live.logins.flask_app:application"]
    with running(command, env={"SESSIONS": sessions, **env}) as server:
        yield server.url


@pytest.fixture(scope="module")
def flask() -> Iterator[str]:
    with site("ours") as url:
        yield url


@pytest.fixture(scope="module")
def express(node: str) -> Iterator[str]:
    options = json.dumps({"keys": KEYS})
    with running([node, EXPRESS / "server.js", "{port}"], env={"SESSION_OPTIONS": options}) as it:
        yield it.url


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def log_in(agent: UserAgent, url: str, name: str = "ada") -> Response:
    """Log in by the form, with the token that it has."""
    page = agent.get(f"{url}/log-in").body.decode()
    (token,) = re.findall(r'name="csrf_token" type="hidden" value="([^"]+)"', page)
    return post(agent, url, csrf_token=token, name=name)


def post(agent: UserAgent, url: str, **fields: str) -> Response:
    form = ("Content-Type", "application/x-www-form-urlencoded")
    return agent.request("POST", f"{url}/log-in", [form], urlencode(fields).encode())


def user(agent: UserAgent, url: str) -> str:
    (name,) = re.findall("<b>(.*)</b>", agent.get(f"{url}/").body.decode())
    return str(name)


def on_express(agent: UserAgent, url: str) -> Any:
    return json.loads(agent.get(f"{url}/read").body)["session"]


def names(agent: UserAgent) -> set[str]:
    return {cookie.name for cookie in agent.jar.cookies(time.time())}


def test_a_login_a_form_and_flashes_work(flask: str, agent: UserAgent) -> None:
    assert 302 == agent.get(f"{flask}/account").status
    assert 200 == post(agent, flask, name="ada").status  # without a token, the form is shown again
    assert "nobody" == user(agent, flask)

    assert 302 == log_in(agent, flask).status
    assert b"<p>Welcome, ada</p>" in agent.get(f"{flask}/").body
    assert b"<p>" not in agent.get(f"{flask}/").body
    assert 200 == agent.get(f"{flask}/account").status

    agent.get(f"{flask}/log-out")
    assert b"<p>Bye</p>" in agent.get(f"{flask}/").body
    assert "nobody" == user(agent, flask)


def test_express_sees_a_login_of_flask_login_and_ends_it(
    flask: str, express: str, agent: UserAgent
) -> None:
    log_in(agent, flask)

    assert "ada" == on_express(agent, express)["_user_id"]

    agent.get(f"{express}/count")
    assert "ada" == user(agent, flask)

    agent.post(f"{express}/destroy")
    assert "nobody" == user(agent, flask)
    assert set() == names(agent)


def test_flask_login_sees_a_login_of_express_and_ends_it(
    flask: str, express: str, agent: UserAgent
) -> None:
    agent.post(f"{express}/set", {"_user_id": "bob", "_fresh": True, "theme": "dark"})

    assert "bob" == user(agent, flask)

    agent.get(f"{flask}/log-out")
    assert "nobody" == user(agent, flask)
    left = on_express(agent, express)
    assert ("dark", False) == (left["theme"], "_user_id" in left)


@pytest.mark.parametrize("env", [{}, {"IDLE": "1"}], ids=["for ever", "with idle_timeout"])
def test_nobody_is_logged_out_by_the_change(agent: UserAgent, env: dict[str, str]) -> None:
    with site("Flask's own") as before:
        log_in(agent, before)
        assert {"session"} == names(agent)
    with site("ours", **env) as after:
        assert b"<p>Welcome, ada</p>" in agent.get(f"{after}/").body
        assert {"session", "session.sig"} == names(agent)
        assert "ada" == user(agent, after)
        (cookie, _) = agent.jar.cookies(time.time())
        assert cookie.expires is not None
        assert 6 < (cookie.expires - time.time()) / 86400 <= 7.01


class Granting(FlaskOAuth2App):  # type: ignore[misc] # it has no types
    """A client whose provider grants every token."""

    def fetch_access_token(self, **_: object) -> dict[str, str]:
        return {"access_token": "granted"}


def test_authlib_keeps_the_state_of_its_flow_in_the_session_of_flask() -> None:
    app = Flask("shop")
    set_up(app, keys=KEYS)
    oauth = OAuth(app)
    provider = oauth.register(
        "provider",
        client_id="us",
        client_secret="secret",
        authorize_url="https://provider.test/authorize",
        access_token_url="https://provider.test/token",
        client_cls=Granting,
    )
    app.add_url_rule("/start", "start", lambda: provider.authorize_redirect("http://localhost/"))
    app.add_url_rule("/finish", "finish", provider.authorize_access_token)
    client = app.test_client()
    (state,) = parse_qs(urlsplit(client.get("/start").headers["Location"]).query)["state"]

    finished = client.get(f"/finish?code=code&state={state}")
    stranger = app.test_client().get(f"/finish?code=code&state={state}")

    assert {"access_token": "granted"} == finished.json
    assert 500 == stranger.status_code

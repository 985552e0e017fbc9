"""The admin sites in the page on Starlette: their login is in our session."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest

from cookiesession_core import CookieSession
from tests.support.asgi import serving
from tests.support.user_agent import Response, UserAgent

PASSWORD = "of the admin"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    monkeypatch.setenv("ADMIN_KEY", "the admin's own, not a session key")


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


@contextmanager
def admin(example: str) -> Iterator[tuple[str, CookieSession]]:
    """Serve the application of an example; gives its admin's URL."""
    module = importlib.import_module(f"examples.admin.{example}")
    with serving(module.application, lifespan="off") as url:
        yield f"{url}/admin", module.sessions
    module.engine.dispose()


def submit(agent: UserAgent, url: str, **fields: str) -> Response:
    """Submit a form as a browser does."""
    kind = [("Content-Type", "application/x-www-form-urlencoded")]
    return agent.request("POST", url, kind, urlencode(fields).encode())


def kept(agent: UserAgent, url: str, sessions: CookieSession) -> object:
    """Return the contents of the session that a client has."""
    return sessions.decode(agent.jar.header(url, now=agent.clock()) or "")


def test_sqladmin_keeps_its_log_in_in_our_session(agent: UserAgent) -> None:
    with admin("with_sqladmin") as (url, sessions):
        refused = agent.get(f"{url}/product/list")
        wrong = submit(agent, f"{url}/login", username="ada", password="guessed")
        nobody = kept(agent, url, sessions)
        logged_in = submit(agent, f"{url}/login", username="ada", password=PASSWORD)
        contents = kept(agent, url, sessions)
        products = agent.get(f"{url}/product/list")
        logged_out = agent.get(f"{url}/logout")

        assert (302, 400, None) == (refused.status, wrong.status, nobody)
        assert [f"{url}/login"] == refused.all("Location")
        assert {"session", "session.sig"} == {
            each.partition("=")[0] for each in logged_in.set_cookie
        }
        assert {"admin": "ada"} == contents
        assert (200, True) == (products.status, b"Products" in products.body)
        assert (302, None) == (logged_out.status, kept(agent, url, sessions))
        assert 302 == agent.get(f"{url}/product/list").status


def test_starlette_admin_keeps_its_log_in_in_our_session(agent: UserAgent) -> None:
    pytest.importorskip("starlette_admin")
    with admin("with_starlette_admin") as (url, sessions):
        refused = agent.get(f"{url}/product/list")
        token = csrf(agent.get(f"{url}/login"))
        wrong = submit(agent, f"{url}/login", username="a", password="guessed", csrftoken=token)
        nobody = kept(agent, url, sessions)
        form = {"username": "ada", "password": PASSWORD, "csrftoken": token}
        logged_in = submit(agent, f"{url}/login", **form)
        contents = kept(agent, url, sessions)
        products = agent.get(f"{url}/product/list")
        logged_out = submit(agent, f"{url}/logout", csrftoken=csrf(products))

        assert (303, 400, None) == (refused.status, wrong.status, nobody)
        assert (303, {"admin": "ada"}) == (logged_in.status, contents)
        assert (200, True) == (products.status, b"Product" in products.body)
        assert (303, None) == (logged_out.status, kept(agent, url, sessions))
        assert 303 == agent.get(f"{url}/product/list").status


def csrf(page: Response) -> str:
    """Return the token in a form of starlette-admin."""
    (token,) = set(re.findall(rb'name="csrftoken" value="([^"]+)"', page.body))
    return bytes(token).decode()

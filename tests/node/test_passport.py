"""Passport beside cookie-session, with the files that the how-to on Express shows."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cookiesession_core import CookieSession, Session
from tests.node.express import EXPRESS
from tests.support.servers import ROOT, running
from tests.support.user_agent import UserAgent

EXAMPLE = ROOT / "examples" / "express_with_passport"
PAGE = (ROOT / "docs" / "how-to" / "share-with-express.md").read_text("utf-8")
KEY = "a-key-of-passport-and-us-of-32-bytes"
USUAL = re.compile(
    r'^``` \{ \.js title="the usual workaround[^"]*" \}\n(.*?)^```$', re.MULTILINE | re.DOTALL
)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
METHODS = "passport_methods.js"
METHODS_TEXT = (EXAMPLE / METHODS).read_text("utf-8")

sessions = CookieSession(keys=[KEY], same_site="lax")
shown: dict[str, Any] = {}
exec(PYTHON.findall(PAGE.split("## Share a login with Passport")[1])[0], shown)


@contextlib.contextmanager
def serving(node: str, folder: Path) -> Iterator[str]:
    env = {"COOKIESESSION_KEYS": KEY, "NODE_PATH": str(EXPRESS / "node_modules")}
    with running([node, "server.js", "{port}"], env=env, cwd=folder) as server:
        yield server.url


@contextlib.contextmanager
def serving_changed(node: str, folder: Path, file: str, old: str, new: str) -> Iterator[str]:
    """Serve the example with one change in one of its files."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    text = (EXAMPLE / file).read_text("utf-8")
    assert 1 == text.count(old)
    (folder / file).write_text(text.replace(old, new), "utf-8")
    with serving(node, folder) as url:
        yield url


@pytest.fixture(scope="module")
def site(node: str) -> Iterator[str]:
    with serving(node, EXAMPLE) as url:
        yield url


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def here(agent: UserAgent, site: str) -> Session:
    """Return the session that Python reads from the visitor's cookies."""
    return sessions.open(agent.jar.header(site, now=agent.clock()))


def send(agent: UserAgent, site: str, session: Session) -> None:
    for value in session.commit():
        agent.jar.store(value, site, now=agent.clock())


def test_an_anonymous_visitor_gets_no_cookie(site: str, agent: UserAgent) -> None:
    responses = [agent.get(f"{site}/") for _ in range(2)]

    assert [(200, b"nobody: ", [])] * 2 == [(r.status, r.body, r.set_cookie) for r in responses]


def test_a_login_empties_the_session_and_a_logout_deletes_both_cookies(
    site: str, agent: UserAgent
) -> None:
    agent.post(f"{site}/cart/tea")
    assert b"nobody: tea" == agent.get(f"{site}/").body

    assert b"welcome" == agent.post(f"{site}/log-in/ada").body
    assert {"passport": {"user": "ada"}} == here(agent, site)
    agent.post(f"{site}/cart/milk")
    assert b"ada: milk" == agent.get(f"{site}/").body

    assert b"bye" == agent.post(f"{site}/log-out").body
    assert [] == agent.jar.cookies(agent.clock())


def test_python_knows_the_user_of_passport(site: str, agent: UserAgent) -> None:
    assert shown["user_of"](here(agent, site)) is None

    agent.post(f"{site}/log-in/ada")

    assert "ada" == shown["user_of"](here(agent, site))


def test_passport_knows_the_user_of_python(site: str, agent: UserAgent) -> None:
    session = here(agent, site)
    shown["log_in"](session, "bob")
    send(agent, site, session)
    assert b"bob: " == agent.get(f"{site}/").body

    session = here(agent, site)
    session.destroy()
    send(agent, site, session)
    assert b"nobody: " == agent.get(f"{site}/").body


def test_node_drops_the_keys_that_are_now_methods(site: str, agent: UserAgent) -> None:
    agent.get(f"{site}/")  # the first request puts the methods on the prototype
    session = here(agent, site)
    session.update(save=1, regenerate=2, other=3)
    send(agent, site, session)

    agent.get(f"{site}/")

    assert {"other": 3} == here(agent, site)


def test_the_usual_workaround_gives_each_visitor_an_empty_session_and_keeps_old_contents(
    node: str, agent: UserAgent, tmp_path: Path
) -> None:
    (usual,) = USUAL.findall(PAGE)
    with serving_changed(node, tmp_path, METHODS, METHODS_TEXT, usual) as url:
        first, signature = agent.get(f"{url}/").set_cookie
        agent.post(f"{url}/cart/tea")
        agent.post(f"{url}/log-in/ada")
        after = here(agent, url)

    assert first.startswith("session=e30=;")
    assert signature.startswith("session.sig=")
    assert {"cart": ["tea"], "passport": {"user": "ada"}} == after


def test_without_the_methods_nobody_can_log_in(node: str, agent: UserAgent, tmp_path: Path) -> None:
    line = "app.use(require('./passport_methods'))"
    with serving_changed(node, tmp_path, "server.js", line, "") as url:
        response = agent.post(f"{url}/log-in/ada")

    assert (500, []) == (response.status, response.set_cookie)
    assert b"regenerate is not a function" in response.body


def test_a_logout_by_passport_alone_leaves_an_empty_session(
    node: str, agent: UserAgent, tmp_path: Path
) -> None:
    line = "req.session = null // deletes both cookies"
    with serving_changed(node, tmp_path, "server.js", line, "") as url:
        agent.post(f"{url}/log-in/ada")
        agent.post(f"{url}/log-out")

        assert "e30=" == agent.jar.value("session")


def test_the_option_to_keep_the_contents_has_no_effect(
    node: str, agent: UserAgent, tmp_path: Path
) -> None:
    call, keeping = (
        "{ id: req.params.user },",
        "{ id: req.params.user }, { keepSessionInfo: true },",
    )
    with serving_changed(node, tmp_path, "server.js", call, keeping) as url:
        agent.post(f"{url}/cart/tea")
        agent.post(f"{url}/log-in/ada")

        assert {"passport": {"user": "ada"}} == here(agent, url)

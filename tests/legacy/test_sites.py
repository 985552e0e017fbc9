"""One site before and after its change from the framework's own sessions to ours."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import attrs
import pytest

from tests.support.servers import PYTHON, running
from tests.support.user_agent import UserAgent

SERVERS = {
    "django": ("gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}"),
    "flask": ("gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}"),
    "starlette": ("uvicorn", "--port={port}"),
}
LEGACY_NAME = {"django": "sessionid", "flask": "session", "starlette": "session"}


@contextlib.contextmanager
def site(framework: str, sessions: str) -> Iterator[str]:
    application = f"tests.legacy.sites.{framework}_app:application"
    command = [PYTHON, "-m", *SERVERS[framework], application]
    with running(command, env={"SESSIONS": sessions}) as server:
        yield server.url


@attrs.frozen
class Changed:
    """The site after the change, and the browsers of visitors who were there before it."""

    url: str
    name: str
    """The name of the cookie, before and after."""
    ada: UserAgent
    stranger: UserAgent

    def user(self, agent: UserAgent) -> str:
        return agent.get(f"{self.url}/user").body.decode()


@pytest.fixture(scope="module", params=SERVERS)
def before_and_after(request: pytest.FixtureRequest) -> Iterator[Changed]:
    ada, name = UserAgent(), LEGACY_NAME[request.param]
    with site(request.param, "legacy") as url:
        ada.get(f"{url}/log-in/ada")
        ada.get(f"{url}/count")
        assert b"ada" == ada.get(f"{url}/user").body
        assert {name} == names(ada)
    with site(request.param, "ours") as url:
        yield Changed(url, name, ada, UserAgent())


@pytest.fixture
def changed(before_and_after: Changed) -> Changed:
    """Return them with browsers that each test may use up."""
    return attrs.evolve(before_and_after, ada=before_and_after.ada.copy(), stranger=UserAgent())


def names(agent: UserAgent) -> set[str]:
    return {cookie.name for cookie in agent.jar.cookies(time.time())}


def test_the_visitor_is_still_logged_in_and_has_our_cookies_alone(changed: Changed) -> None:
    assert "ada" == changed.user(changed.ada)
    assert {changed.name, f"{changed.name}.sig"} == names(changed.ada)
    again = changed.ada.get(f"{changed.url}/user")
    assert (b"ada", []) == (again.body, again.set_cookie)


def test_the_session_goes_on_where_it_was(changed: Changed) -> None:
    assert [b"2", b"3"] == [changed.ada.get(f"{changed.url}/count").body for _ in range(2)]
    assert "ada" == changed.user(changed.ada)


def test_a_stranger_is_nobody(changed: Changed) -> None:
    assert "None" == changed.user(changed.stranger)
    assert set() == names(changed.stranger)


@pytest.mark.parametrize("pages", [["log-out"], ["user", "log-out"], ["count", "log-out"]])
def test_logging_out_leaves_no_cookie_that_would_log_in_again(
    changed: Changed, pages: list[str]
) -> None:
    for page in pages:
        changed.ada.get(f"{changed.url}/{page}")

    assert set() == names(changed.ada)
    assert "None" == changed.user(changed.ada)


def test_logging_in_as_somebody_else_replaces_the_legacy_session(changed: Changed) -> None:
    changed.ada.get(f"{changed.url}/log-in/bob")

    assert "bob" == changed.user(changed.ada)
    assert {changed.name, f"{changed.name}.sig"} == names(changed.ada)


def test_a_copy_of_the_legacy_cookie_stays_valid_and_a_changed_one_is_not(
    changed: Changed,
) -> None:
    (legacy,) = changed.ada.jar.cookies(time.time())
    changed.ada.get(f"{changed.url}/log-out")

    def with_cookie(value: str) -> bytes:
        header = ("Cookie", f"{changed.name}={value}")
        return changed.stranger.get(f"{changed.url}/user", [header]).body

    assert b"ada" == with_cookie(legacy.value)
    assert b"None" == with_cookie("x" + legacy.value[1:])


def test_the_legacy_cookie_counts_for_nothing_beside_ours(changed: Changed) -> None:
    (legacy,) = changed.ada.jar.cookies(time.time())
    changed.stranger.get(f"{changed.url}/log-in/bob")
    ours = changed.stranger.jar.header(changed.url, now=time.time())
    header = ("Cookie", f"{changed.name}={legacy.value}; {ours}")

    assert b"bob" == changed.stranger.get(f"{changed.url}/user", [header]).body

"""The how-to on logging out everywhere, with a real Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from cookiesession_core import CookieSession
from tests.support.keys import KEYS
from tests.support.servers import PYTHON, ROOT, running
from tests.support.user_agent import UserAgent

EXAMPLE = ROOT / "examples" / "log_out_everywhere"
SITE_KEYS = [key.replace(",", "") for key in KEYS]
SERVERS = {
    "validate": (
        *(PYTHON, "-m", "gunicorn", "--no-control-socket", "--log-level=warning"),
        *("--bind=127.0.0.1:{port}", "wsgi_app:application"),
    ),
    "await": (
        *(PYTHON, "-m", "uvicorn", "--log-level=warning", "--lifespan=off"),
        *("--port={port}", "asgi_app:application"),
    ),
}


@pytest.fixture(scope="module")
def redis_url(redis_server: str) -> Iterator[str]:
    command = (redis_server, "--bind", "127.0.0.1", "--port", "{port}", "--save", "")
    with running(command) as server:
        yield f"redis://127.0.0.1:{server.port}"


@pytest.fixture(scope="module", params=SERVERS)
def site(redis_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    env = {"REDIS_URL": redis_url, "COOKIESESSION_KEYS": "\n".join(SITE_KEYS)}
    with running(SERVERS[request.param], env=env, cwd=EXAMPLE) as server:
        yield server.url


def user_at(site: str, agent: UserAgent) -> str:
    return agent.get(f"{site}/").body.decode()


def test_one_browser_logs_out_all_browsers_of_its_user_and_nobody_else(site: str) -> None:
    laptop, phone, other = UserAgent(), UserAgent(), UserAgent()
    for agent, user in ((laptop, "ada"), (phone, "ada"), (other, "bob")):
        assert "nobody" == user_at(site, agent)
        agent.post(f"{site}/log-in/{user}")
        assert user == user_at(site, agent)
    copied = phone.copy()

    laptop.post(f"{site}/log-out-everywhere")

    browsers = (laptop, phone, copied, other)
    assert ["nobody", "nobody", "nobody", "bob"] == [user_at(site, agent) for agent in browsers]
    phone.post(f"{site}/log-in/ada")
    assert ["ada", "nobody"] == [user_at(site, phone), user_at(site, copied)]


def test_a_visitor_who_is_not_logged_in_cannot_log_anyone_out(site: str) -> None:
    agent = UserAgent()

    assert b"bye" == agent.post(f"{site}/log-out-everywhere").body
    assert [] == agent.get(f"{site}/").set_cookie


def test_a_user_whose_generation_is_lost_logs_in_again_and_old_sessions_stay_ended(
    site: str, redis_url: str
) -> None:
    laptop, phone, other = UserAgent(), UserAgent(), UserAgent()
    for agent, user in ((laptop, "ada"), (phone, "ada"), (other, "bob")):
        agent.post(f"{site}/log-in/{user}")
    copied = [laptop.copy(), phone.copy()]

    with redis.Redis.from_url(redis_url) as store:
        assert 1 == store.delete("generation:ada")

    browsers = (laptop, phone, *copied, other)
    assert ["nobody"] * 4 + ["bob"] == [user_at(site, agent.copy()) for agent in browsers]
    laptop.post(f"{site}/log-out-everywhere")
    phone.post(f"{site}/log-in/ada")
    assert ["ada"] + ["nobody"] * 3 == [user_at(site, each) for each in (phone, laptop, *copied)]


def test_a_session_without_a_generation_is_of_nobody_when_the_store_has_none(
    site: str, redis_url: str
) -> None:
    """A missing value on both sides is not an equal one."""
    sessions = CookieSession(keys=[SITE_KEYS[0]])
    agent = UserAgent()
    header = ("Cookie", sessions.cookie_header({"user": "carol", "generation": None}))

    with redis.Redis.from_url(redis_url) as store:
        assert 0 == store.exists("generation:carol")
    assert b"nobody" == agent.get(f"{site}/", [header]).body

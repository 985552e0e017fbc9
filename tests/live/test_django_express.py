"""A login of ``django.contrib.auth``, shared with a real Express application."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from tests.adapters.test_django_applications import ada, site
from tests.node.express import EXPRESS
from tests.support.keys import KEYS
from tests.support.servers import running
from tests.support.user_agent import UserAgent
from tests.support.wsgi import serving

__all__ = ["ada", "site"]  # fixtures


@pytest.fixture
def shop(site: None) -> Iterator[str]:  # noqa: ARG001
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"]), serving(WSGIHandler()) as url:
        yield url


@pytest.fixture(scope="module")
def express(node: str) -> Iterator[str]:
    options = {"algorithm": None, "encoding": None, "keys": KEYS, "name": "sessionid"}
    with running(
        [node, EXPRESS / "server.js", "{port}"], env={"SESSION_OPTIONS": json.dumps(options)}
    ) as server:
        yield server.url


def who(agent: UserAgent, shop: str) -> str:
    return agent.get(f"{shop}/who").body.decode()


def seen_by(agent: UserAgent, express: str) -> Any:
    return agent.get(f"{express}/read").json()["session"]


@pytest.mark.usefixtures("ada")
def test_express_sees_a_log_in_of_the_admin_and_ends_it(shop: str, express: str) -> None:
    agent = UserAgent()

    page = agent.get(f"{shop}/admin/login/").body.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    form = f"username=ada&password=secret&csrfmiddlewaretoken={token[1]}&next=/who"
    headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Referer", shop)]
    agent.request("POST", f"{shop}/admin/login/", headers, form.encode())
    assert "ada" == who(agent, shop)
    assert (
        "django.contrib.auth.backends.ModelBackend" == seen_by(agent, express)["_auth_user_backend"]
    )

    agent.post(f"{express}/destroy")
    assert "nobody" == who(agent, shop)


def test_django_sees_a_log_in_of_express_and_ends_it(shop: str, express: str, ada: Any) -> None:
    agent = UserAgent()

    login = {
        "_auth_user_id": str(ada.pk),
        "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
        "_auth_user_hash": ada.get_session_auth_hash(),
    }
    agent.post(f"{express}/set", login)
    assert "ada" == who(agent, shop)

    agent.get(f"{shop}/log-out")
    assert {} == seen_by(agent, express)
    assert "nobody" == who(agent, shop)

"""Visitors who log in at the real Auth.js 5 or NextAuth 4, and come to Python.

``CASES=20000 pytest tests/node/test_authjs.py`` compares more tokens; ``SEED=`` repeats them.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from typing import Any

import pytest

from cookiesession_adapters.formats.authjs import AuthJSReader, read_session
from cookiesession_core import CookieSession
from tests.node.authjs import serve
from tests.node.authjs.fuzz import run
from tests.support.keys import KEYS
from tests.support.user_agent import UserAgent

OLDER, NEWEST = "an older secret of the site, 32 bytes", "the newest secret of that site, 32 bytes"
CASES = int(os.environ.get("CASES", "1000"))
SEED = int(os.environ.get("SEED", random.randrange(2**32)))
NAMES = {5: "authjs.session-token", 4: "next-auth.session-token"}


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


@pytest.fixture(params=[5, 4])
def version(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


def submit(agent: UserAgent, url: str, action: str, **fields: str) -> None:
    csrf: str = json.loads(agent.get(f"{url}/csrf").body)["csrfToken"]
    response = agent.post(f"{url}/{action}", {"csrfToken": csrf, **fields})
    assert (302, []) == (
        response.status,
        [each for each in response.all("Location") if "err" in each],
    )


def log_in(agent: UserAgent, url: str, user: str = "ada", note: str = "") -> None:
    submit(agent, url, "callback/credentials", user=user, note=note)


def log_out(agent: UserAgent, url: str) -> None:
    submit(agent, url, "signout")


def here(
    agent: UserAgent, url: str, secrets: Sequence[str] = (NEWEST,), **options: Any
) -> dict[str, Any] | None:
    """Return the claims that Python reads from the visitor's cookies."""
    return read_session(agent.jar.header(url, now=agent.clock()), secrets, **options)


def session_names(agent: UserAgent) -> list[str]:
    names = sorted(cookie.name for cookie in agent.jar.cookies(agent.clock()))
    return [name for name in names if "session-token" in name]


def test_python_reads_a_login_until_the_log_out(
    node_with_authjs: str, agent: UserAgent, version: int
) -> None:
    with serve(node_with_authjs, version, [NEWEST]) as url:
        assert here(agent, url) is None
        log_in(agent, url)
        claims = here(agent, url, name=NAMES[version])
        told = json.loads(agent.get(f"{url}/session").body)
        again = here(agent, url)
        log_out(agent, url)
        after = here(agent, url)

    assert claims is not None
    assert ("7", "ada") == (claims["sub"], claims["name"])
    assert {"iat", "exp", "jti"} < {*claims}
    assert "ada" == told["user"]["name"]
    assert again is not None
    assert again["sub"] == "7"
    assert after is None
    assert [] == session_names(agent)


def test_over_https_the_cookie_has_another_name(
    node_with_authjs: str, agent: UserAgent, version: int
) -> None:
    with serve(node_with_authjs, version, [NEWEST], scheme="https") as url:
        log_in(agent, url)

    name = f"__Secure-{NAMES[version]}"
    assert [name] == session_names(agent)
    assert here(agent, url) == here(agent, url, name=name) != None  # noqa: E711
    assert here(agent, url, name=NAMES[version]) is None


def test_a_large_session_comes_in_chunks(
    node_with_authjs: str, agent: UserAgent, version: int
) -> None:
    note = "tea " * 2000
    with serve(node_with_authjs, version, [NEWEST]) as url:
        log_in(agent, url, note=note)
        names = session_names(agent)
        large = here(agent, url)
        log_in(agent, url, note="tea")
        small = here(agent, url)
        left = session_names(agent)
        log_in(agent, url, note=note)
        log_out(agent, url)

    assert [f"{NAMES[version]}.{number}" for number in range(len(names))] == names
    assert len(names) > 2
    assert large is not None
    assert note == large["note"]
    assert small is not None
    assert "tea" == small["note"]
    assert [NAMES[version]] == left
    assert [] == session_names(agent)


def test_after_a_rotation_logins_of_both_secrets_are_read(
    node_with_authjs: str, agent: UserAgent, version: int
) -> None:
    both, other = [NEWEST, OLDER], UserAgent()
    with serve(node_with_authjs, version, [OLDER]) as url:
        log_in(agent, url)
        before = here(agent, url, both)
        assert here(agent, url) is None
    with serve(node_with_authjs, version, both) as url:
        log_in(other, url, user="bob")
        after = here(other, url, both)
        # Auth.js 5 reads and encrypts again; NextAuth 4 has one secret, and forgets the visitor.
        agent.get(f"{url}/session")
        again = here(agent, url)

    assert before is not None
    assert after is not None
    assert ("ada", "bob") == (before["name"], after["name"])
    assert after == here(other, url, [NEWEST])
    assert (version == 5) == (again is not None)


def test_an_altered_token_is_no_login(
    node_with_authjs: str, agent: UserAgent, version: int
) -> None:
    with serve(node_with_authjs, version, [NEWEST]) as url:
        log_in(agent, url)

    value = agent.jar.value(NAMES[version])
    agent.jar.tamper(
        NAMES[version], f"{value[:-30]}{'A' if value[-30] != 'A' else 'B'}{value[-29:]}"
    )
    assert here(agent, url) is None


def test_tokens_with_wrong_parts_are_read_nowhere_or_on_both_sides(node_with_authjs: str) -> None:
    counts, wrong = run(node_with_authjs, CASES, SEED)

    assert [] == wrong, f"SEED={SEED}"
    assert min(counts[f"{version}: both read it"] for version in NAMES) > CASES / 50


@pytest.mark.parametrize("note", ["tea", "tea " * 2000])
def test_a_login_is_migrated_to_a_session_of_ours(
    node_with_authjs: str, agent: UserAgent, version: int, note: str
) -> None:
    sessions = CookieSession(keys=KEYS, legacy=[AuthJSReader([NEWEST])], max_cookie_size=None)
    with serve(node_with_authjs, version, [NEWEST]) as url:
        log_in(agent, url, note=note)

    session = sessions.open(agent.jar.header(url, now=agent.clock()))
    assert ("7", note) == (session["sub"], session["note"])
    lines = session.commit()
    for line in lines:
        agent.jar.store(line, url, now=agent.clock())

    assert here(agent, url) is None
    assert [] == session_names(agent)
    decoded = sessions.decode(lines)
    assert decoded is not None
    assert "7" == decoded["sub"]

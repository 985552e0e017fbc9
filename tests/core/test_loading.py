"""The first touch: it reads the cookies once, and survives a check that fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    Outcome,
    Session,
    Written,
    commit_headers,
)
from tests.support.cookies import header
from tests.support.keys import KEYS


class NotReachableError(Exception):
    """An error of the application's own check."""


def failing(_: Mapping[str, Any]) -> bool:
    raise NotReachableError


def test_an_error_of_validate_is_raised_once_and_the_session_is_refused() -> None:
    session = CookieSession(keys=KEYS, validate=failing).open(header({"user": 7}))

    with pytest.raises(NotReachableError):
        session.get("user")

    assert {} == dict(session)
    assert Outcome.REFUSED is session.outcome
    assert session.is_new


def test_a_response_after_an_error_of_validate_varies_on_the_cookie() -> None:
    session = CookieSession(keys=KEYS, validate=failing).open(header({"user": 7}))
    with pytest.raises(NotReachableError):
        session.get("user")

    assert session.accessed
    assert [("Vary", "Cookie")] == commit_headers(session, [])
    assert Written.NOTHING is session.written


def test_contents_that_were_replaced_before_stay_after_an_error_of_validate() -> None:
    session = CookieSession(keys=KEYS, validate=failing).open(header({"user": 7}))
    session.replace({"user": 8})

    with pytest.raises(NotReachableError):
        assert session.outcome

    assert {"user": 8} == dict(session)


def test_validate_that_uses_its_own_session_is_an_error_that_says_so() -> None:
    opened: list[Session] = []
    sessions = CookieSession(keys=KEYS, validate=lambda _: "user" in opened[0])
    opened.append(sessions.open(header({"user": 7})))

    with pytest.raises(ConfigurationError, match=r"^validate must not use the session that it che"):
        opened[0].get("user")

    assert Outcome.REFUSED is opened[0].outcome

"""Attributes of the cookie that one request sets."""

from __future__ import annotations

import pytest

from cookiesession_core import ConfigurationError, CookieSession
from tests.support.keys import KEYS
from tests.support.kinds import Kind


def test_options_are_the_requests_own(kind: Kind) -> None:
    sessions = kind.sessions()
    first, second = sessions.open(), sessions.open()

    first.options.path = "/app"
    first["a"] = second["a"] = 1

    assert kind.saves(first.commit(), {"a": 1}, "; path=/app; httponly")
    assert kind.saves(second.commit(), {"a": 1})


def test_a_session_ends_with_the_requests_own_attributes(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    session.options.path = "/app"
    session.destroy()

    assert kind.expires(session.commit(), "; path=/app; httponly")


def test_changing_options_alone_sends_nothing(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session.get("user")

    session.options.max_age = 60

    assert [] == session.commit()


def test_a_request_can_keep_the_earlier_cookies_of_our_name(kind: Kind) -> None:
    session = kind.sessions().open()
    session["a"] = 1

    session.options.overwrite = False

    assert "session=old" == session.commit(["session=old"])[0]


def test_max_age_is_counted_in_seconds_of_the_configured_clock(kind: Kind) -> None:
    session = kind.sessions(clock=lambda: 1705321845.678).open()
    session["a"] = 1

    session.options.max_age = 1
    session.options.max_age = 60

    assert "expires=Mon, 15 Jan 2024 12:31:45 GMT" in session.commit()[0]


def test_attributes_that_all_requests_share_cannot_be_changed(sessions: CookieSession) -> None:
    session = sessions.open()

    with pytest.raises(ConfigurationError, match="secure cannot be changed for all requests"):
        sessions.options.secure = True
    session.options.secure = True

    assert sessions.options.secure is None
    assert session.options.secure is True


def test_a_request_cannot_turn_its_cookie_into_one_that_browsers_refuse() -> None:
    sessions = CookieSession(keys=KEYS, name="__Host-s", secure=True)
    options = sessions.open(https=True).options

    with pytest.raises(ConfigurationError, match="no domain"):
        options.domain = "example.com"
    with pytest.raises(ConfigurationError, match="secure=True"):
        options.secure = False
    assert sessions.options == options


def test_a_request_over_https_may_send_a_cookie_that_needs_it(sessions: CookieSession) -> None:
    sessions.open(https=True).options.same_site = "none"
    with pytest.raises(ConfigurationError, match="same_site='none' needs secure=True"):
        sessions.open(https=False).options.same_site = "none"

from __future__ import annotations

from typing import Any

import pytest

from cookiesession_core import (
    SESSION_KEY,
    ConfigurationError,
    CookieSession,
    find_session,
    session_key,
)
from tests.support.keys import KEYS

inner, outer = CookieSession(keys=KEYS).open(), CookieSession(keys=KEYS, name="outer").open()
REQUEST: dict[str, Any] = {
    SESSION_KEY: inner,
    session_key("session"): inner,
    session_key("outer"): outer,
}


def test_a_request_holds_each_session_under_its_name_and_the_innermost_under_no_name() -> None:
    assert inner is find_session(REQUEST, None, remedy="wrap it")
    assert inner is find_session(REQUEST, "session", remedy="wrap it")
    assert outer is find_session(REQUEST, "outer", remedy="wrap it")


@pytest.mark.parametrize("request_data", [{}, {SESSION_KEY: {"user": 7}}])
def test_a_request_without_a_session_is_an_error_that_names_the_remedy(
    request_data: dict[str, Any],
) -> None:
    with pytest.raises(ConfigurationError, match="no session here: wrap it"):
        find_session(request_data, None, remedy="wrap it")


def test_a_request_without_a_session_of_a_name_is_an_error_that_names_the_cookie() -> None:
    with pytest.raises(ConfigurationError, match="for the cookie 'other': wrap it"):
        find_session(REQUEST, "other", remedy="wrap it")

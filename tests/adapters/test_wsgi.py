from __future__ import annotations

from typing import Any

import pytest

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import ConfigurationError, CookieSession
from tests.keys import KEYS


def no_application(_environ: Any, _start_response: Any) -> list[bytes]:
    return []


def test_it_takes_options_or_a_ready_made_configuration() -> None:
    sessions = CookieSession(keys=KEYS)

    assert sessions is CookieSessionMiddleware(no_application, sessions).sessions
    assert "my" == CookieSessionMiddleware(no_application, keys=KEYS, name="my").sessions.name


@pytest.mark.parametrize(
    ("sessions", "options", "said"),
    [
        (None, {}, "is required"),
        (CookieSession(keys=KEYS), {"name": "my"}, "options beside a ready-made .*: name"),
        (KEYS, {}, "expected a CookieSession or options, got list"),
    ],
)
def test_wrong_arguments_fail_at_construction(
    sessions: Any, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        CookieSessionMiddleware(no_application, sessions, **options)


def test_without_the_middleware_there_is_no_session() -> None:
    with pytest.raises(ConfigurationError, match="wrap the application in CookieSessionMiddleware"):
        get_session({})
    with pytest.raises(ConfigurationError, match="for the cookie 'my'"):
        get_session({"cookiesession.session": CookieSession(keys=KEYS).open()}, "my")

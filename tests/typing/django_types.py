from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict, assert_type

from cookiesession_adapters.django import SessionMiddleware, SessionStore
from cookiesession_core import CookieSessionOptions, Outcome, Session

COOKIESESSION: CookieSessionOptions = {"keys": ["newest"], "idle_timeout": 3600}


class Login(TypedDict, total=False):
    """The contents of a session."""

    user: int


def what_django_makes(get_response: Any) -> None:
    SessionMiddleware(get_response)
    SessionStore()
    SessionStore("a text of session_key")
    SessionStore(session_key=None)

    SessionStore(7)  # type: ignore[arg-type]


def what_a_view_has(session: SessionStore) -> None:
    assert_type(session.core, Session)
    assert_type(session.outcome, Outcome)
    login = session.typed(Login)
    assert_type(login, Login)
    login["user"] = 7

    login["user"] = "seven"  # type: ignore[typeddict-item]
    login["usr"] = 7  # type: ignore[typeddict-unknown-key]

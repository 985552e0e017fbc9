from __future__ import annotations

from tornado import web
from typing_extensions import TypedDict, assert_type

from cookiesession_adapters.tornado import get_session, setup
from cookiesession_core import CookieSession, Session


class Handler(web.RequestHandler):
    def get(self) -> None:
        assert_type(get_session(self), Session)
        assert_type(get_session(self, "other"), Session)
        get_session(self.request)  # type: ignore[call-overload]


class Login(TypedDict, total=False):
    """The contents of a session."""

    user: int
    cart: list[str]


def a_session_can_be_typed(handler: web.RequestHandler) -> Login:
    login = get_session(handler, of=Login)
    assert_type(login, Login)
    assert_type(get_session(handler, "other", of=Login), Login)
    assert_type(login.get("user"), int | None)
    login["user"] = 7
    login.setdefault("cart", []).append("tea")

    login["user"] = "seven"  # type: ignore[typeddict-item]
    login["usr"] = 7  # type: ignore[typeddict-unknown-key]
    login.setdefault("cart", []).append(7)  # type: ignore[arg-type]
    other: Login = get_session(handler)  # type: ignore[assignment]
    get_session(handler, Login)  # type: ignore[call-overload]
    get_session(handler, of=login)  # type: ignore[call-overload]
    get_session(handler, of="Login")  # type: ignore[call-overload]
    return other


def what_sets_an_application_up(application: web.Application, sessions: CookieSession) -> None:
    setup(application, sessions)
    setup(application, keys=["newest"], max_age=3600, same_site="lax")

    setup(application, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    setup(application, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    setup(application, ["newest"])  # type: ignore[arg-type]
    setup(Handler, keys=["newest"])  # type: ignore[arg-type]

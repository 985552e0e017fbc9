from __future__ import annotations

from aiohttp import web
from typing_extensions import TypedDict, assert_type

from cookiesession_adapters.aiohttp import get_session, setup
from cookiesession_core import CookieSession, Session


async def handler(request: web.Request) -> web.Response:
    assert_type(get_session(request), Session)
    assert_type(get_session(request, "other"), Session)
    return web.Response()


class Login(TypedDict, total=False):
    """The contents of a session."""

    user: int
    cart: list[str]


def a_session_can_be_typed(request: web.Request) -> Login:
    login = get_session(request, of=Login)
    assert_type(login, Login)
    assert_type(get_session(request, "other", of=Login), Login)
    assert_type(login.get("user"), int | None)
    login["user"] = 7
    login.setdefault("cart", []).append("tea")

    login["user"] = "seven"  # type: ignore[typeddict-item]
    login["usr"] = 7  # type: ignore[typeddict-unknown-key]
    login.setdefault("cart", []).append(7)  # type: ignore[arg-type]
    other: Login = get_session(request)  # type: ignore[assignment]
    get_session(request, Login)  # type: ignore[call-overload]
    get_session(request, of=login)  # type: ignore[call-overload]
    get_session(request, of="Login")  # type: ignore[call-overload]
    return other


def what_sets_an_application_up(app: web.Application, sessions: CookieSession) -> None:
    setup(app, sessions)
    setup(app, keys=["newest"], max_age=3600, same_site="lax")

    setup(app, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    setup(app, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    setup(app, ["newest"])  # type: ignore[arg-type]
    setup(handler, keys=["newest"])  # type: ignore[arg-type]
    get_session(app)  # type: ignore[call-overload]

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from typing_extensions import TypedDict, assert_type

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, Session

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Request:
    """The request of a framework."""

    scope: Scope


def view(request: Request) -> None:
    assert_type(get_session(request), Session)
    assert_type(get_session(request, "other"), Session)

    get_session(None)  # type: ignore[call-overload]
    get_session("request")  # type: ignore[call-overload]


class Login(TypedDict, total=False):
    """The contents of a session."""

    user: int
    cart: list[str]


def a_session_can_be_typed(request: Request) -> Login:
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


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    assert_type(get_session(scope), Session)
    assert_type(get_session(scope, "other"), Session)
    await send(await receive())


def what_wraps_an_application(sessions: CookieSession) -> Application:
    CookieSessionMiddleware(app, sessions)
    inner = CookieSessionMiddleware(app, keys=["newest"], max_age=3600, same_site="lax")
    assert_type(inner.sessions, CookieSession)

    CookieSessionMiddleware(app, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    CookieSessionMiddleware(app, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    CookieSessionMiddleware(app, ["newest"])  # type: ignore[arg-type]
    CookieSessionMiddleware(app, sessions, scope_key=None)
    CookieSessionMiddleware(app, sessions, scope_key=b"session")  # type: ignore[arg-type]
    return CookieSessionMiddleware(inner, keys=["newest"], name="other")

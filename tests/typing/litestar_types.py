from __future__ import annotations

from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.middleware import DefineMiddleware
from litestar.security.session_auth import SessionAuth
from litestar.testing import TestClient
from typing_extensions import assert_type

from cookiesession_adapters.litestar import CookieSessionBackend, CookieSessionConfig
from cookiesession_core import CookieSession


async def retrieve(
    session: dict[str, Any], _: ASGIConnection[Any, Any, Any, Any]
) -> dict[str, Any] | None:
    return session or None


def what_makes_an_application(sessions: CookieSession) -> Litestar:
    config = CookieSessionConfig(sessions, exclude=["^/static"])
    assert_type(config.sessions, CookieSession)
    assert_type(config.middleware, DefineMiddleware)
    CookieSessionConfig(keys=["newest"], max_age=3600, same_site="lax")

    CookieSessionConfig(keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    CookieSessionConfig(keys=["newest"], secure="yes")  # type: ignore[arg-type]
    CookieSessionConfig(["newest"])  # type: ignore[arg-type]
    auth = SessionAuth[dict[str, Any], CookieSessionBackend](
        retrieve_user_handler=retrieve, session_backend_config=config
    )
    app = Litestar(on_app_init=[auth.on_app_init], middleware=[config.middleware])
    with TestClient(app, session_config=config) as client:
        client.set_session_data({"user": 7})
    return app

from __future__ import annotations

import aiohttp_session
from aiohttp import web
from typing_extensions import assert_type

from cookiesession_adapters.aiohttp_session import AiohttpSession, setup
from cookiesession_core import CookieSession, Session


def what_sets_an_application_up(app: web.Application, sessions: CookieSession) -> None:
    setup(app, sessions)
    setup(app, keys=["newest"], max_age=3600, same_site="lax")

    setup(app, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    setup(app, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    setup(app, ["newest"])  # type: ignore[arg-type]
    setup(sessions, keys=["newest"])  # type: ignore[arg-type]


async def handler(request: web.Request) -> None:
    session = await aiohttp_session.get_session(request)
    assert isinstance(session, AiohttpSession)
    assert_type(session.core, Session)
    assert_type(session.created, int)
    assert_type(session.max_age, int | None)
    session.max_age = 60
    session.replace({"user": 7})

    session.created = 7  # type: ignore[misc]

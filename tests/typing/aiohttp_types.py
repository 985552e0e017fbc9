from __future__ import annotations

from aiohttp import web
from typing_extensions import assert_type

from cookiesession_adapters.aiohttp import get_session, setup
from cookiesession_core import CookieSession, Session


async def handler(request: web.Request) -> web.Response:
    assert_type(get_session(request), Session)
    assert_type(get_session(request, "other"), Session)
    return web.Response()


def what_sets_an_application_up(app: web.Application, sessions: CookieSession) -> None:
    setup(app, sessions)
    setup(app, keys=["newest"], max_age=3600, same_site="lax")

    setup(app, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    setup(app, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    setup(app, ["newest"])  # type: ignore[arg-type]
    setup(handler, keys=["newest"])  # type: ignore[arg-type]
    get_session(app)  # type: ignore[arg-type]

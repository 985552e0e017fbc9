from __future__ import annotations

from tornado import web
from typing_extensions import assert_type

from cookiesession_adapters.tornado import get_session, setup
from cookiesession_core import CookieSession, Session


class Handler(web.RequestHandler):
    def get(self) -> None:
        assert_type(get_session(self), Session)
        assert_type(get_session(self, "other"), Session)
        get_session(self.request)  # type: ignore[arg-type]


def what_sets_an_application_up(application: web.Application, sessions: CookieSession) -> None:
    setup(application, sessions)
    setup(application, keys=["newest"], max_age=3600, same_site="lax")

    setup(application, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    setup(application, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    setup(application, ["newest"])  # type: ignore[arg-type]
    setup(Handler, keys=["newest"])  # type: ignore[arg-type]

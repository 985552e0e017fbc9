from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from cookiesession_adapters.pyramid import PyramidSession, setup, tween_factory
from cookiesession_core import CookieSession, Session


def what_sets_an_application_up(config: Any, sessions: CookieSession) -> None:
    setup(config, sessions)
    setup(config, keys=["newest"], max_age=3600, same_site="lax")

    setup(config, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    setup(config, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    setup(config, ["newest"])  # type: ignore[arg-type]
    tween_factory(config)  # type: ignore[call-arg]


def what_views_use(session: PyramidSession) -> None:
    session["user"] = 7
    session.flash("saved", queue="notes", allow_duplicate=False)
    assert_type(session.core, Session)
    assert_type(session.created, int)
    assert_type(session.new, bool)
    assert_type(session.get_csrf_token(), str)
    session.changed()
    session.invalidate()

    session.flash()  # type: ignore[call-arg]
    session.new = True  # type: ignore[misc]

from __future__ import annotations

from flask import Flask
from typing_extensions import assert_type

from cookiesession_adapters.flask import CookieSessionInterface, setup
from cookiesession_core import CookieSession


def what_sets_an_application_up(app: Flask, sessions: CookieSession) -> None:
    setup(app, sessions)
    setup(app, keys=["newest"], max_age=3600, same_site="lax")
    app.session_interface = CookieSessionInterface(sessions)
    assert_type(CookieSessionInterface(sessions).sessions, CookieSession)

    setup(app, keys=["newest"], maxAge=3600)  # type: ignore[call-arg]
    setup(app, keys=["newest"], secure="yes")  # type: ignore[arg-type]
    setup(app, ["newest"])  # type: ignore[arg-type]
    setup(None, keys=["newest"])  # type: ignore[arg-type]

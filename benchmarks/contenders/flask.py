"""Flask's ``SecureCookieSessionInterface``: by itself, and within an application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import flask
from flask.sessions import SecureCookieSessionInterface, SessionInterface

from benchmarks import drivers
from benchmarks.contender import (
    FUNCTIONS,
    LOAD,
    READ,
    ROUND_TRIP,
    SAVE,
    UNTOUCHED,
    Contender,
    Operation,
)
from benchmarks.payloads import KEY, Payload, as_request


class NoSession(SessionInterface):
    """What an application has whose sessions cost nothing."""

    session: Any = {}  # noqa: RUF012 - nobody writes to it

    def open_session(self, app: Any, request: Any) -> Any:
        """Return the same object for every request."""
        del app, request
        return self.session

    def save_session(self, app: Any, session: Any, response: Any) -> None:
        """Do nothing."""


def _application(view: Callable[[], str], interface: SessionInterface) -> flask.Flask:
    app = flask.Flask("benchmark")
    app.secret_key = KEY
    app.session_interface = interface
    app.add_url_rule("/", view_func=view)
    return app


def _bare() -> str:
    return "ok"


def _read() -> str:
    drivers.SEEN["views"] = flask.session["views"]
    return "ok"


def _bump() -> str:
    flask.session["views"] = flask.session.get("views", 0) + 1
    return "ok"


INTERFACE = SecureCookieSessionInterface()
PLAIN = _application(_bare, NoSession())
VIEWS = ((ROUND_TRIP, _bump), (UNTOUCHED, _bare), (READ, _read))


def _open(header: str) -> Any:
    session = INTERFACE.open_session(PLAIN, flask.Request(drivers.environ_of(header)))
    if session is None:
        message = "Flask has no key"
        raise RuntimeError(message)
    return session


def _save(session: Any) -> list[str]:
    response = flask.Response()
    INTERFACE.save_session(PLAIN, session, response)
    return response.headers.getlist("Set-Cookie")


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the interface and an application are measured by."""
    contents = payload.contents

    def save() -> list[str]:
        session = INTERFACE.session_class()
        session.update(contents)
        return _save(session)

    def load(header: str) -> Any:
        return dict(_open(header))

    def round_trip() -> list[str]:
        session = _open(cookie)
        session["views"] = session.get("views", 0) + 1
        return _save(session)

    def saved(set_cookies: list[str]) -> Any:
        return load(as_request(set_cookies))

    cookie = as_request(save())
    yield Operation(FUNCTIONS, LOAD, lambda: _open(cookie), dict)
    yield Operation(FUNCTIONS, SAVE, save, saved)
    yield Operation(FUNCTIONS, ROUND_TRIP, round_trip, saved)
    for name, view in VIEWS:
        app = _application(view, INTERFACE)
        yield drivers.wsgi_operation(name, app, cookie, load, bare=PLAIN)


CONTENDER = Contender(
    name="flask",
    title="Flask SecureCookieSessionInterface",
    differs="signs a timestamp and checks the age (HMAC-SHA1); JSON with tags for more types; "
    "compresses where that helps; as functions, it needs a Request and a Response to be built",
    operations=operations,
    packages=("Flask", "Werkzeug", "itsdangerous"),
)

"""Flask's own session under waitress."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request, session
from flask import stream_with_context as keeping_the_context

from cookiesession_adapters.flask import setup as set_up
from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session, SessionView
from tests.conformance.script import HEADER, Script, UncaughtError, perform

from .targets import Feature, Setup, Target
from .wsgi import between, serving

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def find(name: str | None) -> Session | SessionView:
    """Return what Flask has, or the session of another name that is beside it."""
    own: Any = session
    view: SessionView = own._get_current_object()
    if name is None or get_session(request.environ, name) is view.core:
        return view
    return get_session(request.environ, name)


def view() -> Response:
    """Perform the request's script."""
    script = Script.load(request.headers[HEADER])
    body: Any = script.perform(find)
    if script.reply.chunks:
        body = keeping_the_context(script.stream(find))
    response = Response(body, script.reply.status, list(script.reply.headers))
    for name in script.reply.deletes:
        response.delete_cookie(name)
    return response


def sorry(error: Exception) -> tuple[str, int]:
    """Make the error page, but for the exceptions that leave the application."""
    original = getattr(error, "original_exception", error)
    if isinstance(original, UncaughtError):
        raise original
    perform(Script.load(request.headers[HEADER]).reply.sorry, find)
    return "sorry", 500


def serve(setup: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    *outer, sessions = setup.all()
    app = Flask(__name__)
    app.add_url_rule("/", "view", view, methods=["GET", "HEAD", "POST"])
    app.register_error_handler(Exception, sorry)
    set_up(app, sessions)
    wrapped: WSGIApplication = app
    for sessions in outer:
        wrapped = CookieSessionMiddleware(between(wrapped), sessions)
    return serving(wrapped)


LIMITS = {
    *(Feature.WEBSOCKET, Feature.REFUSAL, Feature.CANCELLATION, Feature.SILENCE),
    Feature.KEPT_EMPTY,
}
TARGET = Target("Flask", frozenset(Feature) - LIMITS, serve)

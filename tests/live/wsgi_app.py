"""The session routes of ``express/server.js`` as a pure WSGI application.

It takes the options of Node's ``cookie-session`` as JSON from ``SESSION_OPTIONS``, so that one
configuration starts both servers. With a ``password`` among them, the sessions are those of
iron-session, as in ``iron_session/routes.mjs``. If ``SESSION_CLOCK`` names a file, it holds the
seconds by which the clock is ahead. If ``SESSION_SEEN`` is a number of seconds, each session
notes its use so often.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, Keygrip, Session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NAMES = {"httpOnly": "http_only", "maxAge": "max_age", "sameSite": "same_site"}
"""Node's names of options, and ours, if they differ."""


def sessions_from(node_options: dict[str, Any]) -> CookieSession:
    """Return the configuration with the same meaning as Node's options."""
    options = {NAMES.get(name, name): value for name, value in node_options.items()}
    if "max_age" in options:
        options["max_age"] /= 1000
    if "SESSION_CLOCK" in os.environ:
        options["clock"] = now
    algorithm, encoding = options.pop("algorithm", None), options.pop("encoding", None)
    if algorithm or encoding:
        options["keys"] = Keygrip(options["keys"], algorithm, encoding)
    if "password" in options:
        passwords = options.pop("password")
        options["format"] = IronSession({int(each): text for each, text in passwords.items()})
    return CookieSession(**options)


def now() -> float:
    """Return the time of the clock that the test moves."""
    return time.time() + float(Path(os.environ["SESSION_CLOCK"]).read_text("ascii"))


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Serve the routes."""
    route = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    answer = respond(route, body, get_session(environ))
    status = "404 Not Found" if answer is None else "200 OK"
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


def respond(route: str, body: bytes, session: Session) -> dict[str, Any] | None:
    """Perform ``route`` and return the answer; ``None`` for an unknown one."""
    if "SESSION_SEEN" in os.environ and session:
        session["seen"] = int(now() // float(os.environ["SESSION_SEEN"]))
    if route == "GET /count":
        session["views"] = session.get("views", 0) + 1
    elif route == "GET /read":
        return {"session": dict(session), "isNew": session.is_new}
    elif route == "POST /set":
        session.update(json.loads(body))
    elif route == "POST /replace":
        session.replace(json.loads(body))
    elif route == "POST /destroy":
        session.destroy()
        return {"session": None}
    elif route == "GET /untouched":
        return {}
    else:
        return None
    return {"session": dict(session)}


application = CookieSessionMiddleware(app, sessions_from(json.loads(os.environ["SESSION_OPTIONS"])))

"""The view counter of Node's cookie-session, as a site that shows what happens.

    python app.py --port 8000

This is an ordinary Flask application. It is wrapped in the WSGI middleware, and waitress serves it.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from base64 import b64decode
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from waitress.server import create_server
from werkzeug.wrappers import Response

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import (
    MAX_COOKIE_SIZE,
    CookieSession,
    CookieTooLargeError,
    Session,
    format_set_cookie,
)

app = Flask(__name__)
HOST = "127.0.0.1"


def session() -> Session:
    """Return the session of the current request."""
    return get_session(request.environ)


@app.get("/")
def index() -> str:
    """Count a view, and show the session and the cookies it came from."""
    visit = session()
    visit["views"] = visit.get("views", 0) + 1
    return page(visit)


@app.post("/login")
def login() -> Response:
    """Log in: only the counter of the anonymous session stays."""
    visit = session()
    user = request.form.get("user", "").strip()[:40] or "Ada"
    visit.replace({"views": visit.get("views", 0), "user": user})
    return redirect(url_for("index"), 303)


@app.post("/logout")
def logout() -> Response:
    """Log out: the browser drops its cookies."""
    session().destroy()
    return redirect(url_for("index"), 303)


@app.post("/oversize")
def oversize() -> str:
    """Put more into the session than a cookie can hold."""
    session()["essay"] = "All work and no play. " * 300
    return "Nobody sees this page: the commit fails just before the headers leave."


class ShowWhatFailed:
    """Wrap the session's middleware, and show the error that a commit raises."""

    def __init__(self, wrapped: CookieSessionMiddleware) -> None:
        self.wrapped = wrapped

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve one request."""
        try:
            return self.wrapped(environ, start_response)
        except CookieTooLargeError as error:
            with app.request_context(environ):
                text = render_template("error.html", error=error, kind=type(error).__name__)
            headers = [("Content-Type", "text/html; charset=utf-8")]
            start_response("500 Internal Server Error", headers, sys.exc_info())
            return [text.encode()]


def page(visit: Session) -> str:
    """Render the session as the server sees it, and the cookies as the browser sent them."""
    sessions: CookieSession = app.config["SESSIONS"]
    cookies = sessions.encode(visit)
    name = sessions.name
    set_cookie = format_set_cookie(name, cookies[name], visit.options, https=False, now=0)
    return render_template(
        "index.html",
        views=visit["views"],
        user=visit.get("user"),
        contents=json.dumps(visit.copy(), indent=2, ensure_ascii=False),
        facts={
            "is_new": visit.is_new,
            "outcome": visit.outcome.name,
            "key_index": visit.key_index,
        },
        received=request.headers.get("Cookie"),
        cookies=cookies,
        decoded=b64decode(cookies[name]).decode(),
        size=len(set_cookie),
        limit=MAX_COOKIE_SIZE,
    )


def main() -> None:
    """Serve the site until it is interrupted."""
    parser = argparse.ArgumentParser(description="A view counter on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    port = parser.parse_args().port
    sessions = CookieSession(keys=[secrets.token_urlsafe(32)], same_site="lax")
    app.config["SESSIONS"] = sessions
    site = ShowWhatFailed(CookieSessionMiddleware(app.wsgi_app, sessions))
    try:
        server = create_server(site, host=HOST, port=port)
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}). Try: make demo PORT={port + 1}")
    print(f"The view counter is on http://{HOST}:{port} (stop it with Ctrl+C).")
    print("Its key is random and only in this process: a restart ends all sessions.", flush=True)
    server.run()


if __name__ == "__main__":
    main()

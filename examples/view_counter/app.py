"""The view counter of Node's cookie-session, as a site that shows what happens.

    python app.py --port 8000

This is an ordinary Flask application. It is wrapped in the WSGI middleware, and waitress serves it.
Where Node is installed, ``express.js`` runs beside it on another port and has the same session.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from flask import Flask, redirect, render_template, request, url_for
from waitress.server import create_server
from werkzeug.exceptions import NotFound
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
HERE = Path(__file__).resolve().parent
MODULES = HERE.parents[1] / "tests" / "node" / "express" / "node_modules"
"""Where ``make demo`` installs Express and cookie-session."""
FORGED = b'{"views":1000000,"user":"Mallory"}'


def session() -> Session:
    """Return the session of the current request."""
    return get_session(request.environ)


@app.get("/")
def index() -> str:
    """Count a view, and show the session and the cookies it came from."""
    visit = session()
    visit["views"] = visit.get("views", 0) + 1
    return page(visit)


@app.get("/look")
def look() -> str:
    """Show the same without counting."""
    return page(session())


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


@app.post("/rotate")
def rotate() -> Response:
    """Give both halves a new key."""
    site: Site = app.config["SITE"]
    site.rotate()
    return redirect(url_for("look"), 303)


@app.errorhandler(404)
def missing(_: NotFound) -> tuple[str, int]:
    """Show which paths there are."""
    return render_template("missing.html", path=request.path), 404


class Express:
    """The half that Node runs. It gets the keys through a pipe, where no other user sees them."""

    def __init__(self, node: str, port: int, python_port: int) -> None:
        self.port = port
        self._process = subprocess.Popen(  # noqa: S603 - a program of our own
            [node, HERE / "express.js", str(port), str(python_port)],
            env={**os.environ, "NODE_PATH": str(MODULES)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def use(self, keys: list[str]) -> bool:
        """Sign with these keys from now on, and return whether Express has taken them."""
        if self._process.stdin is None or self._process.stdout is None:
            return False
        try:
            print(json.dumps(keys), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            return False
        answer = self._process.stdout.readline()
        self.port = int(answer or 0)
        return bool(answer)


class Site:
    """The application in the session's middleware, with the Express half and keys to rotate."""

    express: Express | None
    sessions: CookieSession
    wrapped: CookieSessionMiddleware

    def __init__(self, express: Express | None) -> None:
        self.express = express
        self._keys = [secrets.token_urlsafe(32)]
        self._rotating = threading.Lock()
        self._use(self._keys)

    def rotate(self) -> None:
        """Take a new key as a fleet does: first all servers accept it, then all sign with it."""
        with self._rotating:
            new, old = secrets.token_urlsafe(32), self._keys[:2]
            self._use([*old, new])
            self._keys = [new, *old]
            self._use(self._keys)

    def _use(self, keys: list[str]) -> None:
        if self.express is not None and not self.express.use(keys):
            self.express = None
        self.sessions = CookieSession(keys=keys, same_site="lax")
        self.wrapped = CookieSessionMiddleware(app.wsgi_app, self.sessions)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve one request, and show the error that a commit raises."""
        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == ("POST", "/tamper"):
            return self.tampered()(environ, start_response)
        try:
            return self.wrapped(environ, start_response)
        except CookieTooLargeError as error:
            with app.request_context(environ):
                text = render_template("error.html", error=error, kind=type(error).__name__)
            headers = [("Content-Type", "text/html; charset=utf-8")]
            start_response("500 Internal Server Error", headers, sys.exc_info())
            return [text.encode()]

    def tampered(self) -> Response:
        """Do what a visitor without a key can do: change the value, and keep its signature."""
        response = redirect("/look", 303)
        value = f"{self.sessions.name}={b64encode(FORGED).decode()}"
        response.headers.add("Set-Cookie", f"{value}; path=/; samesite=lax; httponly")
        return response


def page(visit: Session) -> str:
    """Render the session as the server sees it, and the cookies as the browser sent them."""
    site: Site = app.config["SITE"]
    name = site.sessions.name
    cookies = site.sessions.encode(visit) if visit else {}
    value = cookies.get(name, "")
    set_cookie = format_set_cookie(name, value, visit.options, https=False, now=0)
    host, _, _ = request.host.partition(":")
    return render_template(
        "index.html",
        views=visit.get("views", 0),
        user=visit.get("user"),
        contents=json.dumps(visit.copy(), indent=2, ensure_ascii=False),
        facts={
            "is_new": visit.is_new,
            "outcome": visit.outcome.name,
            "key_index": visit.key_index,
        },
        received=request.headers.get("Cookie"),
        cookies=cookies,
        decoded=b64decode(value).decode(),
        size=len(set_cookie),
        limit=MAX_COOKIE_SIZE,
        port=request.environ["SERVER_PORT"],
        express=f"http://{host}:{site.express.port}/" if site.express else None,
    )


def start_express(port: int, python_port: int) -> Express | None:
    """Start the Express half if Node and its packages are installed."""
    node = shutil.which("node")
    if node is None or not (MODULES / "cookie-session").is_dir():
        return None
    return Express(node, port, python_port)


def main() -> None:
    """Serve the site until it is interrupted."""
    parser = argparse.ArgumentParser(description="A view counter on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=8000, help="default: %(default)s")
    parser.add_argument("--express-port", type=int, help="default: the port after --port")
    given = parser.parse_args()
    port = given.port
    express_port = port + 1 if given.express_port is None else given.express_port

    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        return app.config["SITE"](environ, start_response)

    try:
        server = create_server(serve, host=HOST, port=port)
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}). Try: make demo PORT={port + 2}")
    site = app.config["SITE"] = Site(start_express(express_port, port))
    print(f"The view counter is on http://{HOST}:{port} (stop it with Ctrl+C).")
    if site.express is None:
        print("Its Express half is not running: it needs Node.js 18 or newer with npm.")
    else:
        print(f"Its Express half is on http://{HOST}:{site.express.port}.")
    print("Its key is random and only in this process: a restart ends all sessions.", flush=True)
    server.run()


if __name__ == "__main__":
    main()

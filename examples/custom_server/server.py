"""Sessions in your own server: the core, and the HTTP server of the standard library.

export COOKIESESSION_KEYS="$(cat keys.txt)"
python server.py 8000
"""

from __future__ import annotations

import logging
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cookiesession_core import (
    CookieSession,
    CookieSessionError,
    Session,
    commit_headers,
    end_request,
    parse_keys,
)

logger = logging.getLogger(__name__)
# Built once. It is immutable, and all threads share it.
sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")


class Handler(BaseHTTPRequestHandler):
    """Opens a session for each request, and commits it with the response's headers."""

    def do_GET(self) -> None:
        """Serve one request."""
        session = sessions.open(self.headers.get_all("Cookie"), https=False)
        try:
            self.answer(session)
        finally:
            end_request(session, "the request failed before any response")

    def answer(self, session: Session) -> None:
        """Send the response."""
        status, fields, body = visit(self.path, session)
        try:
            fields = commit_headers(session, fields)
        except CookieSessionError:
            logger.exception("the session could not be sent")
            status, fields, body = 500, commit_headers(session, []), "Sorry."
        content = body.encode()
        self.send_response(status)
        for name, value in (*fields, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def visit(path: str, session: Session) -> tuple[int, list[tuple[str, str]], str]:
    """Count visits; return status, header fields and body."""
    fields = [("Content-Type", "text/plain; charset=utf-8")]
    if path == "/forget":
        session.destroy()
        return 200, fields, "Forgotten."
    if path == "/hoard":
        session["hoard"] = "x" * 4000
        return 200, fields, "Hoarded."
    if path == "/theme":
        return 200, [*fields, ("Set-Cookie", "theme=dark; path=/")], "Dark."
    if path != "/":
        return 404, fields, "Nothing here."
    session["visits"] = session.get("visits", 0) + 1
    return 200, fields, f"{session['visits']} visits."


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler) as server:
        server.serve_forever()

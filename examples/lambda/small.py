"""Log in and out in AWS Lambda: called by an HTTP API (format 2.0) or a function URL.

The environment variable COOKIESESSION_KEYS of the function holds the keys: ``newest,older``.
"""

from __future__ import annotations

import os
from typing import Any

from cookiesession_core import CookieSession, Session, parse_keys

# Made once for each instance of the function, not for each request.
sessions = CookieSession(
    keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax", max_age=14 * 24 * 3600
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Serve one request."""
    # These two callers know only HTTPS.
    session = sessions.open(event.get("cookies"), https=True)
    status, body = visit(event, session)
    return {
        "statusCode": status,
        "headers": {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "private"},
        "body": body,
        "cookies": session.commit(),
    }


def visit(event: dict[str, Any], session: Session) -> tuple[int, str]:
    """Return status and body."""
    request = event["requestContext"]["http"]["method"], event["rawPath"]
    if request == ("POST", "/log-in"):
        session.replace({"user": "ada"})  # check a password here
        return 200, "Welcome."
    if request == ("POST", "/log-out"):
        session.destroy()
        return 200, "Goodbye."
    if "user" not in session:
        return 401, "Log in first."
    return 200, f"Hello {session['user']}."

"""Sessions in an edge worker: the core in Pyodide, with the classes of the Fetch standard.

The host calls ``on_fetch`` with a ``Request`` and with its settings. One of these settings is
``COOKIESESSION_KEYS``: ``newest,older``.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from js import URL, Headers, Response

from cookiesession_core import (
    CookieSession,
    CookieSessionError,
    Session,
    commit_headers,
    parse_keys,
)

logger = logging.getLogger(__name__)


@lru_cache
def sessions_with(keys: str) -> CookieSession:
    """Return the configuration. It is made once, at the first request, which brings the keys."""
    return CookieSession(keys=parse_keys(keys), same_site="lax")


async def on_fetch(request: Any, env: Any) -> Any:
    """Serve one request."""
    url = URL.new(request.url)
    # A missing header is JavaScript's null. It is false, but perhaps not None.
    session = sessions_with(env.COOKIESESSION_KEYS).open(
        request.headers.get("cookie") or None, https=url.protocol == "https:"
    )
    status, fields, body = visit(url.pathname, await request.text(), session)
    try:
        fields = commit_headers(session, fields)
    except CookieSessionError:
        logger.exception("the session could not be sent")
        status, fields, body = 500, [("Vary", "Cookie")], "Sorry, that could not be saved."
    headers = Headers.new()
    for name, value in fields:
        headers.append(name, value)  # not `set`, and not a mapping: there are several cookies
    return Response.new(body, status=status, headers=headers)


def visit(path: str, body: str, session: Session) -> tuple[int, list[tuple[str, str]], str]:
    """Count visits, keep a note, forget both; return status, header fields and body."""
    fields = [("Content-Type", "text/plain; charset=utf-8")]
    if path.endswith("/forget"):
        session.destroy()
        return 200, fields, "Forgotten."
    if path.endswith("/note"):
        session["note"] = body
        return 200, [*fields, ("Set-Cookie", "theme=dark; path=/")], "Noted."
    session["visits"] = session.get("visits", 0) + 1
    return 200, fields, f"{session['visits']} visits. {session.get('note', '')}"

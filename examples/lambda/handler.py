"""Sessions in AWS Lambda, with the core alone.

The function may be called by an HTTP API or a function URL (payload format 2.0), by a REST API
(format 1.0), or by an Application Load Balancer, with or without multi-value headers.

The environment variable COOKIESESSION_KEYS of the function holds the keys: ``newest,older``.
"""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Callable
from typing import Any

import attrs

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieSessionError,
    Session,
    commit_headers,
    parse_keys,
)

Event = dict[str, Any]
Fields = list[tuple[str, str]]

logger = logging.getLogger(__name__)
# Made once for each instance of the function, not for each request.
sessions = CookieSession(
    keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax", max_age=14 * 24 * 3600
)


def handler(event: Event, _context: object) -> Event:
    """Serve one request."""
    request = Request.of(event)
    session = sessions.open(request.cookies, https=request.https)
    status, fields, body = visit(request, session)
    try:
        return response(event, status, commit_headers(session, fields), body)
    except CookieSessionError:
        logger.exception("the session could not be sent")
        return response(event, 500, [("Vary", "Cookie")], "Sorry, that could not be saved.")


# --- the application -------------------------------------------------------------------------


def visit(request: Request, session: Session) -> tuple[int, Fields, str]:
    """Count visits, keep a note, forget both; return status, header fields and body."""
    fields = [("Content-Type", "text/plain; charset=utf-8")]
    if request.path.endswith("/forget"):
        session.destroy()
        return 200, [*fields, ("Set-Cookie", "theme=; path=/; max-age=0")], "Forgotten."
    if request.path.endswith("/note"):
        session["note"] = request.body
        return 200, [*fields, ("Set-Cookie", "theme=dark; path=/")], "Noted."
    if request.path.endswith("/status"):
        return 200, fields, "Up."
    session["visits"] = session.get("visits", 0) + 1
    return 200, fields, f"{session['visits']} visits. {session.get('note', '')}"


# --- the formats of the callers --------------------------------------------------------------


@attrs.frozen
class Request:
    """The parts of an event that the application and its session need, in any format."""

    path: str
    cookies: list[str]
    https: bool
    body: str

    @classmethod
    def of(cls, event: Event) -> Request:
        """Read an event of any format."""
        # The headers are in one of two places. Their names may have any letter case.
        named = event.get("multiValueHeaders") or event.get("headers") or {}
        headers = {
            name.lower(): value if isinstance(value, list) else [value]
            for name, value in named.items()
        }
        body = event.get("body") or ""
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body).decode(errors="replace")
        return cls(
            path=event.get("rawPath") or event["path"],
            # Format 2.0 splits the Cookie header.
            cookies=event.get("cookies") or headers.get("cookie", []),
            # TLS ends at the caller, and this header says what the caller saw.
            https=headers.get("x-forwarded-proto", [])[-1:] == ["https"],
            body=body,
        )


def response(event: Event, status: int, fields: Fields, body: str) -> Event:
    """Return a response in the format that the sender of ``event`` expects."""
    expressed = next(express for is_it, express in FORMATS if is_it(event))
    return {
        "statusCode": status,
        "body": body,
        "isBase64Encoded": False,
        **expressed(_grouped(fields)),
    }


def in_format_2(headers: dict[str, list[str]]) -> Event:
    """Put the cookies into a list of their own."""
    cookies = headers.pop("set-cookie", [])
    return {"cookies": cookies, "headers": _joined(headers)}


def in_lists(headers: dict[str, list[str]]) -> Event:
    """Give each header a list of values."""
    return {"multiValueHeaders": headers}


def in_single_values(headers: dict[str, list[str]]) -> Event:
    """Give each header one value; so there is room for one cookie.

    Raises:
        ConfigurationError: for more cookies. Half of a session must not be sent.
    """
    cookies = headers.get("set-cookie", [])
    if len(cookies) > 1:
        message = (
            f"the load balancer takes one Set-Cookie header, the response has {len(cookies)}: "
            "set lambda.multi_value_headers.enabled on its target group"
        )
        raise ConfigurationError(message)
    return {"headers": _joined(headers)}


FORMATS: list[tuple[Callable[[Event], bool], Callable[[dict[str, list[str]]], Event]]] = [
    (lambda event: event.get("version") == "2.0", in_format_2),
    (lambda event: "multiValueHeaders" in event, in_lists),
    (lambda _: True, in_single_values),
]
"""For each format: whether an event has it, and how its response holds the headers."""


def _grouped(fields: Fields) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in fields:
        grouped.setdefault(name.lower(), []).append(value)
    return grouped


def _joined(headers: dict[str, list[str]]) -> dict[str, str]:
    return {name: ", ".join(values) for name, values in headers.items()}

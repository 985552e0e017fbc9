"""Sessions in AWS Lambda, by the core alone and behind whatever calls the function.

That is an HTTP API or a function URL (payload format 2.0), a REST API (format 1.0), or an
Application Load Balancer, with or without multi-value headers.

    SESSION_KEYS=newest,older
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
)

Event = dict[str, Any]
Fields = list[tuple[str, str]]

logger = logging.getLogger(__name__)
# Once per instance of the function, not once per request.
sessions = CookieSession(
    keys=os.environ["SESSION_KEYS"].split(","), same_site="lax", max_age=14 * 24 * 3600
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
    """Count visits, keep a note, forget both: status, header fields and body."""
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


# --- what the caller sends and expects -------------------------------------------------------


@attrs.frozen
class Request:
    """What the application and its session need of an event, whoever sent it."""

    path: str
    cookies: list[str]
    https: bool
    body: str

    @classmethod
    def of(cls, event: Event) -> Request:
        """Read an event of any of the formats."""
        # A header is in one of two places; its name may be in any letter case.
        named = event.get("multiValueHeaders") or event.get("headers") or {}
        headers = {
            name.lower(): value if isinstance(value, list) else [value]
            for name, value in named.items()
        }
        body = event.get("body") or ""
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body).decode()
        return cls(
            path=event.get("rawPath") or event["path"],
            # Format 2.0 has taken the Cookie header apart.
            cookies=event.get("cookies") or headers.get("cookie", []),
            # TLS ends at the caller, which tells here what it saw.
            https=headers.get("x-forwarded-proto", [])[-1:] == ["https"],
            body=body,
        )


def response(event: Event, status: int, fields: Fields, body: str) -> Event:
    """Return a response in the form that the sender of ``event`` expects."""
    expressed = next(express for is_it, express in FORMATS if is_it(event))
    return {
        "statusCode": status,
        "body": body,
        "isBase64Encoded": False,
        **expressed(_grouped(fields)),
    }


def in_format_2(headers: dict[str, list[str]]) -> Event:
    """Cookies in a list of their own."""
    cookies = headers.pop("set-cookie", [])
    return {"cookies": cookies, "headers": _joined(headers)}


def in_lists(headers: dict[str, list[str]]) -> Event:
    """A list of values for each header."""
    return {"multiValueHeaders": headers}


def in_single_values(headers: dict[str, list[str]]) -> Event:
    """One value for each header, and so one cookie.

    Raises:
        ConfigurationError: for more cookies; half of a session must not be sent, nor lost.
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
"""How to tell an event's format, and how its response holds the headers."""


def _grouped(fields: Fields) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in fields:
        grouped.setdefault(name.lower(), []).append(value)
    return grouped


def _joined(headers: dict[str, list[str]]) -> dict[str, str]:
    return {name: ", ".join(values) for name, values in headers.items()}

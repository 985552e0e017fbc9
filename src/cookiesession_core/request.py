"""Where a request keeps its session, so that the application finds the session there.

Every framework has a mapping that lives as long as a request: WSGI's environ, ASGI's scope,
aiohttp's request. The innermost session is there under ``SESSION_KEY``, and every session under
a key with its cookie's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import ConfigurationError
from .session import Session

SESSION_KEY = "cookiesession.session"
"""The key of the innermost session."""


def session_key(name: str) -> str:
    """Return the key of the session whose cookie is called ``name``."""
    return f"{SESSION_KEY}:{name}"


def find_session(
    where: Mapping[str, Any], name: str | None, *, key: str = SESSION_KEY, remedy: str
) -> Session:
    """Return the session that an adapter has put into ``where``.

    Args:
        where: the request's mapping.
        name: the cookie name, where several sessions are stacked; ``None``: the innermost.
        key: the key of the innermost session.
        remedy: what to do when there is no session, for the error.

    Raises:
        ConfigurationError: when there is no such session.
    """
    session = where.get(key if name is None else session_key(name))
    if not isinstance(session, Session):
        which = "" if name is None else f" for the cookie {name!r}"
        message = f"no session here{which}: {remedy}"
        raise ConfigurationError(message)
    return session

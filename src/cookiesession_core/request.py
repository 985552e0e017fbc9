"""Where a request keeps its session, so that the application finds the session there.

Every framework has a mapping that lives as long as a request: WSGI's environ, ASGI's scope,
aiohttp's request. The innermost session is there under ``SESSION_KEY``, and every session under
a key with its cookie's name. For one name, a request has one session: layers of an application
that are configured alike share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import attrs

from .attributes import CookieOptions
from .cookie_session import CookieSession
from .errors import ConfigurationError
from .session import Session
from .settings import Settings

SESSION_KEY = "cookiesession.session"
"""The key of the innermost session."""
_SCOPE = "asgi.scope"


def session_key(name: str) -> str:
    """Return the key of the session whose cookie is called ``name``."""
    return f"{SESSION_KEY}:{name}"


def shared_session(where: Mapping[str, Any], sessions: CookieSession) -> Session | None:
    """Return the open session that an outer layer of the application has put into ``where``.

    The outer layer then commits it, and the inner layer only hands it on. ``None``: there is no
    such session, or its response has been sent. A bridge from ASGI to WSGI, such as a2wsgi, puts
    the scope into the environ; then the session of a layer under ASGI counts as well.

    Args:
        where: the request's mapping.
        sessions: the configuration of the inner layer.

    Raises:
        ConfigurationError: when the outer layer has other options for this cookie name.
    """
    key = session_key(sessions.name)
    if key not in where and _SCOPE in where:
        where = where[_SCOPE]
    session = where.get(key)
    if not isinstance(session, Session) or session._set_cookies is not None:
        return None
    if session._settings is not sessions._settings:
        options = _differing_options(session._settings, sessions._settings)
        if options:
            del where  # it holds the cookies
            message = (
                f"two layers of the application have sessions of the name {sessions.name!r} with "
                f"different {', '.join(options)}: give one of them another name, or both the same "
                "CookieSession"
            )
            raise ConfigurationError(message)
    return session


@lru_cache(maxsize=64)
def _differing_options(outer: Settings, inner: Settings) -> tuple[str, ...]:
    pairs = [("keys, codec or format", outer.format, inner.format)]
    left, right = outer.options, inner.options
    if (left.text(), left.overwrite) != (right.text(), right.overwrite):
        names = [field.name for field in attrs.fields(CookieOptions)]
        pairs += [(name, getattr(left, name), getattr(right, name)) for name in names]
    pairs += [(option, getattr(outer, name), getattr(inner, name)) for name, option in _OPTIONS]
    return tuple(dict.fromkeys(name for name, left, right in pairs if left != right))


_OPTIONS = (
    ("max_age_of", "max_age"),
    ("lifetime", "idle_timeout or absolute_timeout"),
    *((name, name) for name in ("assume_https", "validate", "legacy", "max_cookie_size")),
    *((name, name) for name in ("late_writes", "observe", "clock")),
)
"""The names of settings, and of the options that they come from."""


def find_session(
    where: object,
    name: str | None,
    *,
    remedy: str,
    expected: str = "the mapping of a request",
    at: Sequence[str] = (),
) -> Session:
    """Return the session that an adapter has put into ``where``.

    ``find_session(...).typed(Data)`` is the same session, typed as the ``TypedDict`` ``Data``.

    Args:
        where: the request's mapping, or the request of a framework that has it as an attribute.
        name: the cookie name, where several sessions are stacked; ``None``: the innermost.
        remedy: what to do when there is no session, for the error.
        expected: what ``where`` must be, for the error.
        at: the names of that attribute. The first one that a request has counts.

    Raises:
        ConfigurationError: when there is no such session.
        TypeError: when ``where`` neither is nor has a mapping.
    """
    mapping = where
    if not isinstance(where, dict):
        for attribute in reversed(at):
            mapping = getattr(where, attribute, None) or mapping
    if not isinstance(mapping, Mapping):
        message = f"expected {expected}, got {type(where).__name__}"
        del where, mapping  # they may hold the cookies
        raise TypeError(message)
    key = SESSION_KEY if name is None else session_key(name)
    session = cast("Mapping[str, Any]", mapping).get(key)
    if not isinstance(session, Session):
        others = {each._settings.name for each in mapping.values() if isinstance(each, Session)}
        del where, mapping  # they hold the cookies
        which = "" if name is None else f" for the cookie {name!r}"
        if others:
            remedy = f"the request has one for {', '.join(map(repr, sorted(others)))}"
        message = f"no session here{which}: {remedy}"
        raise ConfigurationError(message)
    return session

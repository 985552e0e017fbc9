"""Every line that the library logs, through ``logging.getLogger("cookiesession")``.

An ERROR is a write that is lost. A WARNING is a cookie that is not sent for another reason, or a
legacy session that is not migrated. An INFO says why a session was not loaded. No line shows
contents, keys or cookies.
"""

from __future__ import annotations

import logging

from .errors import CookieSessionError
from .state import Outcome

_logger: logging.Logger = logging.getLogger("cookiesession")


def not_loaded(name: str, outcome: Outcome, reason: str) -> None:
    """Log why a request has a new session although it has a cookie."""
    more = f": {reason}" if reason else ""
    _logger.info("the session cookie %r was not loaded: %s%s", name, outcome.name, more)


def not_saved(name: str, error: Exception) -> None:
    """Log a write that raises. The error page of some frameworks does not show the error."""
    _logger.error(
        "the session cookie %r was not sent: %s",
        name,
        _text(error, "from the codec, the signer or validate"),
    )


def not_answered(name: str, reason: str) -> None:
    """Log a write that no response carries."""
    _logger.error("the session cookie %r was not sent: %s", name, reason)


def not_secure(name: str) -> None:
    """Log a cookie that a plain connection cannot carry, and the remedy."""
    _logger.warning(
        "the session cookie %r was not sent: secure=True over plain HTTP. If TLS ends at "
        "a proxy, let the server trust its X-Forwarded-Proto, or set assume_https=True.",
        name,
    )


def not_renewed(name: str, error: Exception) -> None:
    """Log that unchanged contents are not sent again."""
    _logger.warning(
        "the unchanged session cookie %r was not sent again, to be prolonged or signed by the "
        "newest key: %s",
        name,
        _text(error, "from the codec, the signer or the clock"),
    )


def not_migrated(name: str, error: Exception) -> None:
    """Log a legacy session that cannot become one of ours."""
    _logger.warning(
        "a session was not migrated from the legacy cookie %r: %s",
        name,
        _text(error, "from its reader or the codec"),
    )


def _text(error: Exception, source: str) -> str:
    # Other errors than ours may hold contents.
    shown = error if isinstance(error, CookieSessionError) else source
    return f"{type(error).__name__}: {shown}"

"""Every line that the library logs, through ``logging.getLogger("cookiesession")``.

An ERROR is a write that is lost. A WARNING is a cookie that is not sent for another reason, a
legacy session that is not migrated, or a value that a lifetime drops. An INFO says why a session
was not loaded. No line shows contents, keys or cookies.
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


def held_back(name: str, reason: str) -> None:
    """Log a write that a framework does not send, by its own rule."""
    _logger.info("the session cookie %r was not sent: %s", name, reason)


def not_secure(name: str) -> None:
    """Log a cookie that a plain connection cannot carry, and the remedy."""
    _logger.warning(
        "the session cookie %r was not sent: secure=True over plain HTTP. If TLS ends at "
        "a proxy, let the server trust its X-Forwarded-Proto, or set assume_https=True.",
        name,
    )


def too_late(name: str) -> None:
    """Log a write after the response headers that does not raise."""
    _logger.error(
        "the session cookie %r was not sent: it was written to after the response headers", name
    )


def changed_late(name: str, keys: list[str]) -> None:
    """Log a change inside the contents after the response headers."""
    _logger.error(
        "the contents of the session cookie %r changed under %s after the response headers: this "
        "change does not reach the client",
        name,
        ", ".join(map(repr, keys)),
    )


def not_compared(name: str, error: Exception) -> None:
    """Log that nobody knows whether the contents changed after the response headers."""
    _logger.error(
        "the session cookie %r was sent, and a change of its contents after that cannot be ruled "
        "out: %s",
        name,
        _text(error, "from the codec or the signer"),
    )


def out_of_date(name: str) -> None:
    """Log a cookie that a browser would drop at once, and the remedy."""
    _logger.error(
        "the session cookie %r was not sent: its expires has passed, so browsers drop it. Use "
        "max_age for a lifetime that begins when the cookie is sent.",
        name,
    )


def dropped(name: str, error: Exception) -> None:
    """Log contents that a session has lost, because a lifetime needs their key."""
    _logger.warning("a value was dropped from the session cookie %r: %s", name, error)


def other_writer(name: str) -> None:
    """Log a cookie of our name that something else in the application sets."""
    _logger.warning(
        "a response to a request that used the session has a cookie %r that is not ours: "
        "something else in the application sets a cookie of this name. Give one of them another "
        "name.",
        name,
    )


def replaced(place: str) -> None:
    """Log that the application has put something else in the place of the session."""
    _logger.warning(
        "the application has put something else into %s: the session does not notice that, and "
        "sends its own contents. Use its methods replace() and destroy().",
        place,
    )


def set_late(setting: str) -> None:
    """Log a setting of the framework that has changed after it was read."""
    _logger.warning(
        "the setting %s has changed since setup(), and the session does not use its new value: "
        "call setup() after the settings are loaded",
        setting,
    )


def not_observed(name: str, error: Exception) -> None:
    """Log that the function ``observe`` has raised."""
    _logger.error("observe failed for the session cookie %r: %s", name, type(error).__name__)


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


def in_chunks(name: str) -> None:
    """Log a legacy session in several cookies whose names its reader does not have."""
    _logger.info(
        "the legacy cookie %r is in several chunks, and its reader does not have their names", name
    )


def _text(error: Exception, source: str) -> str:
    # Other errors than ours may hold contents.
    shown = error if isinstance(error, CookieSessionError) else source
    return f"{type(error).__name__}: {shown}"

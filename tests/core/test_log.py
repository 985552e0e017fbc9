from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from cookiesession_core import ConfigurationError, Outcome, SessionEncodeError, log
from tests.support.keys import CANARY

ENCODE_ERROR = SessionEncodeError("session['at']", "set", "is not a JSON type")

LINES: dict[str, tuple[Callable[[], None], int, str]] = {
    "not loaded": (
        lambda: log.not_loaded("my", Outcome.MALFORMED, "JSONDecodeError"),
        logging.INFO,
        "the session cookie 'my' was not loaded: MALFORMED: JSONDecodeError",
    ),
    "not loaded, without a reason": (
        lambda: log.not_loaded("my", Outcome.BAD_SIGNATURE, ""),
        logging.INFO,
        "the session cookie 'my' was not loaded: BAD_SIGNATURE",
    ),
    "not saved": (
        lambda: log.not_saved("my", ENCODE_ERROR),
        logging.ERROR,
        (
            "the session cookie 'my' was not sent: SessionEncodeError: "
            "session['at']: set is not a JSON type"
        ),
    ),
    "not saved by foreign code": (
        lambda: log.not_saved("my", LookupError(CANARY)),
        logging.ERROR,
        "the session cookie 'my' was not sent: LookupError: from the codec, the signer or validate",
    ),
    "not answered": (
        lambda: log.not_answered("my", "there is no response"),
        logging.ERROR,
        "the session cookie 'my' was not sent: there is no response",
    ),
    "not secure": (
        lambda: log.not_secure("my"),
        logging.WARNING,
        (
            "the session cookie 'my' was not sent: secure=True over plain HTTP. If TLS ends at a "
            "proxy, let the server trust its X-Forwarded-Proto, or set assume_https=True."
        ),
    ),
    "changed late": (
        lambda: log.changed_late("my", ["cart", "seen"]),
        logging.ERROR,
        (
            "the contents of the session cookie 'my' changed under 'cart', 'seen' after the "
            "response headers: this change does not reach the client"
        ),
    ),
    "out of date": (
        lambda: log.out_of_date("my"),
        logging.ERROR,
        (
            "the session cookie 'my' was not sent: its expires has passed, so browsers drop it. "
            "Use max_age for a lifetime that begins when the cookie is sent."
        ),
    ),
    "not compared": (
        lambda: log.not_compared("my", LookupError(CANARY)),
        logging.ERROR,
        (
            "the session cookie 'my' was sent, and a change of its contents after that cannot be "
            "ruled out: LookupError: from the codec or the signer"
        ),
    ),
    "not renewed": (
        lambda: log.not_renewed("my", ConfigurationError("a message")),
        logging.WARNING,
        (
            "the unchanged session cookie 'my' was not sent again, to be prolonged or signed by "
            "the newest key: ConfigurationError: a message"
        ),
    ),
    "not renewed for another reason": (
        lambda: log.not_renewed("my", LookupError(CANARY)),
        logging.WARNING,
        (
            "the unchanged session cookie 'my' was not sent again, to be prolonged or signed by "
            "the newest key: LookupError: from the codec, the signer or the clock"
        ),
    ),
    "not migrated": (
        lambda: log.not_migrated("old", ENCODE_ERROR),
        logging.WARNING,
        (
            "a session was not migrated from the legacy cookie 'old': SessionEncodeError: "
            "session['at']: set is not a JSON type"
        ),
    ),
    "in chunks": (
        lambda: log.in_chunks("old"),
        logging.INFO,
        "the legacy cookie 'old' is in several chunks, and its reader does not have their names",
    ),
    "not migrated by foreign code": (
        lambda: log.not_migrated("old", LookupError(CANARY)),
        logging.WARNING,
        (
            "a session was not migrated from the legacy cookie 'old': LookupError: "
            "from its reader or the codec"
        ),
    ),
}


@pytest.mark.parametrize(("write", "level", "text"), LINES.values(), ids=LINES)
def test_each_line_names_the_cookie_and_the_reason(
    write: Callable[[], None], level: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "cookiesession"):
        write()

    assert [("cookiesession", level, text)] == caplog.record_tuples
    assert CANARY not in caplog.text

"""Changes after the response headers, where they do not raise: they are logged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    Session,
    SessionCommittedError,
    Written,
    end_request,
    log_late_writes,
)
from tests.support.keys import KEYS
from tests.support.kinds import Kind

NO_RESPONSE = "the application ended without a response"
TOO_LATE = "the session cookie 'session' was not sent: it was written to after the response headers"


def set_item(session: Session) -> None:
    session["user"] = 8


def delete_item(session: Session) -> None:
    del session["user"]


def update(session: Session) -> None:
    session.update(user=8)


def clear(session: Session) -> None:
    session.clear()


def replace(session: Session) -> None:
    session.replace({"user": 8})


def destroy(session: Session) -> None:
    session.destroy()


def resend(session: Session) -> None:
    session.resend()


def set_option(session: Session) -> None:
    session.options.max_age = 60


WRITES = (set_item, delete_item, update, clear, replace, destroy, resend, set_option)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of level ERROR."""
    return [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]


@pytest.mark.parametrize("write", WRITES)
def test_a_late_write_can_be_logged_instead(
    kind: Kind, write: Callable[[Session], None], caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions(late_writes="log").open(kind.header({"user": 7}))
    assert 7 == session["user"]
    session.commit()

    write(session)
    end_request(session, NO_RESPONSE)

    assert [TOO_LATE] == errors(caplog)
    assert Written.NOTHING is session.written
    assert [] == session.commit()


@pytest.mark.parametrize("write", WRITES)
def test_after_a_request_has_failed_a_late_write_is_logged(
    kind: Kind, write: Callable[[Session], None], caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session.commit()
    log_late_writes(session)

    write(session)

    assert [TOO_LATE] == errors(caplog)


def test_options_that_were_taken_before_the_headers_are_read_only_after_them() -> None:
    session = CookieSession(keys=KEYS).open()
    options = session.options
    options.max_age = 60
    session["user"] = 7
    session.commit()

    with pytest.raises(SessionCommittedError):
        options.max_age = 30

    assert 60 == options.max_age


@pytest.mark.parametrize("value", ["Raise", True, None])
def test_late_writes_has_two_values(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^late_writes must be 'raise' or 'log', got "):
        CookieSession(keys=KEYS, late_writes=value)


# --- changes inside the contents -------------------------------------------------------------


def handed_out_before(session: Session) -> Any:
    cart = session["cart"]
    session.commit()
    return cart


def handed_out_after_a_read(session: Session) -> Any:
    assert 7 == session["user"]
    session.commit()
    return session["cart"]


def handed_out_after_all(session: Session) -> Any:
    session.commit()
    return session["cart"]


def written_before(session: Session) -> Any:
    session["cart"] = cart = [1, [2]]
    session.commit()
    return cart


def replaced_before(session: Session) -> Any:
    cart = [1, [2]]
    session.replace({"user": 7, "cart": cart})
    session.commit()
    return cart


def updated_before(session: Session) -> Any:
    cart = [1, [2]]
    session.update(cart=cart)
    session.commit()
    return cart


def copied_before(session: Session) -> Any:
    cart = session.copy()["cart"]
    session.commit()
    return cart


HAND_OUTS = (
    handed_out_before,
    handed_out_after_a_read,
    handed_out_after_all,
    written_before,
    replaced_before,
    updated_before,
    copied_before,
)


@pytest.mark.parametrize("options", [{}, {"idle_timeout": 3600}])
@pytest.mark.parametrize("hand_out", HAND_OUTS)
def test_a_late_change_inside_the_contents_is_logged_with_its_key(
    kind: Kind,
    hand_out: Callable[[Session], Any],
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = kind.sessions(**options)
    session = sessions.open(sessions.cookie_header({"user": 7, "cart": [1, [2]]}))
    cart = hand_out(session)

    cart[1].append(3)
    end_request(session, NO_RESPONSE)

    said = (
        "the contents of the session cookie 'session' changed under 'cart' after the response "
        "headers: this change does not reach the client"
    )
    assert [said] == errors(caplog)


@pytest.mark.parametrize("options", [{}, {"idle_timeout": 3600}])
@pytest.mark.parametrize("hand_out", HAND_OUTS)
def test_nothing_is_logged_if_nothing_has_changed(
    kind: Kind,
    hand_out: Callable[[Session], Any],
    options: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = kind.sessions(**options)
    session = sessions.open(sessions.cookie_header({"user": 7, "cart": [1, [2]]}))

    hand_out(session).reverse()
    session["cart"].reverse()
    end_request(session, NO_RESPONSE)

    assert [] == errors(caplog)


@pytest.mark.parametrize("hand_out", HAND_OUTS)
def test_a_late_change_to_something_that_cannot_be_written_is_logged(
    kind: Kind, hand_out: Callable[[Session], Any], caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions().open(kind.header({"user": 7, "cart": [1, [2]]}))

    hand_out(session).append({1, 2})
    end_request(session, NO_RESPONSE)

    (line,) = errors(caplog)
    assert "changed under 'cart' after the response headers" in line


def test_a_codec_that_encrypts_gives_no_false_alarm(caplog: pytest.LogCaptureFixture) -> None:
    fernet = pytest.importorskip("cookiesession_adapters.codecs.fernet")
    codec = fernet.FernetCodec(["A" * 43 + "="])
    session = CookieSession(keys=KEYS, codec=codec).open()
    session["cart"] = cart = [1]
    session["price"] = 1.0
    session.commit()

    end_request(session, NO_RESPONSE)
    assert [] == errors(caplog)

    cart.append(2)
    end_request(session, NO_RESPONSE)
    (line,) = errors(caplog)
    assert "changed under 'cart' after the response headers" in line


def test_a_session_that_holds_no_list_is_not_encoded_again() -> None:
    encoded: list[Any] = []

    class Codec:
        def encode(self, contents: Any) -> str:
            encoded.append(contents)
            return f"views{contents['views']}"

        def decode(self, text: str) -> dict[str, Any]:
            return {"views": int(text.removeprefix("views"))}

    session = CookieSession(keys=KEYS, codec=Codec()).open()
    session["views"] = 1
    session.commit()

    end_request(session, NO_RESPONSE)

    assert 1 == len(encoded)

"""Sessions that an older key has signed."""

from __future__ import annotations

import base64

import pytest

from cookiesession_core import CookieSession, Written
from tests.support.cookies import set_cookies, signed
from tests.support.keys import KEYS, OLDER
from tests.support.kinds import Kind


def test_an_unchanged_session_signed_by_an_old_key_is_sent_again_with_all_attributes(
    kind: Kind,
) -> None:
    rotated = kind.sessions(max_age=60, domain="example.com", clock=lambda: 0)
    session = rotated.open(kind.old_header({"user": 7}))

    assert {"user": 7} == dict(session)
    assert 1 == session.key_index
    attributes = "; path=/; expires=Thu, 01 Jan 1970 00:01:00 GMT; domain=example.com; httponly"
    assert kind.saves(session.commit(), {"user": 7}, attributes)
    assert Written.RESIGNED is session.written


def test_a_session_that_is_sent_again_is_written_in_our_spelling() -> None:
    value = base64.b64encode(b'{"user": 7.0}').decode()
    session = CookieSession(keys=KEYS).open(signed(value, OLDER))

    assert {"user": 7} == dict(session)

    assert set_cookies({"user": 7}) == session.commit()
    assert Written.RESIGNED is session.written


def test_an_untouched_session_is_not_signed_again(kind: Kind) -> None:
    assert [] == kind.sessions().open(kind.old_header({"user": 7})).commit()


def test_a_changed_session_signed_by_an_old_key_is_saved_once(kind: Kind) -> None:
    session = kind.sessions().open(kind.old_header({"user": 7}))

    session["user"] = 8

    assert kind.saves(session.commit(), {"user": 8})
    assert Written.SAVED is session.written


def test_a_renewal_that_fails_is_logged_and_does_not_fail_a_reading_request(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    small = kind.sessions(max_cookie_size=100)
    session = small.open(kind.old_header({"text": "x" * 100}))

    session.get("text")

    assert [] == session.commit()
    assert Written.REFUSED is session.written
    assert "'session' was not sent again" in caplog.text
    assert "100 are allowed" in caplog.text

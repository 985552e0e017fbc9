"""Sessions that an older key has signed."""

from __future__ import annotations

import pytest

from cookiesession_core import CookieSession, Written
from tests.support.cookies import header, set_cookies
from tests.support.keys import KEYS, OLDER

sessions = CookieSession(keys=KEYS)


def test_an_unchanged_session_signed_by_an_old_key_is_sent_again_with_all_attributes() -> None:
    rotated = CookieSession(keys=KEYS, max_age=60, domain="example.com", clock=lambda: 0)
    session = rotated.open(header({"user": 7}, OLDER))

    assert {"user": 7} == dict(session)
    assert 1 == session.key_index
    attributes = "; path=/; expires=Thu, 01 Jan 1970 00:01:00 GMT; domain=example.com; httponly"
    assert set_cookies({"user": 7}, attributes) == session.commit()
    assert Written.RESIGNED is session.written


def test_an_untouched_session_is_not_signed_again() -> None:
    assert [] == sessions.open(header({"user": 7}, OLDER)).commit()


def test_a_changed_session_signed_by_an_old_key_is_saved_once() -> None:
    session = sessions.open(header({"user": 7}, OLDER))

    session["user"] = 8

    assert set_cookies({"user": 8}) == session.commit()
    assert Written.SAVED is session.written


def test_what_cannot_be_sent_again_is_reported_and_does_not_fail_a_reading_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    small = CookieSession(keys=KEYS, max_cookie_size=100)
    session = small.open(header({"text": "x" * 100}, OLDER))

    session.get("text")

    assert [] == session.commit()
    assert Written.REFUSED is session.written
    assert "'session' was not sent again" in caplog.text
    assert "100 are allowed" in caplog.text

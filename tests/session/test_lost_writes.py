"""A session that cannot be sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from cookiesession_core import (
    CookieSession,
    CookieTooLargeError,
    SessionCommittedError,
    SessionEncodeError,
    Written,
)
from tests.support.keys import KEYS
from tests.support.kinds import Kind


def test_a_too_large_cookie_is_an_error_that_names_the_largest_keys(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session.update(address="y" * 100, big="x" * 4000, a=1, b=12)

    with pytest.raises(CookieTooLargeError) as caught:
        session.commit()

    error = caught.value
    assert 4093 == error.limit
    assert error.size > error.limit
    assert ["big", "address"] == list(error.sizes)[:2]
    assert 3 == len(error.sizes)
    assert "'big'" in str(error)
    assert "xxx" not in str(error)
    assert Written.REFUSED is session.written


def test_a_failed_commit_is_logged_as_well_with_the_same_words(
    sessions: CookieSession,
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = sessions.open()
    session["set"] = {1}
    with pytest.raises(SessionEncodeError) as caught:
        session.commit()

    assert [("cookiesession", logging.ERROR)] == [log[:2] for log in caplog.record_tuples]
    assert f"'session' was not sent: SessionEncodeError: {caught.value}" in caplog.text


def test_after_a_failed_commit_an_error_page_goes_out_without_the_session(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session["set"] = {1}
    with pytest.raises(SessionEncodeError, match=r"session\['set'\]: set"):
        session.commit()

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.REFUSED is session.written
    with pytest.raises(SessionCommittedError):
        session["late"] = 1


@pytest.mark.parametrize(
    "read",
    [lambda s: s["cart"], lambda s: s.get("set"), dict, lambda s: s.copy()],
)
def test_an_error_page_may_read_the_session_that_cannot_be_sent(
    kind: Kind, read: Any, caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions().open(kind.header({"cart": [1]}))
    session["set"] = {1}
    with pytest.raises(SessionEncodeError):
        session.commit()

    read(session)

    assert [] == session.commit()
    assert ["a=1"] == session.commit(["a=1"])
    assert Written.REFUSED is session.written
    assert 1 == len(caplog.records)


def test_after_a_failed_commit_the_session_still_counts_as_changed(
    kind: Kind,
) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session["text"] = "x" * 5000
    with pytest.raises(CookieTooLargeError):
        session.commit()

    assert session.is_changed
    assert [] == session.commit()
    assert session.is_changed


def test_after_a_failed_commit_a_list_that_was_read_can_be_mended(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"cart": []}))
    cart = session["cart"]
    cart.append({1})
    with pytest.raises(SessionEncodeError):
        session.commit()

    cart[0] = 1

    assert kind.saves(session.commit(), {"cart": [1]})


def test_after_a_failed_commit_another_wrong_write_is_an_error_again(
    sessions: CookieSession,
) -> None:
    session = sessions.open()
    for name in ("first", "second"):
        session[name] = {1}
        with pytest.raises(SessionEncodeError):
            session.commit()


def test_after_a_failed_commit_a_mended_session_is_saved(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session["set"] = {1}
    with pytest.raises(SessionEncodeError):
        session.commit()

    session["set"] = [1]

    assert kind.saves(session.commit(), {"user": 7, "set": [1]})
    assert Written.SAVED is session.written


def test_is_changed_fails_as_the_commit_would(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))
    session["set"] = {1}

    with pytest.raises(SessionEncodeError):
        session.is_changed  # noqa: B018


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.__setitem__("a", 1),
        lambda s: s.destroy(),
        lambda s: s.replace({}),
        lambda s: s.resend(),
        lambda s: s.get("a"),
    ],
)
def test_a_secure_cookie_over_plain_http_is_refused_with_a_warning(
    kind: Kind, act: Any, caplog: pytest.LogCaptureFixture
) -> None:
    session = kind.sessions(secure=True).open(kind.old_header({"user": 7}), https=False)
    act(session)

    with caplog.at_level(logging.WARNING, "cookiesession"):
        assert ["b=1"] == session.commit(["b=1"])

    assert Written.REFUSED is session.written
    assert "'session' was not sent: secure=True over plain HTTP" in caplog.text
    assert "X-Forwarded-Proto" in caplog.text
    assert "assume_https=True" in caplog.text


def test_a_request_that_only_reads_is_not_warned_of_plain_http(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    for cookies in (kind.header({"user": 7}), kind.forged_header({"user": 7}), None):
        session = kind.sessions(secure=True).open(cookies, https=False)
        session.get("user")

        assert [] == session.commit()
        assert Written.NOTHING is session.written
    assert [] == [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_secure_cookie_is_sent_behind_a_proxy_that_ends_tls(kind: Kind) -> None:
    session = kind.sessions(secure=True, assume_https=True).open(https=False)
    session["a"] = 1

    assert kind.saves(session.commit(), {"a": 1}, "; path=/; secure; httponly")


class FailingToEncode:
    def encode(self, contents: Mapping[str, Any], /) -> str:
        raise TypeError(contents["text"])

    def decode(self, text: str, /) -> Any:
        return {"text": text}


class FailingToSign:
    def sign(self, data: str | bytes) -> str:
        raise ConnectionError(data)

    def index(self, data: str | bytes, digest: str) -> int:  # noqa: ARG002 - a Signer's
        return -1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"keys": KEYS, "codec": FailingToEncode()}, TypeError),
        ({"keys": FailingToSign()}, ConnectionError),
    ],
)
def test_after_an_error_of_a_codec_or_signer_an_error_page_can_go_out(
    options: Any, error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    session = CookieSession(**options).open()
    session["text"] = "somebody"

    with pytest.raises(error):
        session.commit()

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.REFUSED is session.written
    assert f"'session' was not sent: {error.__name__}: from the codec" in caplog.text
    assert "somebody" not in caplog.text

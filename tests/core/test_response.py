from __future__ import annotations

import logging
from typing import Any

import pytest

from cookiesession_core import (
    CookieSession,
    SessionCommittedError,
    Written,
    commit_headers,
    commit_raw_headers,
    report_uncommitted,
)
from tests.support.cookies import header, set_cookies
from tests.support.keys import KEYS, OLDER

sessions = CookieSession(keys=KEYS)
PAIR = [("Set-Cookie", value) for value in set_cookies({"a": 1})]


def test_with_an_untouched_session_the_same_list_is_returned() -> None:
    fields = [("Vary", "Accept"), ("Set-Cookie", "b=1")]

    assert fields is commit_headers(sessions.open("session=x"), fields)


def test_with_an_untouched_session_the_same_raw_list_is_returned() -> None:
    fields = [(b"vary", b"Accept"), (b"set-cookie", b"b=1")]

    assert fields is commit_raw_headers(sessions.open("session=x"), fields)


@pytest.mark.parametrize("fields", [[], [(b"Vary", b"Accept")], [(b"SET-COOKIE", b"b=1")]])
def test_fields_of_bytes_are_treated_as_fields_of_text(fields: list[tuple[bytes, bytes]]) -> None:
    first, second = sessions.open(), sessions.open()
    first["a"] = second["a"] = 1
    text = [(name.decode(), value.decode()) for name, value in fields]

    raw = commit_raw_headers(first, fields)

    assert [
        (name.lower().encode(), value.encode()) for name, value in commit_headers(second, text)
    ] == raw


def test_foreign_fields_keep_their_place_and_text() -> None:
    session = sessions.open()
    session["a"] = 1
    fields = [
        ("set-cookie", "b=1,2; Path=/"),
        ("Set-Cookie", "session=old"),
        ("Content-Type", "text/plain"),
        ("SET-COOKIE", "c=1"),
        ("Set-Cookie", "session.sig=old"),
    ]

    assert commit_headers(session, fields) == [
        ("set-cookie", "b=1,2; Path=/"),
        ("Content-Type", "text/plain"),
        ("SET-COOKIE", "c=1"),
        *PAIR,
        ("Vary", "Cookie"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [("Vary", "Cookie")]),
        ([("Vary", "Accept")], [("Vary", "Accept, Cookie")]),
        ([("vary", "")], [("vary", "Cookie")]),
        ([("Vary", "Accept, cookie")], [("Vary", "Accept, cookie")]),
        ([("Vary", "*")], [("Vary", "*")]),
        ([("Vary", "X-Cookie")], [("Vary", "X-Cookie, Cookie")]),
        (
            [("Vary", "Accept"), ("X", "1"), ("Vary", "Origin")],
            [("Vary", "Accept"), ("X", "1"), ("Vary", "Origin, Cookie")],
        ),
        ([("Vary", "Cookie"), ("Vary", "Origin")], [("Vary", "Cookie"), ("Vary", "Origin")]),
    ],
)
def test_a_touched_session_is_merged_into_vary(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    session = sessions.open()
    session.get("a")

    assert after == commit_headers(session, before)


def test_committing_again_changes_nothing_more() -> None:
    session = sessions.open()
    session["a"] = 1

    once = commit_headers(session, [("Set-Cookie", "b=1")])

    again = commit_headers(session, once)
    assert sorted(once) == sorted(again)
    assert [field for field in once if field[0] == "Set-Cookie"] == [
        field for field in again if field[0] == "Set-Cookie"
    ]
    assert again == commit_headers(session, again)


# --- a request that ends without a response --------------------------------------------------


@pytest.mark.parametrize(
    "write",
    [
        lambda session: session.update(a=1),
        lambda session: session["list"].append(1),
        lambda session: session.replace({"a": 1}),
        lambda session: session.clear(),
        lambda session: session.destroy(),
        lambda session: session.resend(),
    ],
)
def test_a_write_that_no_response_carries_is_logged(
    write: Any, caplog: pytest.LogCaptureFixture
) -> None:
    session = sessions.open(header({"list": []}))
    write(session)

    report_uncommitted(session, "nobody answered")
    report_uncommitted(session, "nobody answered")

    said = "the session cookie 'session' was not sent: nobody answered"
    assert [("cookiesession", logging.ERROR, said)] == caplog.record_tuples
    assert Written.REFUSED is session.written
    with pytest.raises(SessionCommittedError):
        session["late"] = 1


@pytest.mark.parametrize(
    ("cookies", "act"),
    [
        (header({"list": []}), repr),
        (header({"list": []}), lambda session: session["list"]),
        (header({"list": []}, OLDER), lambda session: session["list"]),
        (None, lambda session: session.resend()),
        (None, lambda session: session.get("list")),
        (None, lambda session: session.destroy(only_if_sent=True)),
    ],
)
def test_nothing_is_logged_if_the_application_wrote_nothing(
    cookies: str | None, act: Any, caplog: pytest.LogCaptureFixture
) -> None:
    session = sessions.open(cookies)
    act(session)

    report_uncommitted(session, "nobody answered")

    assert [] == caplog.records


def test_a_write_that_has_failed_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    session = sessions.open()
    session["wrong"] = {1}

    report_uncommitted(session, "nobody answered")
    report_uncommitted(session, "nobody answered")

    assert ["SessionEncodeError" in record.getMessage() for record in caplog.records] == [True]
    assert Written.REFUSED is session.written


def test_a_session_that_was_sent_is_not_reported(caplog: pytest.LogCaptureFixture) -> None:
    session = sessions.open()
    session["a"] = 1
    commit_headers(session, [])

    report_uncommitted(session, "an exception came later")

    assert [] == caplog.records
    assert Written.SAVED is session.written

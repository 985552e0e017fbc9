from __future__ import annotations

import pytest

from cookiesession_core import CookieSession, commit_headers, commit_raw_headers
from tests.support.cookies import set_cookies
from tests.support.keys import KEYS

sessions = CookieSession(keys=KEYS)
PAIR = [("Set-Cookie", value) for value in set_cookies({"a": 1})]


def test_an_untouched_session_leaves_the_very_list() -> None:
    fields = [("Vary", "Accept"), ("Set-Cookie", "b=1")]

    assert fields is commit_headers(sessions.open("session=x"), fields)


def test_an_untouched_session_leaves_the_very_octets() -> None:
    fields = [(b"vary", b"Accept"), (b"set-cookie", b"b=1")]

    assert fields is commit_raw_headers(sessions.open("session=x"), fields)


@pytest.mark.parametrize("fields", [[], [(b"Vary", b"Accept")], [(b"SET-COOKIE", b"b=1")]])
def test_octets_are_treated_as_text_is(fields: list[tuple[bytes, bytes]]) -> None:
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

    assert once == commit_headers(session, once)

from __future__ import annotations

import pytest

from cookiesession_core import CookieSession, commit_headers
from tests.keys import KEYS

sessions = CookieSession(keys=KEYS)
PAIR = [
    ("Set-Cookie", f"{name}={value}; path=/; httponly")
    for name, value in sessions.encode({"a": 1}).items()
]


def test_an_untouched_session_leaves_the_very_list() -> None:
    fields = [("Vary", "Accept"), ("Set-Cookie", "b=1")]

    assert fields is commit_headers(sessions.open("session=x"), fields)


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

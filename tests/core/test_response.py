from __future__ import annotations

import logging
from typing import Any, NoReturn

import pytest

from cookiesession_core import (
    CookieSession,
    Session,
    SessionCommittedError,
    Written,
    commit_end,
    commit_headers,
    commit_raw_headers,
    end_emptied,
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


# --- fields that no response can have ---------------------------------------------------------

WRONG_FIELDS: dict[str, tuple[Any, str]] = {
    "no value": (lambda vary: [(vary, vary), (vary,)], "(PART)"),
    "a value that is not text": (lambda vary: [(vary, vary), (vary, 5)], "(PART, int)"),
    "a mapping as a field": (lambda vary: [(vary, vary), {vary: vary, vary * 2: vary}], "dict"),
    "a number": (lambda vary: [(vary, vary), 5], "int"),
    "a mapping": (lambda vary: {vary * 2: vary}, "dict of PART"),
    "names alone": (lambda vary: [vary * 2], "list of PART"),
}


@pytest.mark.parametrize(("wrong", "got"), WRONG_FIELDS.values(), ids=WRONG_FIELDS)
@pytest.mark.parametrize(
    ("commit", "vary"), [(commit_headers, "Vary"), (commit_raw_headers, b"vary")]
)
def test_an_error_says_what_header_fields_must_be(
    commit: Any, vary: Any, wrong: Any, got: str
) -> None:
    session = sessions.open()
    session["a"] = 1
    part = type(vary).__name__

    with pytest.raises(TypeError) as caught:
        commit(session, wrong(vary))

    said = f"header fields must be a list of pairs of {part}, got {got.replace('PART', part)}"
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("commit", "fields"),
    [(commit_headers, {"Content-Type": "text/plain"}), (commit_raw_headers, {b"vary": b"accept"})],
)
def test_a_dict_of_header_fields_is_an_error_because_it_has_no_room(
    commit: Any, fields: Any
) -> None:
    session = sessions.open()
    session["a"] = 1

    with pytest.raises(TypeError, match="header fields must be a list of pairs"):
        commit(session, fields)


def test_an_error_that_right_fields_did_not_cause_is_raised_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_: logging.LogRecord) -> NoReturn:
        raise LookupError

    monkeypatch.setattr(logging.getLogger("cookiesession"), "filters", [fails])
    session = CookieSession(keys=KEYS).open()
    session["a"] = 1

    with pytest.raises(LookupError):
        commit_headers(session, [("Set-Cookie", "session=x"), ("Vary", "Accept")])


# --- cookies of our name that something else sets --------------------------------------------

OTHER_WRITER = (
    "a response to a request that used the session has a cookie 'session' that is not ours: "
    "something else in the application sets a cookie of this name. Give one of them another name."
)


def read_it(session: Session) -> None:
    assert [] == session["list"]


def write_it(session: Session) -> None:
    session["a"] = 1


def end_it(session: Session) -> None:
    session.destroy()


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("act", [read_it, write_it, end_it])
def test_another_writer_of_our_name_is_logged_once(
    act: Any,
    overwrite: bool,  # noqa: FBT001
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = CookieSession(keys=KEYS, overwrite=overwrite)
    for _ in range(2):
        session = sessions.open(header({"list": []}))
        act(session)
        commit_headers(session, [("set-cookie", "session=.eJx; Path=/"), ("Set-Cookie", "b=1")])

    assert [("cookiesession", logging.WARNING, OTHER_WRITER)] == caplog.record_tuples


@pytest.mark.parametrize(
    "deletion",
    [
        "session=; Path=/",
        'session=""; Path=/',
        'session=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/',
        "session=x; Max-Age=0",
        "session=x; max-age = 0; path=/",
        "session=null; expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "session=null; expires=Thu, 01-Jan-1970 00:00:01 GMT",
        "session=null; expires=Thursday, 01-Jan-70 00:00:01 GMT",
        "session=null; Max-Age=-1",
        "session=null; Max-Age=00; Path=/",
    ],
)
@pytest.mark.parametrize("act", [read_it, write_it, end_it])
def test_a_deletion_of_our_cookie_is_the_word_of_the_application(
    act: Any, deletion: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = CookieSession(keys=KEYS).open(header({"list": []}))
    act(session)

    commit_headers(session, [("Set-Cookie", deletion)])

    assert [] == caplog.records


def test_a_session_that_was_to_be_sent_again_and_gives_way_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = CookieSession(keys=KEYS)
    sessions.open(header({"a": 1})).commit(["session=x"])
    for foreign, lines in (("session=x", 1), ("session=; path=/", 0)):
        caplog.clear()
        session = sessions.open(header({"a": 1}))
        session.resend()
        commit_headers(session, [("Set-Cookie", foreign)])
        assert Written.NOTHING is session.written
        logged = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
        assert lines == len(logged)
        assert all("'session' was not sent: the response has another" in line for line in logged)


@pytest.mark.parametrize(
    "text", ["session=x; Max-Age=01", "session=x; expires=Fri, 01 Jan 2170", "session=e30="]
)
def test_a_cookie_that_lasts_is_no_deletion(text: str, caplog: pytest.LogCaptureFixture) -> None:
    session = CookieSession(keys=KEYS).open(header({"list": []}))
    read_it(session)

    commit_headers(session, [("Set-Cookie", text)])

    assert [OTHER_WRITER] == [each.getMessage() for each in caplog.records]


def test_an_untouched_session_scans_nothing(caplog: pytest.LogCaptureFixture) -> None:
    session = CookieSession(keys=KEYS).open(header({"list": []}))
    fields = [("Set-Cookie", "session=.eJx; Path=/")]

    assert fields is commit_headers(session, fields)
    assert ["session=x"] == CookieSession(keys=KEYS).open().commit(["session=x"])

    assert [] == caplog.records


@pytest.mark.parametrize("value", [1, {1, 2}])
def test_a_write_that_a_framework_holds_back_is_logged_as_information(
    value: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cookiesession")
    session = sessions.open()
    session["a"] = value

    commit_end(session, "the status is 500")
    commit_end(session, "the status is 500")

    assert Written.REFUSED is session.written
    assert [] == session.commit()
    assert [
        ("INFO", "the session cookie 'session' was not sent: the status is 500"),
    ] == [(record.levelname, record.getMessage()) for record in caplog.records]
    with pytest.raises(SessionCommittedError):
        session["b"] = 2


@pytest.mark.parametrize(
    ("act", "held_back"),
    [
        (lambda session: session.destroy(), []),
        (lambda session: session.replace({}), []),
        (lambda session: (session.destroy(), session.update(b=1)), ["b"]),
        (lambda session: (session.destroy(), session.update(b={1, 2})), ["b"]),
    ],
)
def test_an_end_is_sent_although_a_write_is_held_back(
    act: Any, held_back: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cookiesession")
    session = sessions.open(header({"a": 1}))
    act(session)

    commit_end(session, "the status is 500")

    assert Written.EXPIRED is session.written
    assert [True, True] == ["01 Jan 1970" in value for value in session.commit()]
    assert len(held_back) == len(caplog.messages)


def test_a_response_that_holds_back_loses_no_renewal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookiesession")
    session = sessions.open(header({"a": 1}, OLDER))
    assert {"a": 1} == session

    commit_end(session, "the status is 500")

    assert Written.NOTHING is session.written
    assert [] == caplog.messages


def test_a_session_that_must_be_sent_again_is_held_back_as_well() -> None:
    session = sessions.open(header({"a": 1}))
    session.resend()

    commit_end(session, "the status is 500")

    assert Written.REFUSED is session.written


def test_an_untouched_session_stays_untouched_when_it_is_held_back() -> None:
    session = sessions.open(header({"a": 1}))

    commit_end(session, "the status is 500")

    assert not session.accessed
    assert Written.NOTHING is session.written


def _emptied(cookies: str | None) -> Session:
    session = sessions.open(cookies)
    session.pop("a", None)
    return session


def test_a_session_whose_last_item_was_removed_can_be_ended() -> None:
    session = _emptied(header({"a": 1}))

    end_emptied(session)

    session.commit()
    assert Written.EXPIRED is session.written


@pytest.mark.parametrize("cookies", [None, header({}), header({"a": 1, "b": 2}), "session=x"])
def test_a_session_that_was_not_emptied_is_not_ended(cookies: str | None) -> None:
    kept, plain = _emptied(cookies), _emptied(cookies)

    end_emptied(kept)

    assert plain.commit() == kept.commit()


def test_an_emptied_session_is_not_ended_after_the_headers_or_untouched() -> None:
    sent, untouched = _emptied(header({"a": 1})), sessions.open(header({"a": 1}))
    sent.commit()

    end_emptied(sent)
    end_emptied(untouched)

    assert Written.SAVED is sent.written
    assert not untouched.accessed

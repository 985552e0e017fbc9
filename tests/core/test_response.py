from __future__ import annotations

import logging
from typing import Any, NoReturn

import pytest

from cookiesession_core import (
    CookieSession,
    Outcome,
    Session,
    SessionCommittedError,
    Written,
    commit_end,
    commit_headers,
    commit_raw_headers,
    end_emptied,
    end_request,
    report_late_setting,
    report_replaced,
    report_uncommitted,
    report_unsent,
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


# --- a request that ends without a response --------------------------------------------------


def test_a_write_after_a_report_that_no_headers_follow_raises() -> None:
    session = sessions.open(header({"user": 7}))

    report_uncommitted(session, "the WebSocket is accepted already")

    with pytest.raises(SessionCommittedError):
        session["user"] = 8
    assert dict(session) == {"user": 7}


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


def test_a_renewal_that_does_not_leave_is_no_loss(caplog: pytest.LogCaptureFixture) -> None:
    session = sessions.open(header({"a": 1}, OLDER))
    session.get("a")
    assert [*set_cookies({"a": 1}), "Cookie"] == [value for _, value in commit_headers(session, [])]

    report_unsent(session, "the client is gone")

    assert Written.NOTHING is session.written
    assert [] == session.commit()
    assert [] == caplog.records


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


# --- the end of a request --------------------------------------------------------------------


def observed(seen: list[tuple[Outcome, Written | None, int | None]], **options: Any) -> Any:
    """Return a configuration that notes what `observe` sees."""

    def observe(session: Session) -> None:
        seen.append((session.outcome, session.written, session.key_index))

    return CookieSession(keys=KEYS, observe=observe, **options)


@pytest.mark.parametrize(
    ("cookies", "act", "expected"),
    [
        (header({"list": []}), read_it, (Outcome.LOADED, Written.NOTHING, 0)),
        (header({"list": []}, OLDER), read_it, (Outcome.LOADED, Written.RESIGNED, 1)),
        (None, write_it, (Outcome.ABSENT, Written.SAVED, None)),
        (header({"list": []}), end_it, (Outcome.LOADED, Written.EXPIRED, 0)),
    ],
)
def test_observe_is_called_at_the_end_with_what_has_happened(
    cookies: str | None, act: Any, expected: Any
) -> None:
    seen: list[Any] = []
    session = observed(seen).open(cookies)
    act(session)
    commit_headers(session, [])
    assert [] == seen

    end_request(session, "nobody answered")

    assert [expected] == seen


def test_observe_sees_a_write_that_no_response_carries(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []
    session = observed(seen).open()
    write_it(session)

    end_request(session, "nobody answered")

    assert [(Outcome.ABSENT, Written.REFUSED, None)] == seen
    said = "the session cookie 'session' was not sent: nobody answered"
    assert [("cookiesession", logging.ERROR, said)] == caplog.record_tuples


def test_observe_is_not_called_for_an_untouched_session() -> None:
    seen: list[Any] = []
    session = observed(seen).open(header({"list": []}))
    commit_headers(session, [])

    end_request(session, "nobody answered")

    assert [] == seen


def test_an_error_of_observe_is_logged_by_its_type(caplog: pytest.LogCaptureFixture) -> None:
    def observe(session: Session) -> None:
        raise LookupError(session["a"])

    session = CookieSession(keys=KEYS, observe=observe).open()
    session["a"] = "a secret"
    commit_headers(session, [])

    end_request(session, "nobody answered")

    said = "observe failed for the session cookie 'session': LookupError"
    assert [("cookiesession", logging.ERROR, said)] == caplog.record_tuples


def test_only_after_a_failure_a_write_is_logged_when_the_request_has_ended(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answered, failed = sessions.open(), sessions.open()
    end_request(answered, "nobody answered")
    end_request(failed, "nobody answered", has_failed=True)

    with pytest.raises(SessionCommittedError):
        answered["a"] = 1
    assert [] == caplog.records
    failed["a"] = 1

    (record,) = caplog.records
    assert "it was written to after the response headers" in record.getMessage()


def test_something_else_in_the_place_of_the_session_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = CookieSession(keys=KEYS)

    report_replaced(sessions.open(), {"session": sessions.open()}, "session")
    assert [] == caplog.records
    report_replaced(sessions.open(), {"session": {"user": 7}}, "session")
    report_replaced(sessions.open(), {}, "session")

    (record,) = caplog.records
    assert logging.WARNING == record.levelno
    assert "has put something else into 'session'" in record.getMessage()


def test_a_setting_that_comes_too_late_is_logged_with_the_remedy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    report_late_setting("SESSION_COOKIE_NAME")

    (record,) = caplog.records
    assert logging.WARNING == record.levelno
    assert "the setting SESSION_COOKIE_NAME has changed since setup()" in record.getMessage()


class NoAnswer:
    """A value that refuses to be compared, as an array of NumPy does."""

    def __eq__(self, other: object) -> NoReturn:
        raise ValueError

    __hash__ = None  # type: ignore[assignment]


def test_a_late_value_that_refuses_to_be_compared_is_a_change(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = sessions.open(header({"cart": {"first": 1}, "list": []}))
    cart = session["cart"]
    commit_headers(session, [])
    cart["first"] = NoAnswer()

    end_request(session, "nobody answered")

    (record,) = caplog.records
    assert "changed under 'cart' after the response headers:" in record.getMessage()


def test_a_comparison_that_fails_at_the_end_of_a_request_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Signer:
        fails = False

        def sign(self, _: str | bytes, /) -> str:
            if self.fails:
                raise LookupError
            return "signature"

        def index(self, _data: str | bytes, _digest: str, /) -> int:
            return 0

    signer = Signer()
    session = CookieSession(keys=signer).open(header({"cart": []}))
    cart = session["cart"]
    commit_headers(session, [])
    cart.append("tea")
    signer.fails = True

    end_request(session, "nobody answered")

    (record,) = caplog.records
    assert "the session cookie 'session' was sent, " in record.getMessage()
    assert "cannot be ruled out: LookupError" in record.getMessage()


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

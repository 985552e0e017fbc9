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
    commit_headers,
    end_request,
    report_late_setting,
    report_replaced,
    report_uncommitted,
    report_unsent,
)
from tests.support.cookies import header, set_cookies
from tests.support.keys import KEYS, OLDER

sessions = CookieSession(keys=KEYS)


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


# --- the end of a request --------------------------------------------------------------------


def observed(seen: list[tuple[Outcome, Written | None, int | None]], **options: Any) -> Any:
    """Return a configuration that notes what `observe` sees."""

    def observe(session: Session) -> None:
        seen.append((session.outcome, session.written, session.key_index))

    return CookieSession(keys=KEYS, observe=observe, **options)


@pytest.mark.parametrize(
    ("cookies", "act", "expected"),
    [
        (header({"list": []}), dict, (Outcome.LOADED, Written.NOTHING, 0)),
        (header({"list": []}, OLDER), dict, (Outcome.LOADED, Written.RESIGNED, 1)),
        (None, lambda session: session.update(a=1), (Outcome.ABSENT, Written.SAVED, None)),
        (header({"list": []}), Session.destroy, (Outcome.LOADED, Written.EXPIRED, 0)),
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
    session["a"] = 1

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

"""What is refused, exactly from where on, and whether the words help to mend it."""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import cookiesession_adapters
import cookiesession_core
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    Keygrip,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    Written,
    find_session,
)
from tests.support.cookies import cookie_header, header
from tests.support.keys import KEYS, NEWEST, OLDER


class Latin:
    """A codec whose values are not ASCII, and yet one octet a character on the wire."""

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return str(contents["text"])

    def decode(self, text: str, /) -> dict[str, Any]:
        return {"text": text}


def octets(lines: list[str]) -> list[int]:
    return [len(line.encode("latin-1")) for line in lines]


def committed(limit: int | None, act: Callable[[Session], object], **options: Any) -> list[str]:
    session = CookieSession(**{"keys": KEYS, "max_cookie_size": limit, **options}).open()
    act(session)
    return session.commit()


def with_options(session: Session, **options: Any) -> None:
    session["a"] = 1
    for name, value in options.items():
        setattr(session.options, name, value)


# --- max_cookie_size -------------------------------------------------------------------------

LINES: dict[str, tuple[Callable[[Session], object], dict[str, Any]]] = {
    "contents": (lambda session: session.update(text="x" * 5000), {}),
    "no ASCII in the contents": (lambda session: session.update(text="é☃😀" * 500), {}),
    "no ASCII on the wire": (lambda session: session.update(text="é" * 1000), {"codec": Latin()}),
    "a date": (lambda session: session.update(text="x"), {"max_age": 60}),
    "a long name": (lambda session: session.update(text="x"), {"name": "n" * 300}),
    "a long signature": (
        lambda session: session.update(a=1),
        {"keys": Keygrip(["k" * 64], "sha512", "hex")},
    ),
    "an unsigned session": (lambda session: session.update(a=1), {"signed": False}),
    "this request's own path": (
        lambda session: with_options(session, path="/" + "p" * 500),
        {},
    ),
    "this request's own attributes": (
        lambda session: with_options(session, domain="example.com", same_site="strict"),
        {"priority": "high"},
    ),
}


@pytest.mark.parametrize(("act", "options"), LINES.values(), ids=LINES)
def test_a_line_of_the_very_limit_is_sent_and_one_octet_more_is_refused(
    act: Callable[[Session], object], options: dict[str, Any]
) -> None:
    lines = committed(None, act, **options)
    size = max(octets(lines))

    assert lines == committed(size, act, **options)
    with pytest.raises(CookieTooLargeError) as caught:
        committed(size - 1, act, **options)
    assert (size, size - 1) == (caught.value.size, caught.value.limit)


def test_the_signature_cookie_counts_by_itself() -> None:
    act, options = LINES["a long signature"]
    value, signature = octets(committed(None, act, **options))

    assert signature > value
    with pytest.raises(CookieTooLargeError) as caught:
        committed(value, act, **options)
    assert signature == caught.value.size


def test_the_options_of_a_request_count_as_they_are_when_it_ends() -> None:
    sessions = CookieSession(keys=KEYS, max_cookie_size=100)
    session = sessions.open()
    session["a"] = 1
    session.options.path = "/" + "p" * 100
    with pytest.raises(CookieTooLargeError):
        session.commit()

    session.options.path = "/p"
    session["a"] = 1

    assert 2 == len(session.commit())
    assert Written.SAVED is session.written


def test_no_limit_keeps_a_session_from_ending_and_a_bad_signature_from_being_dropped() -> None:
    sessions = CookieSession(keys=KEYS, max_cookie_size=1)
    session = sessions.open()
    session.destroy()
    forged = sessions.open("session=x; session.sig=bad")
    forged.get("a")

    assert [2, 1] == [len(session.commit()), len(forged.commit())]


# --- secure over plain HTTP ------------------------------------------------------------------

NOW = [0.0]
LIMITED = CookieSession(keys=KEYS, secure=True, idle_timeout=60, clock=lambda: NOW[0])
SECURE = CookieSession(keys=KEYS, secure=True)
OLD = header({"user": 7}, OLDER)
OURS = cookie_header(SECURE.encode({"user": 7}))
NOT_SENT: dict[str, tuple[CookieSession, str | None, Callable[[Session], object]]] = {
    "saved": (SECURE, None, lambda session: session.update(a=1)),
    "replaced": (SECURE, OURS, lambda session: session.replace({"a": 1})),
    "expired": (SECURE, OURS, lambda session: session.destroy()),
    "re-signed": (SECURE, OLD, dict),
    "repaired": (SECURE, "session=x; session.sig=bad", dict),
    "refreshed": (LIMITED, OURS, dict),
}


@pytest.mark.parametrize(("sessions", "cookies", "act"), NOT_SENT.values(), ids=NOT_SENT)
def test_whatever_a_secure_session_would_send_over_plain_http_is_refused_with_one_warning(
    sessions: CookieSession,
    cookies: str | None,
    act: Callable[[Session], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    plain, https = sessions.open(cookies), sessions.open(cookies, https=True)
    act(plain)
    act(https)

    assert ["a=1"] == plain.commit(["a=1"])
    assert Written.REFUSED is plain.written
    assert [logging.WARNING] == [record.levelno for record in caplog.records]
    assert "trust its X-Forwarded-Proto, or set assume_https=True" in caplog.text
    assert https.commit()
    assert 1 == len(caplog.records)


@pytest.mark.parametrize("act", [lambda _: None, dict], ids=["untouched", "read"])
def test_a_secure_session_that_sends_nothing_is_nothing_to_warn_of(
    act: Callable[[Session], object], caplog: pytest.LogCaptureFixture
) -> None:
    session = SECURE.open(OURS)
    act(session)

    assert [] == session.commit()
    assert Written.NOTHING is session.written
    assert "" == caplog.text


# --- the words -------------------------------------------------------------------------------


def failing(act: Callable[[Session], object], **options: Any) -> Callable[[], object]:
    def run() -> None:
        session = CookieSession(keys=KEYS, **options).open(OLD)
        act(session)
        session.commit()
        session["late"] = 1

    return run


class Later:
    """Something to be awaited."""

    def __await__(self) -> Iterator[None]:
        yield


REMEDIES: dict[str, tuple[type[Exception], str, Callable[[], object]]] = {
    "no key": (ConfigurationError, r"keys=\[newest, ..., oldest\]", CookieSession),
    "keys that are text": (
        ConfigurationError,
        "use secret=",
        lambda: CookieSession(keys=NEWEST),
    ),
    "prefix": (
        ConfigurationError,
        "needs secure=True, path='/' and no domain",
        lambda: CookieSession(keys=KEYS, name="__Host-s"),
    ),
    "max_age of 0": (
        ConfigurationError,
        r"leave it out for a browser-session cookie, call destroy\(\)",
        lambda: CookieSession(keys=KEYS, max_age=0),
    ),
    "an asynchronous check": (
        ConfigurationError,
        r"await the check, then session.destroy\(\)",
        failing(dict, validate=lambda _: Later()),
    ),
    "no middleware": (
        ConfigurationError,
        "wrap it",
        lambda: find_session({}, None, remedy="wrap it"),
    ),
    "a foreign type": (
        SessionEncodeError,
        "store it as str, int, float, bool, None, list or dict",
        failing(lambda session: session.update(a={1})),
    ),
    "a name of a lifetime": (
        SessionEncodeError,
        "stands under a name that idle_timeout and absolute_timeout need",
        failing(lambda session: session.update(_expire=1), idle_timeout=60),
    ),
    "too large": (
        CookieTooLargeError,
        "Keep an id in the session and the data on the server, or drop keys",
        failing(lambda session: session.update(a="x" * 4096)),
    ),
    "too late": (
        SessionCommittedError,
        "Write to the session before the response",
        failing(dict),
    ),
}


@pytest.mark.parametrize(("error", "words", "act"), REMEDIES.values(), ids=REMEDIES)
def test_an_error_says_what_to_do(
    error: type[Exception], words: str, act: Callable[[], object]
) -> None:
    with pytest.raises(error, match=words):
        act()


@pytest.mark.parametrize("key", ["a\nb", "\x1b[2J", "\ud800", "\u2028", "a\r\nSet-Cookie: x=1"])
def test_no_key_of_a_session_breaks_a_line_of_the_log(
    key: str, caplog: pytest.LogCaptureFixture
) -> None:
    for value in ({1}, "x" * 5000):
        session = CookieSession(keys=KEYS).open()
        session[key] = value
        with pytest.raises((SessionEncodeError, CookieTooLargeError)):
            session.commit()

    for record in caplog.records:
        assert record.getMessage().isprintable()


# --- where words go --------------------------------------------------------------------------

SOURCES = [
    path
    for package in (cookiesession_core, cookiesession_adapters)
    for path in sorted(Path(str(package.__file__)).parent.glob("*.py"))
]


def test_every_log_line_goes_through_the_one_logger() -> None:
    loggers = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            assert called not in ("print", "traceback.print_exc", "sys.stderr.write"), path
            if called.startswith("logging."):
                loggers.append((path.name, ast.unparse(node)))

    assert [("wire.py", "logging.getLogger('cookiesession')")] == loggers

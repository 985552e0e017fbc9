"""The exact limits, and messages that say what to do."""

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
    """A codec whose values are not ASCII, with one byte for each character in the header."""

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return str(contents["text"])

    def decode(self, text: str, /) -> dict[str, Any]:
        return {"text": text}


def sizes(set_cookies: list[str]) -> list[int]:
    return [len(each.encode("latin-1")) for each in set_cookies]


def committed(limit: int | None, act: Callable[[Session], object], **options: Any) -> list[str]:
    session = CookieSession(**{"keys": KEYS, "max_cookie_size": limit, **options}).open()
    act(session)
    return session.commit()


def with_options(session: Session, **options: Any) -> None:
    session["a"] = 1
    for name, value in options.items():
        setattr(session.options, name, value)


# --- max_cookie_size -------------------------------------------------------------------------

SIZED: dict[str, tuple[Callable[[Session], object], dict[str, Any]]] = {
    "contents": (lambda session: session.update(text="x" * 5000), {}),
    "no ASCII in the contents": (lambda session: session.update(text="é☃😀" * 500), {}),
    "no ASCII in the header": (lambda session: session.update(text="é" * 1000), {"codec": Latin()}),
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


@pytest.mark.parametrize(("act", "options"), SIZED.values(), ids=SIZED)
def test_a_value_of_exactly_the_limit_is_sent_and_one_byte_more_is_refused(
    act: Callable[[Session], object], options: dict[str, Any]
) -> None:
    set_cookies = committed(None, act, **options)
    size = max(sizes(set_cookies))

    assert set_cookies == committed(size, act, **options)
    with pytest.raises(CookieTooLargeError) as caught:
        committed(size - 1, act, **options)
    assert (size, size - 1) == (caught.value.size, caught.value.limit)


def test_the_signature_cookie_counts_by_itself() -> None:
    act, options = SIZED["a long signature"]
    value, signature = sizes(committed(None, act, **options))

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


def test_no_limit_keeps_a_session_from_ending() -> None:
    session = CookieSession(keys=KEYS, max_cookie_size=31).open()
    session.destroy()

    assert 2 == len(session.commit())


# --- secure over plain HTTP ------------------------------------------------------------------

SECURE = CookieSession(keys=KEYS, secure=True)
OLD = header({"user": 7}, OLDER)
OURS = cookie_header(SECURE.encode({"user": 7}))
LIMITED: dict[str, Any] = {"idle_timeout": 60, "clock": lambda: 0.0}
NOT_SENT: dict[str, tuple[dict[str, Any], str | None, Callable[[Session], object]]] = {
    "saved": ({}, None, lambda session: session.update(a=1)),
    "replaced": ({}, OURS, lambda session: session.replace({"a": 1})),
    "expired": ({}, OURS, lambda session: session.destroy()),
    "re-signed": ({}, OLD, dict),
    "refreshed": (LIMITED, OURS, dict),
}


@pytest.mark.parametrize(("options", "cookies", "act"), NOT_SENT.values(), ids=NOT_SENT)
def test_a_secure_session_sends_nothing_over_plain_http_and_warns_once(
    options: dict[str, Any],
    cookies: str | None,
    act: Callable[[Session], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Made anew, because a configuration logs a renewal only once.
    sessions = CookieSession(keys=KEYS, secure=True, **options)
    plain, https = sessions.open(cookies), sessions.open(cookies, https=True)
    act(plain)
    act(https)

    assert ["a=1"] == plain.commit(["a=1"])
    assert Written.REFUSED is plain.written
    assert [logging.WARNING] == [record.levelno for record in caplog.records]
    assert "the session cookie 'session' was not sent" in caplog.text
    assert "trust its X-Forwarded-Proto, or set assume_https=True" in caplog.text
    assert https.commit()
    assert 1 == len(caplog.records)


@pytest.mark.parametrize("act", [lambda _: None, dict], ids=["untouched", "read"])
@pytest.mark.parametrize("cookies", [OURS, "session=x; session.sig=bad"], ids=["good", "bad"])
def test_a_secure_session_with_nothing_to_send_does_not_warn(
    cookies: str, act: Callable[[Session], object], caplog: pytest.LogCaptureFixture
) -> None:
    session = SECURE.open(cookies)
    act(session)

    assert [] == session.commit()
    assert Written.NOTHING is session.written
    assert [] == [record for record in caplog.records if record.levelno > logging.INFO]


# --- the messages -------------------------------------------------------------------------------


def failing(act: Callable[[Session], object], **options: Any) -> Callable[[], object]:
    def run() -> None:
        session = CookieSession(keys=KEYS, **options).open(OLD)
        act(session)
        session.commit()
        session["late"] = 1

    return run


class Later:
    """An awaitable."""

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
    "a key of a lifetime": (
        SessionEncodeError,
        "has a key that idle_timeout and absolute_timeout need",
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


# --- the logger --------------------------------------------------------------------------

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

    assert [("log.py", "logging.getLogger('cookiesession')")] == loggers

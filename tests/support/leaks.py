"""A watch over the whole suite: no message, log line or exception shows a secret.

Secrets are keys, signatures, cookie values and the contents of sessions. The watch learns each
secret when a test makes it. It collects every text of the library: records of its logger, its
errors with their causes, and its warnings. After each test it compares the two. The test fails if
a text shows a secret, or the first characters of one. The output of a server process is compared
when the process ends.

This is a plugin of pytest, so that README and documentation are watched, too.
"""

from __future__ import annotations

import ast
import base64
import binascii
import json
import logging
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import currently_in_test_context

import cookiesession_adapters
import cookiesession_core
from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_core import (
    ConfigurationWarning,
    CookieLifetimeWarning,
    CookieNameWarning,
    CookieSession,
    CookieSessionError,
    JSONCodec,
    JSONFormat,
    Keygrip,
    Session,
    SessionEncodeError,
    WeakKeyWarning,
)
from cookiesession_core.keys import PUBLISHED_KEYS
from cookiesession_core.signed_pair import FastPair
from cookiesession_core.unsigned_cookie import UnsignedCookie
from tests.support import keys, servers
from tests.support.user_agent import CookieJar

SHORTEST, PREFIX, KEY_PREFIX = 8, 16, 24
"""Lengths: of the shortest secret, and of the first characters that betray a longer one.

Keys in tests and documentation are made of words, so keys need more characters.
"""

WARNINGS = (WeakKeyWarning, ConfigurationWarning, CookieLifetimeWarning, CookieNameWarning)
"""Every warning of the library."""


class Watch:
    """The secrets that are in use, and the texts that must not show them."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        """First characters of permanent secrets: keys, signatures, cookie values."""
        self.contents: set[str] = set()
        """Contents of sessions, and secrets so short that a word of another test may equal them."""
        self.constants: set[str] = set()
        """First characters of the contents in the tests' own tables."""
        self.texts: list[str] = []
        self.errors: list[BaseException] = []
        self.learn(keys.CANARY)

    # --- secrets ---

    def learn(self, text: str, prefix: int = PREFIX) -> None:
        """Take a key, a signature or a cookie value for a secret."""
        if len(text) >= PREFIX and not currently_in_test_context():
            self.secrets.add(text[:prefix])
        elif len(text) >= SHORTEST:
            self.contents.add(text[:prefix])

    def learn_cookies(self, header: object) -> None:
        """Learn every value of a Cookie header, or of a header field if it is one."""
        if isinstance(header, (tuple, list)) and header and header[0] in ("cookie", b"cookie"):
            header = header[1]
        if not isinstance(header, (str, bytes)):
            return  # a test of refused values
        text = header.decode("latin-1") if isinstance(header, bytes) else str(header)
        for pair in text.split(";"):
            self.learn(pair.partition("=")[2].strip(' "'))

    def learn_set_cookie(self, line: str) -> None:
        """Learn the value of a Set-Cookie header."""
        self.learn_cookies(line.partition(";")[0])

    def learn_contents(self, contents: object) -> None:
        """Take the texts that a session holds for secrets, but not the names they have."""
        # Not by recursion: some tests nest without end, or in a circle.
        left, seen = [contents], set[int]()
        while left:
            value = left.pop()
            if isinstance(value, str):
                if len(value) >= SHORTEST:
                    self.contents.add(value[:PREFIX])
            elif isinstance(value, (Mapping, list, tuple)) and id(value) not in seen:
                seen.add(id(value))
                left.extend(value.values() if isinstance(value, Mapping) else value)

    # --- texts ---

    def found(self, text: str, *, contents: bool = True) -> list[str]:
        """Return the beginnings of secrets that a text shows."""
        held = self.contents | self.constants if contents else set()
        return [
            text[start:end]
            for start in range(len(text) - SHORTEST + 1)
            for end in range(start + SHORTEST, min(start + KEY_PREFIX, len(text)) + 1)
            if (text[start:end] in self.secrets or text[start:end] in held)
            and text[start:end] not in own_words()
        ]

    def close(self) -> list[str]:
        """Return the texts since the last call that show a secret, and begin anew."""
        texts = [*self.texts, *(text for error in self.errors for text in told_by(error))]
        # A path is made of keys, and a key may equal a text that the session holds.
        paths = [error.path for error in self.errors if isinstance(error, SessionEncodeError)]
        shown = {text: text for text in texts}
        for path in paths:
            for spelling in (path, repr(path)[1:-1]):
                shown = {text: rest.replace(spelling, "") for text, rest in shown.items()}
        leaks = [text for text, rest in shown.items() if self.found(rest)]
        self.texts.clear()
        self.errors.clear()
        self.contents.clear()
        return leaks


@cache
def own_words() -> str:
    """Return every text in the library's code, which is no secret.

    Hypothesis reads the code, too, and lets sessions hold words of our messages.
    """
    return "\n".join(
        node.value
        for package in (cookiesession_core, cookiesession_adapters)
        for path in Path(str(package.__file__)).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def told_by(error: BaseException | None) -> Iterator[str]:
    """Return the texts of a traceback: of an error, and of the errors it was raised from."""
    while error is not None:
        yield "".join(traceback.format_exception_only(type(error), error))
        yield repr(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


watch = Watch()


class Collector(logging.Handler):
    """Hands every record of the library's logger to the watch."""

    def emit(self, record: logging.LogRecord) -> None:
        watch.texts.append(f"{record.getMessage()} {record.args!r} {record.stack_info}")
        if record.exc_info and record.exc_info[1]:
            watch.errors.append(record.exc_info[1])


def pytest_configure() -> None:
    """Begin to learn and to collect."""
    logger = logging.getLogger("cookiesession")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(Collector())
    when_made(Keygrip, lambda keys=(), *_, **__: learn_keys(keys))
    when_made(IronSession, lambda password=None, *_, **__: learn_keys(password))
    when_made(CookieSession, lambda *_, **options: learn_keys(options.get("secret")))
    after(CookieSessionError, "__init__", lambda error, *_: watch.errors.append(error))
    for warning in WARNINGS:
        after(warning, "__init__", lambda warning, *_: watch.errors.append(warning))
    after(JSONCodec, "encode", lambda _, contents: watch.learn_contents(contents))
    for kind in (FastPair, JSONFormat):
        after(kind, "payload", lambda _, contents: watch.learn_contents(contents.contents))
    for bound in (UnsignedCookie, FastPair):
        after(bound, "_decoded", lambda _, value, __: learn_value(value))
    after(Session, "_commit", lambda session: watch.learn_contents(session._data))
    after(CookieJar, "store", lambda _, line, *__, **___: watch.learn_set_cookie(line))
    before_open(CookieSession)
    with_result(Session, "commit", learn_set_cookies)
    with_result(CookieSession, "encode", lambda cookies: [*map(watch.learn, cookies.values())])
    servers.ended.append(check_output)


def when_made(owner: type, note: Callable[..., object]) -> None:
    """Let ``note`` know the arguments of a constructor, without a frame of ours around the call."""

    def make(cls: type, *arguments: Any, **options: Any) -> Any:
        note(*arguments, **options)
        return object.__new__(cls)

    owner.__new__ = make  # type: ignore[method-assign,assignment]


def after(owner: type, name: str, note: Callable[..., object]) -> None:
    """Let ``note`` know the arguments of each call of a method."""
    method = getattr(owner, name)

    @wraps(method)
    def noting(*arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        finally:
            note(*arguments, **options)

    setattr(owner, name, noting)


def before_open(owner: type[CookieSession]) -> None:
    """Learn the cookies of each request, without reading them before the session does."""
    method = owner.open

    def noted(header: Any) -> Any:
        if isinstance(header, Iterator):
            return noted_each(header)
        if isinstance(header, Mapping):
            header_of_mapping = "; ".join(f"{name}={value}" for name, value in header.items())
            watch.learn_cookies(header_of_mapping)
            return header
        if isinstance(header, (str, bytes)):
            watch.learn_cookies(header)
        elif isinstance(header, Iterable):
            for part in header:
                watch.learn_cookies(part)
        return header

    def noted_each(parts: Iterable[str | bytes]) -> Iterator[str | bytes]:
        for part in parts:
            watch.learn_cookies(part)
            yield part

    @wraps(method)
    def open_noting(
        self: CookieSession, cookie_header: Any = None, *arguments: Any, **options: Any
    ) -> Session:
        return method(self, noted(cookie_header), *arguments, **options)

    setattr(owner, "open", open_noting)  # noqa: B010 - it stands in for any signature


def with_result(owner: type, name: str, note: Callable[[Any], object]) -> None:
    """Let ``note`` know the result of each call of a method."""
    method = getattr(owner, name)

    @wraps(method)
    def noting(*arguments: Any, **options: Any) -> Any:
        result = method(*arguments, **options)
        note(result)
        return result

    setattr(owner, name, noting)


def learn_set_cookies(set_cookies: list[str]) -> None:
    """Learn the cookies that a response sets."""
    for value in set_cookies:
        watch.learn_set_cookie(value)


def learn_keys(given: Any) -> None:
    """Learn signing keys or passwords; not those that everybody knows."""
    if isinstance(given, Mapping):
        given = [*given.values()]
    for key in given if isinstance(given, (list, tuple)) else [given]:
        data = key.encode("utf-8", "replace") if isinstance(key, str) else key
        if isinstance(data, bytes) and data not in PUBLISHED_KEYS:
            watch.learn(data.decode("utf-8", "replace"), KEY_PREFIX)


def learn_value(text: str) -> None:
    """Learn a cookie value and its contents."""
    watch.learn(text)
    try:
        watch.learn_contents(json.loads(base64.b64decode(text)))
    except (ValueError, RecursionError, binascii.Error):
        return


def check_output(output: str, env: Mapping[str, str]) -> None:
    """Fail when a server process has printed a secret; contents only by the canary in them."""
    for name in ("COOKIESESSION_KEYS", "SESSION_OPTIONS"):
        learn_keys(re.findall(r"[^\"\\,:\[\]{}\n]{20,}", env.get(name, "")))
    for line in output.splitlines():
        found = watch.found(line, contents=False)
        assert not found, f"a server has printed a secret that begins with {found[0][:4]}..."


def pytest_collection_finish() -> None:
    """Keep the secrets of the tests' own tables."""
    watch.constants |= watch.contents


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Iterator[None]:
    """Begin anew with each test."""
    watch.close()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Fail a test in which a text of the library has shown a secret."""
    result = yield
    leaks = watch.close()
    assert not leaks, f"shown by a message, a log line or an exception: {leaks}"
    return result

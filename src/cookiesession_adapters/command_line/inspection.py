"""What the core reads in a pasted text."""

from __future__ import annotations

from itertools import product
from typing import Any
from urllib.parse import unquote

import attrs

from cookiesession_core import (
    BoundFormat,
    Outcome,
    Reading,
    RequestCookies,
    SignedPair,
    Timestamps,
    request_cookies,
    split_timestamps,
)

from .browser import Verdict, judge
from .paste import Paste, Source
from .settings import KEYS_VARIABLE, Settings

VERIFIED, REFUSED, USAGE_ERROR, NOTHING_FOUND, NOT_CHECKED = range(5)
"""Exit statuses."""


@attrs.frozen
class Inspection:
    """The facts about one session."""

    source: Source
    settings: Settings
    now: float
    """Seconds since the epoch."""
    header: str = attrs.field(repr=False)
    """The Cookie header that a browser sends, or would send."""
    cookies: RequestCookies = attrs.field(repr=False)
    """The cookies in that header."""
    outcome: Outcome
    """What a server with these settings finds in it."""
    key_index: int | None
    value: str | None = attrs.field(repr=False)
    """The session cookie's value: the one that verifies, else the first."""
    contents: dict[str, Any] | None = attrs.field(repr=False)
    """What the cookie holds, verified or not, with the timestamps of its lifetime."""
    verdicts: tuple[Verdict, ...]
    """On the Set-Cookie values of the session and its signature."""

    @property
    def name(self) -> str:
        """The session cookie's name."""
        return self.settings.name

    @property
    def signature_name(self) -> str:
        """The name of the cookie with its signature."""
        return f"{self.name}.sig"

    @property
    def size(self) -> int | None:
        """Bytes of the session cookie: its name, ``=`` and its value."""
        return None if self.value is None else len(self.name) + 1 + len(self.value)

    @property
    def timestamps(self) -> Timestamps:
        """What the writers of the session noted about its lifetime."""
        return split_timestamps(self.contents or {})[1]

    @property
    def is_deletion(self) -> bool:
        """Whether these Set-Cookie values end a session, as ``destroy()`` does."""
        return any(
            each.name == self.name and each.deletes and not each.value for each in self.verdicts
        )

    @property
    def status(self) -> int:
        """The exit status for these facts."""
        if self.outcome is Outcome.ABSENT or self.is_deletion:
            return NOTHING_FOUND
        if not self.settings.keys:
            return NOT_CHECKED
        return VERIFIED if self.outcome is Outcome.LOADED else REFUSED

    @property
    def explanation(self) -> str:
        """The facts in one sentence."""
        if self.is_deletion:
            return "deleted: these values tell the browser to drop the session"
        if self.outcome is Outcome.ABSENT:
            problem = "there is no cookie of this name" if self.value is None else "it is empty"
            return f"NOTHING FOUND: {problem}"
        if not self.settings.keys:
            return f"NOT VERIFIED: no keys were given, in {KEYS_VARIABLE} or by --keys-file"
        keys = len(self.settings.keys)
        if self.outcome is Outcome.UNSIGNED:
            return f"DOES NOT VERIFY: there is no signature, {self.signature_name}, beside it"
        if self.outcome is Outcome.BAD_SIGNATURE:
            who = "the key did not make" if keys == 1 else f"none of the {keys} keys made"
            return f"DOES NOT VERIFY: {who} its signature"
        key = _key(self.key_index or 0, keys)
        if self.outcome is Outcome.EXPIRED:
            return f"EXPIRED: signed with {key}, but its lifetime is over"
        if self.outcome is Outcome.MALFORMED:
            return f"NO SESSION: signed with {key}, but the value is not base64 of a JSON object"
        again = "; a server that reads the session signs it again with the newest"
        return f"verified with {key}{again if self.key_index else ''}"


def inspect(paste: Paste, settings: Settings, now: float) -> Inspection:
    """Return the facts about the session in a paste, whatever the paste holds.

    Raises:
        ConfigurationError: for a wrong option, and nothing else.
    """
    verdicts: tuple[Verdict, ...] = ()
    if paste.source is Source.SET_COOKIE:
        verdicts = tuple(judge(line, now) for line in paste.lines)
        # As in a browser, the last value of a name counts.
        pairs = {each.name: f"{each.name}={each.value}" for each in verdicts if each.name}
        header = "; ".join(pairs.values())
    elif paste.source is Source.VALUE:
        header = "; ".join(f"{settings.name}={line}" for line in paste.lines)
    else:
        header = "; ".join(paste.lines)
    cookies = request_cookies(header)
    signed_pair = settings.format()
    reading = _read(signed_pair, cookies)
    value = _value(signed_pair, cookies)
    return Inspection(
        source=paste.source,
        settings=settings,
        now=now,
        header=header,
        cookies=cookies,
        # The session knows its lifetime; the reading has the timestamps in its contents.
        outcome=settings.sessions_at(now).open(header).outcome,
        key_index=reading.key_index,
        value=value,
        contents=_contents(reading if reading.key_index is not None else _unverified(value)),
        verdicts=tuple(each for each in verdicts if each.name in signed_pair.names),
    )


def is_verified(settings: Settings, cookies: RequestCookies) -> bool:
    """Whether a key of these settings has made one of the signatures."""
    return _read(settings.format(), cookies).key_index is not None


def _read(cookie_format: BoundFormat, cookies: RequestCookies) -> Reading:
    return cookie_format.read(cookies, lambda: 0)  # no lifetime is checked here


def _value(signed_pair: BoundFormat, cookies: RequestCookies) -> str | None:
    name, signature_name = signed_pair.names
    values = cookies.candidates(name)
    for value, signature in product(values, cookies.candidates(signature_name)):
        pair = request_cookies(f"{name}={value}; {signature_name}={signature}")
        if _read(signed_pair, pair).key_index is not None:
            return value
    return values[0] if values else cookies.first(name)


def _unverified(value: str | None) -> Reading:
    cookies = request_cookies({"session": unquote(value or "")})
    return _read(SignedPair(None).bound("session"), cookies)


def _contents(reading: Reading) -> dict[str, Any] | None:
    return reading.contents if reading.outcome is Outcome.LOADED else None


def _key(index: int, keys: int) -> str:
    if keys == 1:
        return "the key"
    if index == 0:
        return f"the newest of {keys} keys"
    return f"key {index + 1} of {keys}, an older one"

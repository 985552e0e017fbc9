"""What the core reads in a pasted text."""

from __future__ import annotations

from itertools import product, takewhile
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
from .foreign import Foreign, foreign
from .formats import COOKIE_SESSION, IRON_SESSION, REACT_ROUTER
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
    joined: str = attrs.field(repr=False)
    """The value, or the values of its chunks."""
    contents: dict[str, Any] | None = attrs.field(repr=False)
    """What the cookie holds, verified or not, with the timestamps of its lifetime."""
    timestamps: Timestamps
    """What the writers of the session noted about its lifetime."""
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
    def foreign(self) -> Foreign | None:
        """What the value is, if it is not in the format of these settings."""
        if self.outcome in _READ:
            return None
        found = foreign(self.joined, self.now)
        is_ours = found is not None and found.format == self.settings.format_name
        return None if is_ours else found

    @property
    def has_pairs(self) -> bool:
        """Whether the signature is in a second cookie."""
        return self.settings.format_name == COOKIE_SESSION

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
    def verdict(self) -> str:
        """The first words of the explanation."""
        if self.is_deletion:
            return "deleted"
        if self.outcome is Outcome.ABSENT:
            return "NOTHING FOUND"
        if not self.settings.keys:
            return "NOT VERIFIED"
        return _VERDICTS.get(self.outcome, "DOES NOT VERIFY")

    @property
    def explanation(self) -> str:
        """The facts in one sentence."""
        colon = "" if self.status == VERIFIED else ":"
        return f"{self.verdict}{colon} {self._reason()}"

    def _reason(self) -> str:
        if self.is_deletion:
            return "these values tell the browser to drop the session"
        if self.outcome is Outcome.ABSENT:
            return "there is no cookie of this name" if self.value is None else "it is empty"
        if not self.settings.keys:
            return f"no keys were given, in {KEYS_VARIABLE} or by --keys-file"
        if self.foreign is not None:
            return f"it is {self.foreign.what}"
        keys = len(self.settings.keys)
        is_seal = self.settings.format_name == IRON_SESSION
        if self.outcome is Outcome.UNSIGNED:
            beside = f", {self.signature_name}, beside it" if self.has_pairs else " in it"
            return f"there is no signature{beside}"
        if self.outcome is Outcome.BAD_SIGNATURE:
            who = "the key did not make" if keys == 1 else f"none of the {keys} keys made"
            return f"{who} {'this seal' if is_seal else 'its signature'}"
        key = _key(self.key_index or 0, keys)
        made = "sealed" if is_seal else "signed"
        if self.outcome is Outcome.EXPIRED:
            return f"{made} with {key}, but its lifetime is over"
        if self.outcome is Outcome.MALFORMED:
            problem = "it holds no" if is_seal else "the value is not base64 of a"
            return f"{made} with {key}, but {problem} JSON object"
        verb = "seals" if is_seal else "signs"
        again = f"; a server that reads the session {verb} it again with the newest"
        return f"with {key}{again if self.key_index else ''}"


_READ = (Outcome.LOADED, Outcome.ABSENT, Outcome.EXPIRED)
_VERDICTS = {
    Outcome.LOADED: "verified",
    Outcome.EXPIRED: "EXPIRED",
    Outcome.MALFORMED: "NO SESSION",
}


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
    settings = settings.for_cookies(cookies)
    bound = settings.format()
    reading = _read(bound, cookies)
    value = _value(bound, cookies)
    if reading.key_index is None:
        reading = _unverified(value or "", now)
    contents = reading.contents if reading.outcome is Outcome.LOADED else None
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
        joined=value or "".join(takewhile(bool, map(cookies.get, bound.leftovers))),
        contents=contents,
        timestamps=reading.timestamps or split_timestamps(contents or {})[1],
        verdicts=tuple(each for each in verdicts if each.name in bound.names + bound.leftovers),
    )


def is_verified(settings: Settings, cookies: RequestCookies) -> bool:
    """Whether a key of these settings has made one of the signatures."""
    return _read(settings.format(), cookies).key_index is not None


def _read(cookie_format: BoundFormat, cookies: RequestCookies) -> Reading:
    return cookie_format.read(cookies, lambda: 0)  # no lifetime is checked here


def _value(bound: BoundFormat, cookies: RequestCookies) -> str | None:
    candidates = [cookies.candidates(name) for name in bound.names]
    for values in product(*candidates):
        pairs = zip(bound.names, values, strict=True)
        one_of_each = request_cookies("; ".join(f"{name}={value}" for name, value in pairs))
        if _read(bound, one_of_each).key_index is not None:
            return values[0]
    return candidates[0][0] if candidates[0] else cookies.first(bound.names[0])


def _unverified(value: str, now: float) -> Reading:
    """Return what a value holds whose signature does not count, if it is in a format of ours."""
    found = foreign(value, now)
    if found is not None and found.format != REACT_ROUTER:
        return Reading(Outcome.MALFORMED)
    # React Router has the signature behind a full stop.
    decoded = unquote(unquote(value))
    text = decoded if found is None else decoded.partition(".")[0]
    return _read(SignedPair(None).bound("session"), request_cookies({"session": text}))


def _key(index: int, keys: int) -> str:
    if keys == 1:
        return "the key"
    if index == 0:
        return f"the newest of {keys} keys"
    return f"key {index + 1} of {keys}, an older one"

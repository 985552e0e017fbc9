"""What the core says of a session that was pasted."""

from __future__ import annotations

import warnings
from typing import Any

import attrs

from cookiesession_core import (
    CookieSession,
    JSONCodec,
    Outcome,
    Stamp,
    WeakKeyWarning,
    find_cookie,
    unstamped,
)

from .browser import Ruling, rule
from .evidence import Evidence, Source
from .settings import KEYS_VARIABLE, Settings

VERIFIED, REFUSED, USAGE_ERROR, NOTHING_FOUND, NOT_CHECKED = range(5)
"""Exit statuses."""


@attrs.frozen
class Inspection:
    """The facts of one session."""

    source: Source
    settings: Settings
    now: float
    """Seconds since the epoch."""
    header: str = attrs.field(repr=False)
    """The Cookie header that a browser sends, or would send."""
    outcome: Outcome
    """What a server with these settings finds in it."""
    key_index: int | None
    text: str | None = attrs.field(repr=False)
    """The session cookie's value: the one that verifies, else the first."""
    rulings: tuple[Ruling, ...]
    """On the Set-Cookie lines of the session and its signature."""

    @property
    def name(self) -> str:
        """The session cookie's name."""
        return self.settings.name

    @property
    def signature_name(self) -> str:
        """The name of the cookie with its signature."""
        return f"{self.name}.sig"

    @property
    def octets(self) -> int | None:
        """The size of the session cookie: of its name, ``=`` and its value."""
        return None if self.text is None else len(self.name) + 1 + len(self.text)

    @property
    def contents(self) -> dict[str, Any] | None:
        """What the cookie holds, verified or not, with the stamp of its lifetime."""
        try:
            return JSONCodec().decode(self.text or "")
        except ValueError:
            return None

    @property
    def stamp(self) -> Stamp:
        """What its writers noted of its lifetime."""
        return unstamped(self.contents or {})[1]

    @property
    def is_deletion(self) -> bool:
        """Whether these Set-Cookie lines end a session, as ``destroy()`` does."""
        return any(
            each.name == self.name and each.deletes and not each.value for each in self.rulings
        )

    @property
    def status(self) -> int:
        """The exit status that says it."""
        if self.outcome is Outcome.ABSENT or self.is_deletion:
            return NOTHING_FOUND
        if not self.settings.keys:
            return NOT_CHECKED
        return VERIFIED if self.outcome is Outcome.LOADED else REFUSED

    @property
    def explanation(self) -> str:
        """The facts in one sentence."""
        if self.is_deletion:
            return "deleted: these lines tell the browser to drop the session"
        if self.outcome is Outcome.ABSENT:
            return "NOTHING FOUND: there is no cookie of this name"
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
            return f"EXPIRED: signed by {key}, but its lifetime is over"
        if self.outcome is Outcome.MALFORMED:
            problem = "is no base64 of a JSON object" if self.text else "is empty"
            return f"NO SESSION: signed by {key}, but the value {problem}"
        again = "; a server signs it by the newest when it is touched" if self.key_index else ""
        return f"verified by {key}{again}"


def inspect(evidence: Evidence, settings: Settings, now: float) -> Inspection:
    """Return the facts of the session in ``evidence``, whatever that is.

    Raises:
        ConfigurationError: for a wrong option, and nothing else.
    """
    rulings: tuple[Ruling, ...] = ()
    if evidence.source is Source.SET_COOKIE:
        rulings = tuple(rule(line, now) for line in evidence.lines)
        # As in a browser, the last one of a name counts.
        pairs = {each.name: f"{each.name}={each.value}" for each in rulings if each.name}
        header = "; ".join(pairs.values())
    elif evidence.source is Source.VALUE:
        header = "; ".join(f"{settings.name}={line}" for line in evidence.lines)
    else:
        header = "; ".join(evidence.lines)
    sessions = sessions_for(settings, now)
    session = sessions.open(header)
    names = settings.name, f"{settings.name}.sig"
    return Inspection(
        source=evidence.source,
        settings=settings,
        now=now,
        header=header,
        outcome=session.outcome,
        key_index=session.key_index,
        text=_text(sessions, header),
        rulings=tuple(each for each in rulings if each.name in names),
    )


def sessions_for(settings: Settings, now: float) -> CookieSession:
    """Return the core's configuration at a fixed time, without a word on weak keys."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakKeyWarning)
        return settings.sessions(lambda: now)


def values_of(header: str, name: str) -> list[str]:
    """Return the values of all cookies of one name."""
    found = (find_cookie(part, name) for part in header.split(";"))
    return [value for value in found if value is not None]


def _text(sessions: CookieSession, header: str) -> str | None:
    values = values_of(header, sessions.name)
    signatures = "; ".join(
        f"{sessions.name}.sig={each}" for each in values_of(header, f"{sessions.name}.sig")
    )
    verified = (
        value
        for value in values
        if sessions.open(f"{sessions.name}={value}; {signatures}").key_index is not None
    )
    return next(verified, values[0] if values else None)


def _key(index: int, keys: int) -> str:
    if keys == 1:
        return "the key"
    if index == 0:
        return f"the newest of {keys} keys"
    return f"key {index + 1} of {keys}, an older one"

"""Any request, through a session, to its response.

An input is a request and the acts of an application with its session:

    P25          a setting of SETTINGS, then operations of OPERATIONS: one byte each
    a=1; session=...
                 an empty line: the header comes in several parts
    @{"a": 1}    JSON that becomes a correctly signed pair of cookies
    %{"a": 1}    the same, percent-encoded

For all of these:

- Nothing raises, except a write after the commit, and a commit that cannot send the
  new contents: too large, or under a key that a lifetime needs.
- The outcome is the one that plain regular expressions and HMACs find in the header. Contents
  come only from a cookie that one of our keys has signed.
- An ended session is not loaded, and the application sees no timestamps.
- A session that is only read is sent only if a lifetime or an older key asks for it, and only
  if the application has not set a cookie of our name. Reading deletes and replaces nothing.
- Every Set-Cookie value of ours is printable ASCII, has one of our two names and the configured
  attributes. Values of others stay, in order. A second commit gives the same values.
- The next request loads what was sent, equal, and sends nothing.
- No log line and no exception shows a cookie, a signature or a key.
"""

from __future__ import annotations

import base64
import hmac
import logging
import re
import warnings
from collections.abc import Callable
from itertools import product
from typing import Any
from urllib.parse import quote

import attrs
from typing_extensions import Self

from cookiesession_core import (
    CookieNameWarning,
    CookieSession,
    CookieSessionError,
    CookieTooLargeError,
    JSONCodec,
    Keygrip,
    Outcome,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    Written,
)
from tests.support.cookies import cookie_header
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER

NOW = 1705321845.678
"""Seconds since the epoch, for all settings."""
SKEW = 60_000
"""Milliseconds for which an ended session is still accepted, because clocks differ."""
MAX_CANDIDATES = 4
LIMIT = 4093
RESERVED = {"_expire", "_maxAge", "_session", "$start"}
FOREIGN = ["theme=dark; path=/", "sessions=3; path=/", "Session=x"]
SENT = {Written.SAVED, Written.RESIGNED, Written.REFRESHED, Written.EXPIRED}

codec = JSONCodec()


@attrs.frozen
class Setting:
    """A configuration, and the facts that the test needs of it."""

    sessions: CookieSession
    attributes: frozenset[str]
    """The attributes of every Set-Cookie value, without ``expires``."""
    https: bool = False
    algorithm: str | None = "sha1"
    """``None``: not signed."""
    hexadecimal: bool = False
    has_lifetime: bool = False

    @property
    def name(self) -> str:
        return self.sessions.name

    def signature(self, value: str, key: str) -> str:
        """Sign by nothing but the standard library."""
        digest = hmac.new(key.encode(), f"{self.name}={value}".encode(), self.algorithm or "sha1")
        if self.hexadecimal:
            return digest.hexdigest()
        return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")


def clock() -> float:
    return NOW


def is_welcome(contents: Any) -> bool:
    return "refuse" not in contents


with warnings.catch_warnings():
    warnings.simplefilter("ignore", CookieNameWarning)
    ODDLY_NAMED = CookieSession(
        keys=Keygrip(KEYS, "sha256", "hex"),
        name="a.b*(c)",
        path="/app",
        domain="example.com",
        priority="high",
        same_site="lax",
        max_cookie_size=None,
        clock=clock,
    )

PLAIN = frozenset({"path=/", "httponly"})
SECURE = PLAIN | {"secure"}
SETTINGS = {
    "P": Setting(CookieSession(keys=KEYS, clock=clock), PLAIN),
    "U": Setting(CookieSession(signed=False, clock=clock), PLAIN, algorithm=None),
    "I": Setting(CookieSession(keys=KEYS, idle_timeout=600, clock=clock), PLAIN, has_lifetime=True),
    "A": Setting(
        CookieSession(keys=KEYS, absolute_timeout=3600, clock=clock), PLAIN, has_lifetime=True
    ),
    "B": Setting(
        CookieSession(
            keys=KEYS,
            idle_timeout=600,
            absolute_timeout=3600,
            max_age=86400,
            validate=is_welcome,
            overwrite=False,
            clock=clock,
        ),
        PLAIN,
        has_lifetime=True,
    ),
    "H": Setting(
        CookieSession(keys=KEYS, name="__Host-s", secure=True, same_site="none", clock=clock),
        SECURE | {"samesite=none"},
        https=True,
    ),
    "S": Setting(
        CookieSession(keys=KEYS, secure=True, http_only=False, clock=clock), SECURE | {"path=/"}
    ),
    "K": Setting(
        ODDLY_NAMED,
        frozenset({"path=/app", "domain=example.com", "priority=high", "samesite=lax", "httponly"}),
        algorithm="sha256",
        hexadecimal=True,
    ),
    "V": Setting(
        CookieSession(
            keys=KEYS, validate=is_welcome, overwrite=False, partitioned=True, secure=True
        ),
        SECURE | {"partitioned"},
        https=True,
    ),
}


# --- the acts of the application -------------------------------------------------------------


def change_inside(session: Session) -> None:
    for value in list(session.values()):
        if isinstance(value, list):
            value.append(True)
        elif isinstance(value, dict):
            value["10"] = None


def set_again(session: Session) -> None:
    for key in list(session):
        session[key] = session[key]


def move_to_the_end(session: Session) -> None:
    if session:
        key = next(iter(session))
        session[key] = session.pop(key)


def remove_one(session: Session) -> None:
    if session:
        session.popitem()


def set_max_age(session: Session) -> None:
    session.options.max_age = 60


def use_a_reserved_name(session: Session) -> None:
    session["_expire"] = "the application's own"


def set_by_hand(_: Session) -> None:
    """Set a cookie of the session's name without the session; the request does it."""


READS: dict[str, Callable[[Session], object]] = {
    "0": len,
    "1": lambda session: list(session.items()),
    "2": lambda session: session.is_changed,
    "3": lambda session: session.get("a"),
    "4": Session.copy,
}
OPERATIONS: dict[str, Callable[[Session], object]] = {
    **READS,
    "a": lambda session: session.update(n=1),
    "b": lambda session: session.update({"t": 'ü"\ud800\x00', "1": -0.0}),
    "c": change_inside,
    "d": set_again,
    "e": move_to_the_end,
    "f": remove_one,
    "g": Session.clear,
    "h": Session.destroy,
    "i": lambda session: session.replace({"z": [1e21, 1.0], "2": (), "1": 2**60}),
    "j": lambda session: session.replace({}),
    "k": lambda session: session.replace(session),
    "l": set_max_age,
    "m": use_a_reserved_name,
    "n": lambda session: session.update(large="x" * 3100),
    "o": Session.commit,
    "p": set_by_hand,
}


def chosen(byte: int, table: dict[str, Any]) -> Any:
    """Return the entry of a byte's own letter, or any entry."""
    return table.get(chr(byte)) or list(table.values())[byte % len(table)]


# --- the request -----------------------------------------------------------------------------

_SIGNERS = {b"@": NEWEST, b"&": OLDER, b"!": OTHER, b"%": NEWEST}


def signed_pair(line: bytes, setting: Setting) -> bytes:
    """Return a part of the header; if it begins with a sign, make the pair of that sign."""
    sign, rest = line[:1], line[1:]
    if sign in _SIGNERS:
        value, key = base64.b64encode(rest).decode(), _SIGNERS[sign]
    elif sign == b"#":
        value, key = rest.decode("latin-1"), NEWEST
    else:
        return line
    name, signature = setting.name, setting.signature(value, key)
    if sign == b"%":
        value, signature = quote(value, safe=""), quote(signature, safe="").replace("_", "%5f")
    return f"{name}={value}; {name}.sig={signature}".encode("latin-1")


@attrs.frozen
class Facts:
    """The meaning of a header, found with the keys and without the library."""

    values: list[str]
    signatures: list[str]
    verified: str | None
    """The value that a key of ours has signed; if nothing is signed, the first one."""
    key_index: int | None

    @classmethod
    def of(cls, header: str, setting: Setting) -> Facts:
        named = cookies_named(setting.name, header)
        if setting.algorithm is None:
            values = [value for value in named[:1] if value]
            return cls(values, [], values[0] if values else None, None)
        values = [value for value in named if value][:MAX_CANDIDATES]
        named = cookies_named(f"{setting.name}.sig", header)
        signatures = [text for text in named if text][:MAX_CANDIDATES]
        for value, signature in tried(values, signatures):
            right = [setting.signature(value, key) for key in KEYS]
            if signature in right:
                return cls(values, signatures, value, right.index(signature))
        return cls(values, signatures, None, None)

    def allows(self, outcome: Outcome) -> bool:
        if not self.values:
            return outcome is Outcome.ABSENT
        if self.verified is None:
            wrong = Outcome.BAD_SIGNATURE if self.signatures else Outcome.UNSIGNED
            return outcome is wrong
        return outcome in (Outcome.LOADED, Outcome.MALFORMED, Outcome.EXPIRED, Outcome.REFUSED)


def cookies_named(name: str, header: str) -> list[str]:
    found = re.findall(rf"(?:^|;) *{re.escape(name)}=([^;]*)", header)
    return [value[1:-1] if value[:1] == '"' else value for value in found]


def tried(values: list[str], signatures: list[str]) -> list[tuple[str, str]]:
    """Return the pairs of value and signature, in the order in which they are tried."""
    pairs = list(product(values, signatures))
    if any("%" in text for pair in pairs for text in pair):
        pairs += [(percent_decoded(value), percent_decoded(text)) for value, text in pairs]
    return pairs


def percent_decoded(text: str) -> str:
    """Decode once; each escape stands for one character of latin-1."""
    before, *others = text.split("%")
    for other in others:
        digits = other[:2]
        if len(digits) == 2 and set(digits) <= set("0123456789abcdefABCDEF"):
            before += chr(int(digits, 16)) + other[2:]
        else:
            before += f"%{other}"
    return before


def run(data: bytes) -> None:
    first, _, rest = data.partition(b"\n")
    setting: Setting = chosen(first[0] if first else 0, SETTINGS)
    parts = [signed_pair(part, setting) for part in rest.split(b"\n\n")]
    header = b"; ".join(parts).decode("latin-1")
    facts = Facts.of(header, setting)
    secrets = [*KEYS, *(text for text in (*facts.values, *facts.signatures) if len(text) > 7)]
    with Listener(secrets) as listener:
        try:
            Request(setting, parts, facts).perform(first[1:])
        except CookieSessionError as error:
            listener.check(str(error))
            raise


class Listener(logging.Handler):
    """Reads every log line of the library, and raises if one shows a secret."""

    logger = logging.getLogger("cookiesession")

    def __init__(self, secrets: list[str]) -> None:
        super().__init__()
        self.secrets = secrets

    def __enter__(self) -> Self:
        self.logger.addHandler(self)
        self.before = self.logger.level, self.logger.propagate
        self.logger.setLevel(logging.DEBUG)
        self.logger.propagate = False
        return self

    def __exit__(self, *_: object) -> None:
        self.logger.removeHandler(self)
        self.logger.level, self.logger.propagate = self.before

    def emit(self, record: logging.LogRecord) -> None:
        self.check(record.getMessage())

    def check(self, message: str) -> None:
        assert not any(secret in message for secret in self.secrets)


class Request:
    """One request, and the one that follows it."""

    def __init__(self, setting: Setting, parts: list[bytes], facts: Facts) -> None:
        self.setting = setting
        self.facts = facts
        self.session = setting.sessions.open(parts, https=setting.https)
        self.existing = list(FOREIGN)
        self.by_hand = f"{setting.name}=by hand; path=/old"
        self.committed = False
        self.written_to = False
        self.sent = ""
        """The contents as they were at the commit; lists in them may change later, unnoticed."""

    def perform(self, operations: bytes) -> None:
        for byte in operations:
            self.apply(chosen(byte, OPERATIONS))
        set_cookies = self.commit(self.existing)
        self.check_set_cookies(set_cookies)
        self.check_reading()
        if self.session.written in SENT:
            self.check_next_request(set_cookies)

    def apply(self, operation: Callable[[Session], object]) -> None:
        if operation is Session.commit:
            self.commit([])
            return
        if operation is set_by_hand:
            self.existing.append(self.by_hand)
            return
        try:
            operation(self.session)
        except SessionCommittedError:
            assert self.committed
        else:
            self.written_to |= operation not in READS.values()

    def commit(self, existing: list[str]) -> list[str]:
        try:
            set_cookies = self.session.commit(existing)
        except CookieTooLargeError as error:
            assert self.written_to
            assert error.size > LIMIT  # noqa: PT017 - it is not the only one that may be raised
        except SessionEncodeError:
            assert self.written_to
            assert self.setting.has_lifetime
            assert RESERVED & set(self.session)
        else:
            if not self.committed:
                self.committed = True
                self.sent = codec.encode(dict(self.session)) if self.session.accessed else ""
            assert set_cookies == self.session.commit(existing)
            return set_cookies
        # An error page can go out now, without the session's cookies.
        assert self.session.written is Written.REFUSED
        assert existing == self.session.commit(existing)
        self.committed = True
        return existing

    def check_set_cookies(self, set_cookies: list[str]) -> None:
        setting, written = self.setting, self.session.written
        if written not in SENT:
            assert self.existing == set_cookies
            return
        own = set_cookies[len(FOREIGN) :]
        assert set_cookies[: len(FOREIGN)] == FOREIGN
        if self.by_hand in self.existing:
            assert written in (Written.SAVED, Written.EXPIRED)
            assert self.session.options.overwrite == (self.by_hand not in own)
            own = [each for each in own if each != self.by_hand]
        names = [setting.name, f"{setting.name}.sig"] if setting.algorithm else [setting.name]
        assert names == [each.partition("=")[0] for each in own]
        for each in own:
            assert re.fullmatch(r"[\x20-\x7e]+", each)
            _, *attributes = each.split("; ")
            assert len(attributes) == len(set(attributes))
            for attribute in attributes:
                assert attribute in setting.attributes or re.fullmatch(
                    r"expires=[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", attribute
                )

    def check_reading(self) -> None:
        """Check the outcome of reading, at the end: asking for the outcome touches the session."""
        session, facts = self.session, self.facts
        outcome = session.outcome
        assert facts.allows(outcome)
        verified = outcome is Outcome.LOADED
        assert not verified or session.key_index == facts.key_index
        if facts.verified is None or not verified:
            assert not verified
            assert self.written_to or session.written is Written.NOTHING
            return
        contents = codec.decode(facts.verified)
        if self.setting.has_lifetime:
            end = contents.get("_expire")
            if isinstance(end, (int, float)) and not isinstance(end, bool) and end >= 0:
                assert end + SKEW >= int(NOW * 1000)
            contents = {key: value for key, value in contents.items() if key not in RESERVED}
        if not self.written_to:
            assert contents == dict(session)
            asked_for = self.setting.has_lifetime or facts.key_index
            assert session.written is Written.NOTHING or asked_for

    def check_next_request(self, set_cookies: list[str]) -> None:
        """The browser comes back with the cookies that were sent last."""
        setting, session = self.setting, self.session
        jar: dict[str, str] = {}
        for each in set_cookies:
            name, _, value = each.partition(";")[0].partition("=")
            jar[name] = value
            if "expires=Thu, 01 Jan 1970" in each:
                del jar[name]
        names = setting.name, f"{setting.name}.sig"
        jar = {name: value for name, value in jar.items() if name in names}
        if session.written is Written.EXPIRED:
            assert not jar
            return
        following = setting.sessions.open(cookie_header(jar), https=setting.https)
        refused = setting.sessions.decode(jar) is None
        if refused:
            assert following.outcome is Outcome.REFUSED
            assert "refuse" in codec.decode(self.sent)
            return
        assert following.outcome is Outcome.LOADED
        assert following.key_index in (0, None)
        assert self.sent == codec.encode(dict(following))
        assert [] == following.commit()

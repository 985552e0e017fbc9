"""A model of a visitor's browser and of two servers: the rules of the documentation, again.

Nothing in here signs, encodes or parses. A session cookie is the JSON that it holds. A signature
cookie is the JSON and the key that signed it.
"""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import attrs

from cookiesession_core import Outcome, Written

RESERVED = ("_expire", "_maxAge", "_session", "$start")
SKEW = 60_000
SIGNATURE_LENGTH = 27
MAX_PAIR_BYTES = 4096
GONE = len("; expires=Thu, 01 Jan 1970 00:00:00 GMT")


def as_text(payload: Any) -> str | None:
    """Return the JSON of a payload, ``None`` if JSON cannot hold it."""
    try:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    except TypeError:
        return None


def base64_length(text: str) -> int:
    """Return how many characters the base64 of ``text`` has."""
    return 4 * math.ceil(len(text.encode()) / 3)


@attrs.frozen
class Value:
    """The content of the session cookie: JSON, or ``None`` if no server wrote it."""

    text: str | None
    expires: float


@attrs.frozen
class Signature:
    """The content of the signature cookie."""

    text: str | None
    key: str
    expires: float


@attrs.define
class Browser:
    """The two cookies of the visitor; either may be missing."""

    value: Value | None = None
    signature: Signature | None = None

    def sees(self, now: float) -> tuple[Value | None, Signature | None]:
        """Return the cookies that a request would carry."""
        return (
            self.value if self.value and self.value.expires > now else None,
            self.signature if self.signature and self.signature.expires > now else None,
        )

    def store(self, value: Value, now: float) -> None:
        """Take a session cookie; one that has expired takes the old one away.

        One that is too large is ignored, and the old one stays.
        """
        if len("session") + base64_length(value.text or "") > MAX_PAIR_BYTES:
            return
        self.value = value if value.expires > now else None

    def store_signature(self, signature: Signature, now: float) -> None:
        """Take a signature cookie."""
        self.signature = signature if signature.expires > now else None


@attrs.frozen
class Settings:
    """How a server is configured, besides its keys; all durations in seconds."""

    max_age: float | None = None
    idle_timeout: float | None = None
    absolute_timeout: float | None = None
    max_cookie_size: int | None = None
    overwrite: bool = True

    @property
    def limits_life(self) -> bool:
        """Whether the server enforces a lifetime."""
        return self.idle_timeout is not None or self.absolute_timeout is not None


@attrs.define
class Request:
    """One request at one server, from its Cookie header to its Set-Cookie headers."""

    settings: Settings
    keys: tuple[str, ...]
    value: Value | None
    signature: Signature | None
    now: float
    """The time of the server's clock; the test moves it."""
    state: str = "untouched"
    """``untouched``, ``read``, ``replaced`` or ``destroyed``."""
    outcome: Outcome | None = None
    """``None`` until the cookies have been read."""
    key_index: int | None = None
    found: dict[str, Any] = attrs.field(factory=dict)
    """The contents that the client sent."""
    contents: dict[str, Any] = attrs.field(factory=dict)
    timestamps: dict[str, float] = attrs.field(factory=dict)
    resends: bool = False
    """The application has asked to send the session in any case."""
    is_ahead: bool = False
    """Whether the timestamps come from the future."""
    failed: bool = False
    """A commit has failed, and nothing was written since."""

    # --- the view of the application ---------------------------------------------------------

    def read(self) -> Outcome:
        """Read the cookies, once."""
        if self.outcome is None:
            self.outcome = self._verify()
        return self.outcome

    def _verify(self) -> Outcome:
        if self.value is None:
            return Outcome.ABSENT
        if self.signature is None:
            return Outcome.UNSIGNED
        if not (self.value.text == self.signature.text and self.signature.key in self.keys):
            return Outcome.BAD_SIGNATURE
        self.key_index = self.keys.index(self.signature.key)
        payload = json.loads(str(self.value.text))
        if self.settings.limits_life:
            self.timestamps = {name: payload.pop(name) for name in RESERVED if name in payload}
            if int(self.now * 1000) > self._end() + SKEW:
                return Outcome.EXPIRED
            self.is_ahead = self._is_ahead()
            if self.is_ahead:
                self._bring_back()
        self.found = payload
        return Outcome.LOADED

    def touch(self) -> None:
        """Load the session."""
        if self.state == "untouched":
            self.read()
            self.state, self.contents = "read", copy.deepcopy(self.found)

    def write(self) -> None:
        """Note that the application writes."""
        self.touch()
        self.failed = False

    def replace(self, contents: dict[str, Any]) -> None:
        """Put other contents in the place of everything."""
        self.contents, self.failed = copy.deepcopy(contents), False
        if self.state != "destroyed":
            self.state = "replaced"

    def destroy(self, *, only_if_sent: bool) -> None:
        """End the session."""
        is_sent = self.value is not None or self.signature is not None
        if self.state != "destroyed":
            self.state = "destroyed" if is_sent or not only_if_sent else "replaced"
        self.contents, self.failed = {}, False

    def resend(self) -> None:
        """Ask to send the session in any case."""
        self.write()
        self.resends = True

    @property
    def is_new(self) -> bool:
        """Whether the contents did not come from the client."""
        return self.state != "read" or self.outcome is not Outcome.LOADED

    @property
    def is_changed(self) -> bool:
        """Whether the client does not have these contents."""
        return self.is_new or as_text(self.contents) != as_text(self.found)

    # --- the response ---

    def commit(self, browser: Browser, now: float, *, by_hand: bool) -> Written | None:
        """Let the browser, whose time is ``now``, take the cookies of the response.

        ``None`` if the commit must raise. With ``by_hand`` the application sets a cookie of our
        name besides.
        """
        written, text = self._decide()
        if by_hand and written in (Written.REFRESHED, Written.RESIGNED):
            written = Written.NOTHING
        if by_hand and self.leaves_others(written):
            browser.store(Value(None, math.inf), now)
        expires = math.inf
        if self.settings.max_age is not None:
            expires = math.floor(self.now + self.settings.max_age)
        if written is Written.EXPIRED:
            browser.value = browser.signature = None
        elif written in (Written.SAVED, Written.REFRESHED, Written.RESIGNED):
            browser.store(Value(text, expires), now)
            browser.store_signature(Signature(text, self.keys[0], expires), now)
        return written

    def leaves_others(self, written: Written | None) -> bool:
        """Whether cookies of our name that the application has set stay in the response."""
        overwrites = written in (Written.SAVED, Written.EXPIRED) and self.settings.overwrite
        return written is not None and not overwrites

    def _decide(self) -> tuple[Written | None, str | None]:
        if self.state == "untouched":
            return Written.NOTHING, None
        if self.failed:
            return Written.REFUSED, None
        if self.state == "read" and not self.is_changed:
            return self._send_again()
        if self.contents or (self.state == "read" and self.outcome is Outcome.LOADED):
            return self._save()
        is_known = self.state == "replaced" and self.read() in (Outcome.LOADED, Outcome.EXPIRED)
        is_ended = self.state == "destroyed" or is_known
        return (Written.EXPIRED if is_ended else Written.NOTHING), None

    def _save(self) -> tuple[Written | None, str | None]:
        text = self._sealed()
        if text is None or not self._fits(text):
            self.failed = True
            return None, None
        return Written.SAVED, text

    def _send_again(self) -> tuple[Written | None, str | None]:
        if self.resends or (self.settings.limits_life and self._needs_refresh()):
            written, text = Written.REFRESHED, self._sealed()
        elif self.key_index:
            written, text = Written.RESIGNED, self._sealed(renews=False)
        else:
            return Written.NOTHING, None
        if self._fits(str(text)):
            return written, text
        # A renewal that does not fit is left out, and what the application asked for is an error.
        self.failed = self.resends
        return (None if self.resends else Written.REFUSED), None

    def _fits(self, text: str) -> bool:
        limit = self.settings.max_cookie_size
        longest = max(len("session=") + base64_length(text), len("session.sig=") + SIGNATURE_LENGTH)
        longest += len("; path=/; httponly")
        longest += 0 if self.settings.max_age is None else GONE
        return limit is None or longest <= limit

    # --- lifetimes, in milliseconds ---

    def _sealed(self, *, renews: bool = True) -> str | None:
        """Return the JSON of the contents and of the timestamps."""
        if not self.settings.limits_life:
            return as_text(self.contents)
        if not renews:
            return as_text({**self.contents, **self.timestamps})
        now = int(self.now * 1000)
        start = None if self.is_new else self.timestamps.get("$start")
        if start is None and self.settings.absolute_timeout is not None:
            start = now
        end = int(self._next_end(start, now))
        payload = {**self.contents, "_expire": end, "_maxAge": max(1, end - int(now))}
        if start is not None:
            payload["$start"] = int(start)
        return as_text(payload)

    def _is_ahead(self) -> bool:
        latest = int(self.now * 1000) + SKEW
        written = self.timestamps.get("_expire", 0) - self.timestamps.get("_maxAge", 0)
        return max(written, self.timestamps.get("$start", 0)) > latest

    def _bring_back(self) -> None:
        """Let the session begin now, without an end, so that it is renewed at once."""
        if "$start" in self.timestamps:
            self.timestamps["$start"] = min(self.timestamps["$start"], int(self.now * 1000))
        for name in ("_expire", "_maxAge"):
            self.timestamps.pop(name, None)

    def _end(self) -> float:
        ends = [self.timestamps.get("_expire", math.inf)]
        if self.settings.idle_timeout is not None and "_maxAge" in self.timestamps:
            used = self.timestamps["_expire"] - self.timestamps["_maxAge"]
            ends.append(used + self.settings.idle_timeout * 1000)
        if self.settings.absolute_timeout is not None and "$start" in self.timestamps:
            ends.append(self.timestamps["$start"] + self.settings.absolute_timeout * 1000)
        return min(ends)

    def _next_end(self, start: float | None, now: float) -> float:
        ends = [math.inf]
        if self.settings.idle_timeout is not None:
            ends.append(now + self.settings.idle_timeout * 1000)
        if self.settings.absolute_timeout is not None and start is not None:
            ends.append(start + self.settings.absolute_timeout * 1000)
        return min(ends)

    def _needs_refresh(self) -> bool:
        now = int(self.now * 1000)
        if "_expire" not in self.timestamps:
            return True
        if self.settings.absolute_timeout is not None and "$start" not in self.timestamps:
            return True
        if self.settings.idle_timeout is None:
            return False
        left = self._end() - now
        gains = self._next_end(self.timestamps.get("$start"), now) > self._end()
        if left < self.settings.idle_timeout * 1000 / 2 and gains:
            return True
        if self.settings.max_age is None:
            return False
        used = self.timestamps["_expire"] - self.timestamps["_maxAge"]
        dropped = used + self.settings.max_age * 1000
        return dropped - now < self.settings.max_age * 500 and dropped < self._end()

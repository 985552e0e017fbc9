"""A cookie format that is as unlike the signed pair as the seam allows.

It has one cookie. Each seal holds a random number, so equal contents give different cookies. The
timestamps of a lifetime stand in the seal, outside the contents. An HMAC of its own covers all
of it.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cookiesession_core import (
    Hidden,
    JSONCodec,
    Outcome,
    Payload,
    Reading,
    RequestCookies,
    Timestamps,
)
from cookiesession_core.format import Contents

_codec = JSONCodec()


class ToyFormat:
    """``CookieSession(format=ToyFormat(["newest", "older"]), name="toy")``.

    Args:
        keys: the first key signs, all keys verify.
        defaults: the format's own defaults for cookie attributes.
        old_names: endings of cookie names that an earlier version of the format wrote. Such
            cookies are expired with the next cookie that is sent.
    """

    def __init__(
        self,
        keys: Sequence[str],
        *,
        defaults: Mapping[str, Any] | None = None,
        old_names: Sequence[str] = (),
    ) -> None:
        self.keys = Hidden([key.encode() for key in keys])
        self.defaults: Mapping[str, Any] = defaults or {}
        self.old_names = tuple(old_names)

    def bound(self, name: str, /) -> BoundToy:
        """Return the format for the cookie ``name``."""
        return BoundToy(self, name)


class BoundToy:
    """The toy for the cookies of one name."""

    is_signed = True
    keeps_end = True

    def __init__(self, toy: ToyFormat, name: str) -> None:
        self._toy = toy
        self._name = name
        self.names: tuple[str, ...] = (name,)
        self.leftovers = tuple(name + ending for ending in toy.old_names)

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Return the first session whose HMAC is right."""
        del clock
        values = cookies.candidates(self._name)
        for value in values:
            body, _, code = value.rpartition(".")
            for index, key in enumerate(self._toy.keys.value):
                if hmac.compare_digest(
                    self._code(body, key).encode(), code.encode("latin-1", "replace")
                ):
                    return self._opened(body, index)
        return Reading(Outcome.BAD_SIGNATURE if values else Outcome.ABSENT)

    def payload(self, contents: Contents, /) -> Payload:
        """Return the payload: base64 of JSON."""
        return Payload(_codec.encode(contents.contents), contents.contents)

    def unchanged(self, reading: Reading, payload: Payload, /) -> bool:
        """Compare the payloads, because the seals always differ."""
        return bool(reading.payload == payload.text)

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return ``number.timestamps.payload.code``."""
        times = json.dumps(timestamps.items() if timestamps else {}).encode().hex()
        body = f"{secrets.token_hex(8)}.{times}.{payload.text!s}"
        return (f"{body}.{self._code(body, self._toy.keys.value[0])}",)

    def expired(self) -> tuple[str, ...]:
        """Return an empty value."""
        return ("",)

    def _code(self, body: str, key: bytes) -> str:
        signed = f"{self._name}\n{body}".encode("latin-1", "replace")
        return hmac.new(key, signed, "sha256").hexdigest()

    def _opened(self, body: str, index: int) -> Reading:
        _, times, text = body.split(".")
        items = json.loads(bytes.fromhex(times))
        end, max_age, start = (items.get(key) for key in ("_expire", "_maxAge", "$start"))
        try:
            contents = _codec.decode(text)
        except ValueError as error:
            return Reading(Outcome.MALFORMED, type(error).__name__, key_index=index)
        return Reading(
            Outcome.LOADED,
            contents=contents,
            payload=text,
            key_index=index,
            is_stale=index > 0,
            timestamps=Timestamps(
                start=start,
                written=None if end is None else end - max_age,
                end=end,
                until_browser_closes="_session" in items,
            ),
        )

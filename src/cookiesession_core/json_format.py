"""The part that formats share whose payload is our JSON, as ``JSON.stringify`` writes it."""

from __future__ import annotations

from typing import Any

from .codec import JSONCodec
from .ecma_json import same_contents
from .errors import SessionEncodeError, without_frames
from .format import Contents, Payload, Reading
from .lifetime import RESERVED, START, Timestamps, split_timestamps, take_start
from .state import LOADED, Outcome

_json = JSONCodec()


class JSONFormat:
    """A base for bound formats of one cookie. A subclass finds, verifies and seals the JSON.

    Args:
        name: the name of the cookie.
    """

    is_signed: bool = True
    keeps_end: bool = False
    """Whether the end stands in the seal. The start of a session is a key in any case."""
    leftovers: tuple[str, ...] = ()

    def __init__(self, name: str) -> None:
        self.names: tuple[str, ...] = (name,)

    def payload(self, contents: Contents, /) -> Payload:
        """Serialise contents as JSON.

        Raises:
            SessionEncodeError: when JSON cannot hold them.
        """
        try:
            return Payload(_json.to_json(contents.contents), contents.contents)
        except SessionEncodeError as error:
            raise without_frames(error) from None

    def unchanged(self, reading: Reading, payload: Payload, /) -> bool:
        """Compare the JSON, with the loaded timestamps; if it differs, compare the contents."""
        timestamps = reading.timestamps
        text: Any = payload.text
        loaded: Any = reading.payload
        if timestamps is None:
            if text == loaded:
                return True
        elif append_timestamps(payload, self._members(timestamps)) == loaded:
            return True
        contents = _json.from_json(loaded)
        if self.keeps_end:
            take_start(contents)
        elif timestamps is not None:
            contents, _ = split_timestamps(contents)
        return same_contents(contents, payload.contents) or (
            # JSON writes equal values alike: 1.0 as 1, an enum or Markup as plain text.
            same_contents(contents, payload.contents, exact=False)
            and same_contents(contents, _json.from_json(text))
        )

    def expired(self) -> tuple[str, ...]:
        """Return an empty value."""
        return ("",)

    def loaded(self, json_bytes: bytes, key_index: int | None) -> Reading:
        """Return the reading of JSON that has verified."""
        try:
            contents = _json.from_json(json_bytes)
        except ValueError as error:
            return Reading(Outcome.MALFORMED, type(error).__name__, key_index=key_index)
        reading = Reading(LOADED, "", contents, json_bytes, key_index, bool(key_index))
        if self.keeps_end:
            reading.timestamps = Timestamps(start=take_start(contents))
        return reading

    def with_timestamps(self, payload: Payload, timestamps: Timestamps | None) -> bytes:
        """Return the JSON of a payload, with timestamps as its last members.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
        """
        if self.keeps_end:
            check_reserved(payload, frozenset({START}))
        elif timestamps is not None:
            check_reserved(payload)
        text: Any = payload.text  # not before: the check may raise
        if timestamps is not None:
            text = append_timestamps(payload, self._members(timestamps))
        return text  # type: ignore[no-any-return] # JSON

    def _members(self, timestamps: Timestamps) -> Timestamps:
        return Timestamps(start=timestamps.start) if self.keeps_end else timestamps


def append_timestamps(payload: Payload, timestamps: Timestamps) -> bytes:
    """Append timestamps to the JSON of contents that have no such keys."""
    text: Any = payload.text
    members = timestamps.json_members()
    if not payload.contents:
        members = members[1:]  # without the comma
    json_bytes: bytes = text[:-1] + members + b"}"
    return json_bytes


def check_reserved(payload: Payload, reserved: frozenset[str] = RESERVED) -> None:
    """Refuse contents that use a key that the timestamps need.

    Raises:
        SessionEncodeError: names the key.
    """
    if reserved.isdisjoint(payload.contents):
        return
    name = min(reserved.intersection(payload.contents))
    path, type_name = f"session[{name!r}]", type(payload.contents[name]).__name__
    reason = "has a key that idle_timeout and absolute_timeout need"
    raise SessionEncodeError(path, type_name, reason)

"""A session in one cookie without a signature: the part of the signed pair that needs no key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .codec import Codec, JSONCodec
from .cookies import RequestCookies
from .ecma_json import same_contents
from .errors import ConfigurationError, CookieSessionError, without_frames
from .format import Contents, Payload, Reading
from .hidden import Hidden
from .json_format import check_reserved
from .lifetime import Timestamps, split_timestamps
from .set_cookie import check_value
from .state import LOADED, Outcome


class UnsignedCookie:
    """One cookie without a signature; and the part of the pair that depends only on the codec."""

    __slots__ = ("_codec", "_name", "names")

    is_signed: bool = False
    keeps_end: bool = False
    leftovers: tuple[str, ...] = ()

    def __init__(self, name: str, codec: Codec) -> None:
        self._name = name
        self._codec = codec
        self.names: tuple[str, ...] = (name,)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._name)

    def _parts(self) -> tuple[object, ...]:
        """Return what distinguishes two formats of this type."""
        return self._name, self._codec

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Find and decode the session."""
        del clock
        value = cookies.first(self._name)
        return self._decoded(value, None) if value else Reading(Outcome.ABSENT)

    def payload(self, contents: Contents, /) -> Payload:
        """Serialise contents by the codec.

        Raises:
            SessionEncodeError: when the codec cannot write them.
            ConfigurationError: when a cookie cannot hold the text of the codec.
        """
        try:
            payload = Payload(self._codec.encode(contents.contents), contents.contents)
            if not isinstance(self._codec, JSONCodec):
                _check_codec_text(payload, self._codec)
        except CookieSessionError as error:
            raise without_frames(error) from None
        return payload

    def unchanged(self, reading: Reading, payload: Payload, /) -> bool:
        """Compare the texts; if they differ, compare the contents."""
        if reading.timestamps is None and payload.text == reading.payload:
            return True
        try:
            contents = self._decoded_again(reading.payload)
            if reading.timestamps is not None:
                contents, _ = split_timestamps(contents)
            if same_contents(contents, payload.contents):
                return True
            # A codec may write equal values alike: 1.0 as 1, an enum or Markup as plain text.
            return same_contents(contents, payload.contents, exact=False) and same_contents(
                contents, self._decoded_again(payload.text)
            )
        except Exception:  # noqa: BLE001 - contents that cannot be decoded again count as changed
            return False

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return the value.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
        """
        return (str(self._with_timestamps(payload, timestamps).text),)

    def expired(self) -> tuple[str, ...]:
        """Return an empty value."""
        return ("",)

    def _decoded(self, value: str, key_index: int | None) -> Reading:
        """Decode a value that has verified."""
        try:
            contents: object = self._codec.decode(value)
        except Exception as error:  # noqa: BLE001 - also a user's codec must not fail on input
            return malformed(error, value, key_index)
        if not isinstance(contents, dict):
            reason = f"{type(contents).__name__} in the place of a dict"
            return Reading(Outcome.MALFORMED, reason, key_index=key_index)
        return Reading(
            LOADED,
            contents=contents,
            payload=value,
            key_index=key_index,
            is_stale=bool(key_index),
        )

    def _decoded_again(self, text: Any) -> dict[str, Any]:
        """Decode the text of a payload again, because its contents may have changed since."""
        return self._codec.decode(text)

    def _with_timestamps(self, payload: Payload, timestamps: Timestamps | None) -> Payload:
        if timestamps is None:
            return payload
        check_reserved(payload)
        return self.payload(Contents({**payload.contents, **timestamps.items()}))


def malformed(error: Exception, value: str, key_index: int | None) -> Reading:
    """Return the reading of a value that its codec cannot decode."""
    reasons = filter(None, (type(error).__name__, lookalike([value])))
    return Reading(Outcome.MALFORMED, "; ".join(reasons), key_index=key_index)


_PARTS = 3
"""A session of these libraries has its contents, a time and a signature."""
_SIGNATURE_LENGTH = 27
"""Characters of the shortest of these signatures: HMAC-SHA1 in base64."""
_SESSIONS = {".": "a session of Flask or Starlette", ":": "a session of Django"}
"""What the parts belong to, by the character between them."""


def lookalike(values: Iterable[str]) -> str:
    """Return which library has written one of these values by its looks, for the log.

    The text is empty if none of them looks like that of a known library.
    """
    for value in values:
        text = value.removeprefix(".")  # Flask's and Django's mark of a compressed session
        for separator in ".:":
            parts = text.split(separator, _PARTS)
            if len(parts) == _PARTS and all(parts) and len(parts[-1]) >= _SIGNATURE_LENGTH:
                is_jwt = parts[0][:3] == parts[1][:3] == "eyJ"  # '{"' in base64
                return f"the value looks like {'a JWT' if is_jwt else _SESSIONS[separator]}"
    return ""


def _check_codec_text(payload: Payload, codec: Codec) -> None:
    """Refuse the text of a codec that a client would not send back."""
    name = type(codec).__name__
    try:
        check_value(Hidden(payload.text))
    except ConfigurationError as error:
        message = f"{name}.encode: {error}"
        raise ConfigurationError(message) from None
    text = Hidden(str(payload.text))
    if not text.value or text.value[0] in ' \t"' or text.value[-1] in " \t":
        message = (
            f"{name}.encode returned a cookie value that would not come back: it is empty, has "
            "white space at its ends, or begins with a quote"
        )
        raise ConfigurationError(message)

"""The format of Node's ``cookie-session``: a cookie, and a second one with its signature.

Cookie ``<name>.sig`` signs the text ``<name>=<value>``. Only this file knows that rule.

:class:`BoundPair` is the plain way, for every codec and signer. :class:`FastPair` is the same
for our own codec and signer, in less time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hmac import compare_digest
from itertools import product
from types import MappingProxyType
from typing import Any

import attrs

from .codec import Codec, JSONCodec
from .cookies import RequestCookies
from .errors import (
    ConfigurationError,
    SessionEncodeError,
    check_methods,
    without_frames,
)
from .format import BoundFormat, Contents, Payload, Reading
from .hidden import Hidden, HoldsKeys, with_total_repr
from .json_format import append_timestamps, check_reserved
from .keygrip import Keygrip, Signer, signer_of
from .lifetime import Timestamps
from .set_cookie import check_value
from .state import ABSENT, LOADED, Outcome
from .unsigned_cookie import UnsignedCookie, lookalike, malformed


@with_total_repr
class SignedPair(HoldsKeys):
    """The format of Node's ``cookie-session``, byte for byte.

    Args:
        keys: signing keys, **newest first**: the first signs, all verify. Or a ``Keygrip``, or
            any object with its ``sign`` and ``index``. ``None``: the cookie is not signed, and
            clients change their session at will.
        codec: any object with ``encode(mapping) -> str`` and ``decode(str) -> dict``.

    Raises:
        ConfigurationError: for wrong keys, or a codec that lacks a method.
    """

    __slots__ = ("_codec", "_signer")

    defaults: Mapping[str, Any] = MappingProxyType({})

    def __init__(
        self, keys: Sequence[str | bytes] | Signer | None, codec: Codec | None = None
    ) -> None:
        given: Hidden[Any] = Hidden(keys)
        del keys
        self._signer = None if given.value is None else signer_of(given)
        self._codec: Codec = JSONCodec() if codec is None else codec
        check_methods("codec", self._codec, "encode", "decode")

    def __repr__(self) -> str:
        return f"<SignedPair, {type(self._codec).__name__}, {self._signer!r}>"

    def bound(self, name: str, /) -> BoundFormat:
        """Return the format for the cookies ``name`` and ``<name>.sig``.

        Raises:
            ConfigurationError: for a name that ends in ``.sig``.
        """
        if name.endswith(".sig"):
            message = "name must not end in '.sig': signatures have such names"
            raise ConfigurationError(message)
        if self._signer is None:
            return UnsignedCookie(name, self._codec)
        if (
            isinstance(self._codec, JSONCodec)
            and type(self._codec).encode is JSONCodec.encode
            and type(self._codec).decode is JSONCodec.decode
            and type(self._signer) is Keygrip
        ):
            return FastPair(name, self._codec, self._signer)
        return BoundPair(name, self._codec, self._signer)


class BoundPair(UnsignedCookie):
    """The signed pair for any codec and any signer."""

    __slots__ = ("_signature_name", "_signer")

    is_signed: bool = True

    def __init__(self, name: str, codec: Codec, signer: Signer) -> None:
        super().__init__(name, codec)
        self._signer = signer
        self._signature_name = f"{name}.sig"
        self.names: tuple[str, ...] = (name, self._signature_name)

    def _parts(self) -> tuple[object, ...]:
        return self._name, self._codec, self._signer

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Find the pairs of value and signature, and decode the first pair that verifies."""
        del clock
        return self._search(cookies, 0)

    def _search(self, cookies: RequestCookies, already_tried: int) -> Reading:
        """Try all pairs but the first ``already_tried`` ones."""
        pairs = [
            _Pair(self._name, value, signature)
            for value, signature in product(
                cookies.candidates(self._name), cookies.candidates(self._signature_name)
            )
        ]
        if not pairs:
            values = cookies.candidates(self._name)
            return Reading(Outcome.UNSIGNED, lookalike(values)) if values else Reading(ABSENT)
        if any(pair.is_percent_encoded for pair in pairs):
            # Cookie libraries of Next.js, Hono, h3 and Bun percent-encode the values.
            pairs += [pair.percent_decoded() for pair in pairs]
        for pair in pairs[already_tried:]:
            index = self._signer.index(pair.text, pair.signature)
            if index >= 0:
                return self._decoded(pair.value, index)
        return Reading(Outcome.BAD_SIGNATURE, lookalike(pair.value for pair in pairs))

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return the value and its signature.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
            ConfigurationError: when a cookie cannot hold the text of the signer.
        """
        return self._signed(self._with_timestamps(payload, timestamps))

    def expired(self) -> tuple[str, ...]:
        """Return an empty value and, as Node does, its signature."""
        return self._signed(Payload("", {}))

    def _signed(self, payload: Payload) -> tuple[str, ...]:
        signature = Hidden(self._signer.sign(f"{self._name}={payload.text!s}"))
        if type(self._signer) is not Keygrip:
            check_value(signature)
        return str(payload.text), signature.value


class FastPair(BoundPair):
    """Fast path: the signed pair, if the codec writes our JSON and the signer is ours.

    The payload is the JSON itself, before base64. Timestamps are appended to it as text. The
    first value and the first signature are tried before anything else.
    """

    __slots__ = ("_json", "_key", "_keygrip", "_start")

    def __init__(self, name: str, codec: JSONCodec, keygrip: Keygrip) -> None:
        super().__init__(name, codec, keygrip)
        self._json = codec
        self._keygrip = keygrip
        self._key = keygrip.newest
        self._start = f"{name}="

    def read(self, cookies: RequestCookies, clock: Callable[[], float], /) -> Reading:
        """Verify and decode the first value and the first signature; else go the plain way."""
        del clock
        value, signature = cookies.first(self._name), cookies.first(self._signature_name)
        if value and signature:
            pair = self._start + value
            if (
                pair.isascii()
                and signature.isascii()
                and compare_digest(self._key.sign(pair.encode()), signature)
            ):
                return self._decoded(value, 0)
            index = self._keygrip.index(pair, signature)
            if index >= 0:
                return self._decoded(value, index)
            return self._search(cookies, 1)
        return self._search(cookies, 0)

    def payload(self, contents: Contents, /) -> Payload:
        """Serialise contents as JSON.

        Raises:
            SessionEncodeError: when JSON cannot hold them.
        """
        try:
            return Payload(self._json.to_json(contents.contents), contents.contents)
        except SessionEncodeError as error:
            raise without_frames(error) from None

    def unchanged(self, reading: Reading, payload: Payload, /) -> bool:
        """Compare the JSON, with the loaded timestamps; if it differs, go the plain way."""
        timestamps = reading.timestamps
        if timestamps is not None and append_timestamps(payload, timestamps) == reading.payload:
            return True
        return super().unchanged(reading, payload)

    def seal(self, payload: Payload, timestamps: Timestamps | None, /) -> tuple[str, ...]:
        """Return the value and its signature.

        Raises:
            SessionEncodeError: when the contents use a key that the timestamps need.
        """
        if timestamps is not None:
            check_reserved(payload)
            payload = Payload(append_timestamps(payload, timestamps), payload.contents)
        value = self._json.to_base64(payload.text)  # type: ignore[arg-type] # JSON
        return value, self._key.sign((self._start + value).encode())

    def _decoded(self, value: str, key_index: int | None) -> Reading:
        try:
            contents, text = self._json.from_base64(value)
        except Exception as error:  # noqa: BLE001 - a subclass may replace the method
            return malformed(error, value, key_index)
        return Reading(LOADED, "", contents, text, key_index, key_index != 0)

    def _decoded_again(self, text: Any) -> dict[str, Any]:
        return self._json.from_json(text)


@attrs.frozen(eq=False)
class _Pair:
    """A value and a signature that may belong together."""

    name: str
    value: str = attrs.field(repr=False)
    signature: str = attrs.field(repr=False)

    @property
    def text(self) -> str:
        """The text that the signature signs."""
        return f"{self.name}={self.value}"

    @property
    def is_percent_encoded(self) -> bool:
        return "%" in self.value or "%" in self.signature

    def percent_decoded(self) -> _Pair:
        return _Pair(self.name, _percent_decoded(self.value), _percent_decoded(self.signature))


_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")


def _percent_decoded(text: str) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)

"""The data path: from a ``Cookie`` header to contents, and from contents to two cookies.

The one place that knows that cookie ``<name>.sig`` signs the text ``<name>=<value>``. The
numbered steps of :meth:`Wire.read` and :meth:`Wire.write` mirror each other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product
from typing import Any

import attrs

from .codec import Codec, JSONCodec
from .cookies import check_value, first_value, values_of
from .errors import ConfigurationError
from .keygrip import Keygrip, Signer
from .state import Outcome

logger: logging.Logger = logging.getLogger("cookiesession")

RawField = tuple[bytes, bytes]
"""One header field as octets, its name in lower case: as ASGI, HTTP/2 and h11 have it."""

Header = str | bytes | Iterable[str | bytes | RawField] | None
"""A ``Cookie`` header as servers give it: text, octets, several of them, or none.

Or all header fields of a request, of which those named ``cookie`` count.
"""

# Bound once: before Python 3.12, reaching an enum's member takes longer than the work around it.
_ABSENT, _LOADED = Outcome.ABSENT, Outcome.LOADED

MOST_CANDIDATES = 4
"""Values and signatures of one name that are tried; more can only be somebody tossing cookies."""


Reading = tuple[Outcome, dict[str, Any], str, int | None]
"""What a request's cookies say: the outcome, the contents, the text in which these came, and
the index of the key that verified them. A plain tuple, for every touched session makes one.
"""


@attrs.frozen(eq=False)
class Wire:
    """One session's name, signer and codec: all that its two cookies depend on."""

    name: str
    signer: Signer | None
    codec: Codec
    signature_name: str = attrs.field(init=False)
    names: tuple[str, ...] = attrs.field(init=False)
    """The names of all cookies that are written."""
    # Functions: before Python 3.12 it is quicker to take them out than to call them from here.
    encode: Callable[[Mapping[str, Any]], str] = attrs.field(init=False, repr=False)
    """Encode contents as the session cookie's value; raises as :meth:`write` does."""
    _decode: Callable[[str], dict[str, Any]] = attrs.field(init=False, repr=False)
    _sign: Callable[[str], str] | None = attrs.field(init=False, repr=False)
    _start: str = attrs.field(init=False)
    """How the pair of the session cookie begins."""
    _signature_start: str = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        signature_name = f"{self.name}.sig"
        ours = isinstance(self.codec, JSONCodec)
        codec = self.codec if ours else _CheckedCodec(self.codec)
        sign: Callable[[str], str] | None = None
        if self.signer is not None:
            sign = self.signer.sign
            if type(self.signer) is not Keygrip:
                sign = _checked(sign)
        for attribute, value in (
            ("signature_name", signature_name),
            ("names", (self.name,) if sign is None else (self.name, signature_name)),
            ("encode", codec.encode),
            ("_decode", codec.decode),
            ("_sign", sign),
            ("_start", f"{self.name}="),
            ("_signature_start", f"{signature_name}="),
        ):
            object.__setattr__(self, attribute, value)

    def read(self, header: str) -> Reading:
        """Find, verify and decode the session in a ``Cookie`` header; never raises."""
        # 1. find the cookies
        value = first_value(header, self._start)
        if value is None:
            return _ABSENT, {}, "", None
        signer = self.signer
        if signer is None:
            return self._decoded(value, None)
        signature = first_value(header, self._signature_start)
        # 2. verify the signature
        index = signer.index(f"{self._start}{value}", signature) if signature else -1
        if index >= 0:
            return self._decoded(value, index)
        # Another application of the site, or somebody else, may have set the first ones.
        values = values_of(header, self._start, MOST_CANDIDATES)
        signatures = values_of(header, self._signature_start, MOST_CANDIDATES)
        return self.read_values(values, signatures, tried=1)

    def read_values(
        self, values: Sequence[str], signatures: Sequence[str], tried: int = 0
    ) -> Reading:
        """Verify and decode cookie values, at least one, found by other means; never raises.

        Args:
            values: the values of the session cookie.
            signatures: the values of its signature cookie.
            tried: how many pairs of these are known not to match.
        """
        if self.signer is None:
            return self._decoded(values[0], None)
        for value, signature in islice(product(values, signatures), tried, None):
            index = self.signer.index(f"{self._start}{value}", signature) if signature else -1
            if index >= 0:
                return self._decoded(value, index)
        return Outcome.BAD_SIGNATURE if any(signatures) else Outcome.UNSIGNED, {}, "", None

    def _decoded(self, text: str, key_index: int | None) -> Reading:
        # 3. decode the value
        decode = self._decode
        try:
            contents = decode(text)
        except Exception as error:  # noqa: BLE001 - no codec, not even a user's, may fail on input
            logger.info("session cookie %r is malformed: %s", self.name, type(error).__name__)
            return Outcome.MALFORMED, {}, "", key_index
        return _LOADED, contents, text, key_index

    def write(self, contents: Mapping[str, Any], attributes: str = "") -> tuple[str, ...]:
        """Encode and sign ``contents``: the ``Set-Cookie`` values, ``name=value`` + attributes.

        Raises:
            SessionEncodeError: when the codec cannot write the contents.
            ConfigurationError: when a foreign codec or signer returns what no cookie can hold.
        """
        # 3. encode the value
        return self.sign(self.encode(contents), attributes)

    def sign(self, text: str, attributes: str) -> tuple[str, ...]:
        """Return the ``Set-Cookie`` values for the encoded value ``text``."""
        pair, sign = f"{self._start}{text}", self._sign
        if sign is None:
            return (f"{pair}{attributes}",)
        # 2. sign it
        signature = sign(pair)
        # 1. name the cookies
        return f"{pair}{attributes}", f"{self._signature_start}{signature}{attributes}"


class _CheckedCodec:
    """A codec that is not ours, so that what it returns is looked at."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def encode(self, contents: Mapping[str, Any], /) -> str:
        text = self._codec.encode(contents)
        check_value(text)
        if not text or text[0] in ' \t"' or text[-1] in " \t":
            message = (
                f"{type(self._codec).__name__}.encode returned a cookie value that would not "
                "come back: empty, or with white space at its ends or a quote at its start"
            )
            raise ConfigurationError(message)
        return text

    def decode(self, text: str, /) -> dict[str, Any]:
        contents: object = self._codec.decode(text)
        if not isinstance(contents, dict):
            raise TypeError  # of which the name is logged
        return contents


def _checked(sign: Callable[[str], str]) -> Callable[[str], str]:
    """Return a signer's function, not ours, so that what it returns is looked at."""

    def sign_and_check(pair: str) -> str:
        signature = sign(pair)
        check_value(signature)
        return signature

    return sign_and_check


def header_text(header: Header) -> str:
    """Return a ``Cookie`` header as text; several are joined with ``"; "``, as Node does."""
    if isinstance(header, str):
        return header
    if isinstance(header, bytes):
        return header.decode("latin-1")
    if header is None:
        return ""
    parts: list[Any] = list(header)
    if parts and not isinstance(parts[0], (str, bytes)):
        return b"; ".join([value for name, value in parts if name == b"cookie"]).decode("latin-1")
    return "; ".join([header_text(part) for part in parts])

"""The data path: from a ``Cookie`` header to contents, and from contents to two cookies.

The one place that knows that cookie ``<name>.sig`` signs the text ``<name>=<value>``. The
numbered steps of :meth:`Wire.read` and :meth:`Wire.write` mirror each other; a response takes the
second way by :attr:`Wire.encode` and :attr:`Wire.lines`, which leave out what it does not need.
"""

from __future__ import annotations

import logging
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product
from typing import Any

import attrs

from .codec import Codec, JSONCodec
from .cookies import check_value, first_value, values_of
from .errors import ConfigurationError
from .keygrip import Keygrip, Signer
from .state import Outcome
from .stringify import json_stringify

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


Form = str | bytes
"""Contents as their codec writes them: for our own the JSON, for another one the cookie value."""

Lines = tuple[str, ...]
"""``Set-Cookie`` values."""

Reading = tuple[Outcome, dict[str, Any], str, Form, int | None]
"""What a request's cookies say: the outcome, the contents, the cookie value and the form in which
these came, and the index of the key that verified them. A plain tuple, for every touched session
makes one.
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
    encode: Callable[..., Any] = attrs.field(init=False, repr=False)
    """Return the form of contents; a second argument is a form that they may still have.

    Raises SessionEncodeError when the codec cannot write the contents, and ConfigurationError when
    a foreign one returns what no cookie can hold.
    """
    decode: Callable[[str], tuple[dict[str, Any], Form]] = attrs.field(init=False, repr=False)
    """Return the contents that a cookie value stands for, and their form."""
    lines: Callable[[Any, str], Lines] = attrs.field(init=False, repr=False)
    """Return the ``Set-Cookie`` values for a form: ``name=value`` + attributes, and the same for
    the signature. Raises ConfigurationError when a foreign signer returns what no cookie can hold.
    """
    lines_of_value: Callable[[str, str], Lines] = attrs.field(init=False, repr=False)
    """The same for a cookie value."""
    encode_value: Callable[[Mapping[str, Any]], str] = attrs.field(init=False, repr=False)
    """Return the cookie value for contents; raises as ``encode`` does."""
    _sign: Callable[[bytes], str] | None = attrs.field(init=False, repr=False)
    _start: str = attrs.field(init=False)
    """How the pair of the session cookie begins."""
    _signature_start: str = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        signature_name, codec, signer = f"{self.name}.sig", self.codec, self.signer
        start, signature_start = f"{self.name}=", f"{signature_name}="
        sign: Callable[[bytes], str] | None
        encode: Callable[..., Any]
        decode: Callable[[str], tuple[dict[str, Any], Form]]
        lines: Callable[[Any, str], Lines]
        if signer is None:
            sign = None
            lines_of_value = _unsigned_lines(start)
        else:
            sign = signer.sign_octets if type(signer) is Keygrip else _checked(signer.sign)
            lines_of_value = _signed_lines(start, signature_start, sign)
        if type(codec) is JSONCodec:
            encode_value, encode, decode = codec.encode, json_stringify, codec.read
            lines = (
                _lines_of_json(lines_of_value)
                if sign is None
                else _signed_lines_of_json(start, signature_start, sign)
            )
        else:
            other = _OtherCodec(codec)
            encode_value, encode, decode = other.encode, other.encode, other.decode
            lines = lines_of_value
        for attribute, value in (
            ("signature_name", signature_name),
            ("names", (self.name,) if signer is None else (self.name, signature_name)),
            ("encode", encode),
            ("decode", decode),
            ("lines", lines),
            ("lines_of_value", lines_of_value),
            ("encode_value", encode_value),
            ("_sign", sign),
            ("_start", start),
            ("_signature_start", signature_start),
        ):
            object.__setattr__(self, attribute, value)

    def read(self, header: str) -> Reading:
        """Find, verify and decode the session in a ``Cookie`` header; never raises."""
        # 1. find the cookies
        value = first_value(header, self._start)
        if value is None:
            return _ABSENT, {}, "", "", None
        signer, index = self.signer, None
        if signer is not None:
            # 2. verify the signature
            signature = first_value(header, self._signature_start)
            index = signer.index(f"{self._start}{value}", signature) if signature else -1
            if index < 0:
                # Another application of the site, or somebody else, may have set the first ones.
                values = values_of(header, self._start, MOST_CANDIDATES)
                signatures = values_of(header, self._signature_start, MOST_CANDIDATES)
                return self.read_values(values, signatures, tried=1)
        return self._decoded(value, index)

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
        return Outcome.BAD_SIGNATURE if any(signatures) else Outcome.UNSIGNED, {}, "", "", None

    def _decoded(self, text: str, key_index: int | None) -> Reading:
        # 3. decode the value
        decode = self.decode
        try:
            contents, form = decode(text)
        except Exception as error:  # noqa: BLE001 - no codec, not even a user's, may fail on input
            logger.info("session cookie %r is malformed: %s", self.name, type(error).__name__)
            return Outcome.MALFORMED, {}, "", "", key_index
        return _LOADED, contents, text, form, key_index

    def write(self, contents: Mapping[str, Any]) -> dict[str, str]:
        """Encode and sign ``contents``: the cookies, by name.

        Raises:
            SessionEncodeError: when the codec cannot write the contents.
            ConfigurationError: when a foreign codec or signer returns what no cookie can hold.
        """
        encode, sign = self.encode_value, self._sign
        # 3. encode the value
        value = encode(contents)
        if sign is None:
            return {self.name: value}
        # 2. sign it, 1. name the cookies
        return {self.name: value, self.signature_name: sign(f"{self._start}{value}".encode())}


# Each of these returns the function that makes the lines, with all that is the same for all of
# them at hand: what is written most takes the shortest way.


def _unsigned_lines(start: str) -> Callable[[str, str], Lines]:
    def lines(value: str, attributes: str) -> Lines:
        return (f"{start}{value}{attributes}",)

    return lines


def _signed_lines(
    start: str, signature_start: str, sign: Callable[[bytes], str]
) -> Callable[[str, str], Lines]:
    def lines(value: str, attributes: str) -> Lines:
        pair = start + value
        signature = sign(pair.encode())
        return pair + attributes, f"{signature_start}{signature}{attributes}"

    return lines


def _lines_of_json(lines_of_value: Callable[[str, str], Lines]) -> Callable[[bytes, str], Lines]:
    def lines(octets: bytes, attributes: str) -> Lines:
        return lines_of_value(b2a_base64(octets, newline=False).decode(), attributes)

    return lines


def _signed_lines_of_json(
    start: str, signature_start: str, sign: Callable[[bytes], str]
) -> Callable[[bytes, str], Lines]:
    start_octets = start.encode()

    def lines(octets: bytes, attributes: str) -> Lines:
        pair = start_octets + b2a_base64(octets, newline=False)
        signature = sign(pair)
        return pair.decode() + attributes, f"{signature_start}{signature}{attributes}"

    return lines


class _OtherCodec:
    """A codec that is not ours, or not quite. Its form of contents is the cookie value."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._is_known = isinstance(codec, JSONCodec)

    def encode(self, contents: Mapping[str, Any], known: object = None, /) -> str:
        del known  # it has to write them to tell
        text = self._codec.encode(contents)
        if not self._is_known:
            check_value(text)
            if not text or text[0] in ' \t"' or text[-1] in " \t":
                message = (
                    f"{type(self._codec).__name__}.encode returned a cookie value that would not "
                    "come back: empty, or with white space at its ends or a quote at its start"
                )
                raise ConfigurationError(message)
        return text

    def decode(self, text: str, /) -> tuple[dict[str, Any], str]:
        contents: object = self._codec.decode(text)
        if not isinstance(contents, dict):
            raise TypeError  # of which the name is logged
        return contents, text


def _checked(sign: Callable[[str], str]) -> Callable[[bytes], str]:
    """Return a signer's function, not ours, so that what it returns is looked at."""

    def sign_and_check(pair: bytes) -> str:
        signature = sign(pair.decode())
        check_value(signature)
        return signature

    return sign_and_check


def header_text(header: Header) -> str:
    """Return a ``Cookie`` header as text; several are joined with ``"; "``, as Node does."""
    if type(header) is list and header and type(header[0]) is tuple:
        values: list[bytes] = []
        for name, value in header:
            if name == b"cookie":
                values.append(value)
        return b"; ".join(values).decode("latin-1")
    if header is None:
        return ""
    if isinstance(header, str):
        return header
    if isinstance(header, bytes):
        return header.decode("latin-1")
    parts: list[Any] = [*header]
    if parts and not isinstance(parts[0], (str, bytes)):
        return header_text([(name, value) for name, value in parts])
    return "; ".join([header_text(part) for part in parts])

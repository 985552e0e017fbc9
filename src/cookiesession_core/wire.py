"""The data path: from a ``Cookie`` header to contents, and from contents to two cookies.

The one place that knows that cookie ``<name>.sig`` signs the text ``<name>=<value>``. The
numbered steps of :meth:`Wire.read` and :meth:`Wire.write` mirror each other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from .codec import Codec, JSONCodec
from .cookies import check_value, find_cookies
from .errors import ConfigurationError
from .expiry import UNSTAMPED, Stamp
from .keygrip import Keygrip, Signer
from .state import Outcome

logger = logging.getLogger("cookiesession")

Header = str | bytes | Iterable[str | bytes] | None
"""A ``Cookie`` header as servers give it: text, octets, several of them, or none."""

# Bound once: before Python 3.12, reaching an enum's member takes longer than the work around it.
_ABSENT, _LOADED = Outcome.ABSENT, Outcome.LOADED

MOST_CANDIDATES = 4
"""Values and signatures of one name that are tried; more can only be somebody tossing cookies."""


@attrs.define
class Reading:
    """What a request's cookies say."""

    outcome: Outcome
    contents: dict[str, Any]
    text: str = ""
    """The cookie value as it came in."""
    key_index: int | None = None
    """Which key verified it."""
    stamp: Stamp = UNSTAMPED
    """When it began and ends, where a lifetime is enforced."""


@attrs.frozen
class Wire:
    """One session's name, signer and codec: all that its two cookies depend on."""

    name: str
    signer: Signer | None
    codec: Codec
    signature_name: str = attrs.field(init=False)
    names: tuple[str, ...] = attrs.field(init=False)
    """The names of all cookies that are written."""
    _needs_check: bool = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "signature_name", f"{self.name}.sig")
        names = (self.name,) if self.signer is None else (self.name, self.signature_name)
        object.__setattr__(self, "names", names)
        ours = type(self.codec) is JSONCodec and type(self.signer) in (Keygrip, type(None))
        object.__setattr__(self, "_needs_check", not ours)

    def read(self, header: str) -> Reading:
        """Find, verify and decode the session in a ``Cookie`` header; never raises."""
        # 1. find the cookies
        values = find_cookies(header, self.name, MOST_CANDIDATES)
        if not values:
            return Reading(_ABSENT, {})
        signatures = (
            find_cookies(header, self.signature_name, MOST_CANDIDATES)
            if self.signer is not None
            else []
        )
        return self.read_values(values, signatures)

    def read_values(self, values: Sequence[str], signatures: Sequence[str]) -> Reading:
        """Verify and decode cookie values found by other means; never raises."""
        text, key_index = values[0], None
        # 2. verify the signature
        if self.signer is not None:
            verified = self._first_verified(self.signer, values, signatures)
            if verified is None:
                return Reading(Outcome.BAD_SIGNATURE if any(signatures) else Outcome.UNSIGNED, {})
            text, key_index = verified
        # 3. decode the value
        try:
            contents = self.codec.decode(text)
        except Exception as error:  # noqa: BLE001 - no codec, not even a user's, may fail on input
            logger.info("session cookie %r is malformed: %s", self.name, type(error).__name__)
            return Reading(Outcome.MALFORMED, {}, key_index=key_index)
        if not isinstance(contents, dict):
            return Reading(Outcome.MALFORMED, {}, key_index=key_index)
        return Reading(_LOADED, contents, text, key_index)

    def _first_verified(
        self, signer: Signer, values: Sequence[str], signatures: Sequence[str]
    ) -> tuple[str, int] | None:
        for value in values:
            data = f"{self.name}={value}"
            for signature in signatures:
                if signature and (index := signer.index(data, signature)) >= 0:
                    return value, index
        return None

    def write(self, contents: Mapping[str, Any]) -> dict[str, str]:
        """Encode and sign ``contents``: the cookies, by name, that stand for them.

        Raises:
            SessionEncodeError: when the codec cannot write the contents.
            ConfigurationError: when a foreign codec or signer returns what no cookie can hold.
        """
        return self.sign(self.encode(contents))

    def encode(self, contents: Mapping[str, Any]) -> str:
        """Encode ``contents`` as the session cookie's value; raises as :meth:`write` does."""
        # 3. encode the value
        text = self.codec.encode(contents)
        if self._needs_check:
            check_value(text)
            if not text:
                message = f"{type(self.codec).__name__}.encode returned an empty cookie value"
                raise ConfigurationError(message)
        return text

    def sign(self, text: str) -> dict[str, str]:
        """Return the cookies, by name, for the encoded value ``text``."""
        if self.signer is None:
            return {self.name: text}
        # 2. sign it
        signature = self.signer.sign(f"{self.name}={text}")
        if self._needs_check:
            check_value(signature)
        # 1. name the cookies
        return {self.name: text, self.signature_name: signature}


def header_text(header: Header) -> str:
    """Return a ``Cookie`` header as text; several are joined with ``"; "``, as Node does."""
    if header is None:
        return ""
    if isinstance(header, str):
        return header
    if isinstance(header, bytes):
        return header.decode("latin-1")
    return "; ".join(header_text(part) for part in header)

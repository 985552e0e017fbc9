"""Single values that cookie-parser, express-session, Fastify, Hono or Better Auth have signed.

A session id of ``express-session`` is such a value. What it stands for is in a store.
"""

from __future__ import annotations

from collections.abc import Sequence

from cookiesession_core import Hidden

from .cookie_signature import keygrip_of, swap_alphabets
from .javascript import percent_decoded

_PADDED = 44
"""The length of HMAC-SHA256 in base64 with its padding."""


def unsign(value: str, secrets: Sequence[str | bytes]) -> str | None:
    """Return the text that one of the secrets has signed, or ``None``.

    Nothing that a client sends raises. The signature says nothing about the name of the cookie,
    and nothing about its age.

    Args:
        value: the value of the cookie, percent-encoded or not.
        secrets: the secrets of the Node application, each ``str`` (used as UTF-8) or ``bytes``.

    Raises:
        TypeError: when ``value`` is not ``str``.
        ConfigurationError: for an empty list, an empty secret, or a secret of another type.

    Warns:
        WeakKeyWarning: for a secret shorter than 32 bytes, or one printed in a README.
    """
    given = Hidden(secrets)
    del secrets
    if not isinstance(value, str):
        message = f"a signed value must be str, got {type(value).__name__}"
        del value
        raise TypeError(message)
    hidden = Hidden(value)
    del value
    keygrip = keygrip_of(given)
    for spelling in dict.fromkeys([hidden.value, percent_decoded(hidden.value)]):
        signed, dot, signature = spelling.rpartition(".")
        if len(signature) == _PADDED:
            signature = signature.removesuffix("=")
        signature = swap_alphabets(signature)
        # Express signs the text after "s:". For the others, "s:" is a part of the text.
        for text in dict.fromkeys([signed, signed.removeprefix("s:")] if dot else []):
            if keygrip.index(text, signature) >= 0:
                return text
    return None

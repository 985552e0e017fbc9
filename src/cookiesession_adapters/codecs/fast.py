"""The format of Node's ``cookie-session`` by compiled libraries; needs ``cookiesession[fast]``.

``msgspec`` reads and writes the JSON, ``pybase64`` the base64. Neither knows JavaScript. So the
libraries get what they are known to treat exactly as :class:`~cookiesession_core.JSONCodec`
does, and everything else is handed over to that one: same cookie, same contents, same errors.

Why ``msgspec`` and not ``orjson``: where they read something else than Node, ``msgspec``
refuses it, and ``orjson`` turns an integer beyond 64 bits into a float without a word.
Neither can be told to refuse all that JSON lacks (both write an enum's or a UUID's text), so
what is written has to be looked through in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pybase64

from cookiesession_core import JSONCodec

_read_json = msgspec.json.Decoder(dict[str, Any]).decode
_write_json = msgspec.json.Encoder().encode
_read_base64 = pybase64.b64decode
_write_base64 = pybase64.b64encode_as_string

_REFUSALS = (ValueError, msgspec.MsgspecError, RecursionError)

_SMALL, _LARGE = 1e-4, 1e15
"""Between these no library, and no JavaScript, writes a float that is not whole otherwise."""


class FastJSONCodec(JSONCodec):
    """The same cookies as :class:`~cookiesession_core.JSONCodec` in less time.

    ``CookieSession(codec=FastJSONCodec(), ...)``. What it returns and raises is what
    ``JSONCodec`` returns and raises. Only where the interpreter's stack ends may it reach a few
    levels deeper into nested lists and dicts.
    """

    __slots__ = ()

    def encode(self, contents: Mapping[str, Any], /) -> str:
        """Return ``contents`` as base64 of the text that ``JSON.stringify`` would write.

        Raises:
            SessionEncodeError: as :meth:`JSONCodec.encode` does.
        """
        try:
            if type(contents) is dict and _is_plain(contents):
                octets = _write_json(contents)
                if self._is_shallow(octets):
                    return _write_base64(octets)
        except _REFUSALS:
            pass  # a lone surrogate, thousands of digits, what is deep or contains itself
        return super().encode(contents)

    def decode(self, text: str, /) -> dict[str, Any]:
        """Return what the base64 of JSON in ``text`` holds.

        Raises:
            ValueError: as :meth:`JSONCodec.decode` does.
        """
        try:
            octets = _read_base64(text, None, True)  # noqa: FBT003 - validate
            if self._is_shallow(octets):
                return _read_json(octets)
        except _REFUSALS:
            # Not JSON, or JSON that only Node and JSONCodec can make something of: other base64,
            # invalid UTF-8, a lone surrogate, a number beyond a double.
            pass
        return super().decode(text)

    def _is_shallow(self, octets: bytes) -> bool:
        """Whether this JSON nests no deeper than ``JSONCodec`` allows; if in doubt, it is asked."""
        length = len(octets)
        return length <= 2 * self.MOST_LEVELS or (
            octets.count(b"[") + octets.count(b"{") <= self.MOST_LEVELS
        )


def _is_plain(container: Any) -> bool:
    """Whether ``msgspec`` writes this dict, list or tuple as ``JSON.stringify`` would.

    It does if there is nothing in it but exact ``dict``, ``list``, ``tuple``, ``str``, ``int``,
    ``bool`` and ``None``; a ``float`` only if it is not whole and takes no exponent; keys only
    if they are no numbers, since JavaScript moves these to the front.
    """
    if type(container) is dict:
        for key in container:
            # A comparison costs less than a call, and lets nearly all keys pass.
            if type(key) is not str or (key < ":" and key.isdigit()):
                return False
        container = container.values()
    for value in container:
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None:
            continue
        if kind is dict or kind is list or kind is tuple:
            if not _is_plain(value):
                return False
        elif kind is not float or value % 1 == 0 or not _SMALL <= abs(value) < _LARGE:
            return False
    return True

"""The format of Node's ``cookie-session`` by compiled libraries; needs ``cookiesession[fast]``.

``msgspec`` reads and writes the JSON, ``pybase64`` the base64. The two libraries do not know the
rules of JavaScript. So they get only values that they treat exactly as
:class:`~cookiesession_core.JSONCodec` does. That codec does the rest: same cookie, same contents,
same errors.

Why ``msgspec`` and not ``orjson``: ``msgspec`` refuses a number that it would read differently from
Node, and ``orjson`` turns an integer beyond 64 bits into a float without an error. Both write some
values that JSON lacks, such as an enum or a UUID, as text. So the contents are checked before they
are written.
"""

from __future__ import annotations

from typing import Any

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import JSONCodec

with NeedsExtra("fast"):
    import msgspec
    import pybase64

_read_json = msgspec.json.Decoder(dict[str, Any]).decode
_write_json = msgspec.json.Encoder().encode
_read_base64 = pybase64.b64decode
_write_base64 = pybase64.b64encode_as_string

_REFUSALS = (ValueError, msgspec.MsgspecError, RecursionError)


class FastJSONCodec(JSONCodec):
    """The same cookies as :class:`~cookiesession_core.JSONCodec` in less time.

    ``CookieSession(codec=FastJSONCodec(), ...)``. It returns and raises the same as
    ``JSONCodec``. If the interpreter's stack ends early, this codec may reach a few levels
    deeper into nested lists and dicts.
    """

    __slots__ = ()

    def to_json(self, contents: dict[str, Any], /) -> bytes:
        """Return the text that ``JSON.stringify`` would write.

        Raises:
            SessionEncodeError: as :meth:`JSONCodec.encode` does.
        """
        try:
            if self.is_plain(contents):
                json_bytes = _write_json(contents)
                if self._is_shallow(json_bytes):
                    return json_bytes
        except _REFUSALS:
            pass  # a lone surrogate, thousands of digits, deep nesting, a list within itself
        return super().to_json(contents)

    def to_base64(self, json_bytes: bytes, /) -> str:
        """Return standard padded base64."""
        return _write_base64(json_bytes)

    def from_base64(self, text: str, /) -> tuple[dict[str, Any], bytes]:
        """Return the contents, and the JSON that holds them.

        Raises:
            ValueError: as :meth:`JSONCodec.decode` does.
        """
        try:
            json_bytes = _read_base64(text, None, True)  # noqa: FBT003 - validate
            if self._is_shallow(json_bytes):
                return _read_json(json_bytes), json_bytes
        except _REFUSALS:
            # Not JSON, or text that only Node and JSONCodec can read: other base64, invalid
            # UTF-8, a lone surrogate, a number beyond a double.
            pass
        return super().from_base64(text)

    def _is_shallow(self, json_bytes: bytes) -> bool:
        """Whether this JSON surely nests no deeper than ``JSONCodec`` allows."""
        return len(json_bytes) <= 2 * self.MAX_DEPTH or (
            json_bytes.count(b"[") + json_bytes.count(b"{") <= self.MAX_DEPTH
        )

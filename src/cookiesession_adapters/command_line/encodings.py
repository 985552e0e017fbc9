"""Bytes as UTF-8, whatever the program wrote that they come from."""

from __future__ import annotations

import codecs

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def as_utf_8(data: bytes) -> bytes:
    """Return text in UTF-8, without a byte order mark. PowerShell writes UTF-16 for ``>``.

    Bytes without a byte order mark of UTF-16 are not changed: a key need not be text.
    """
    if data.startswith(_UTF_16):
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)

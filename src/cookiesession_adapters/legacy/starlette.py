"""Sessions of Starlette's ``SessionMiddleware``, which FastAPI uses too.

sessions = CookieSession(keys=[...], legacy=[StarletteReader("the old secret_key")])

The reader needs ``itsdangerous``, as that middleware does, but not Starlette.
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from typing import Any

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import CookieOptions

from .signed import DAY, LegacyKeys, SignedReader

with NeedsExtra("legacy-starlette"):
    from itsdangerous import BadData, TimestampSigner


class StarletteReader(SignedReader):
    """Reads the cookie of ``SessionMiddleware``.

    Args:
        secret_key: the old ``secret_key``. If it was a ``Secret``, pass its ``str``. For an
            older key, add a second reader.
        name: the old ``session_cookie``.
        max_age: the old ``max_age``, in seconds or as a ``timedelta``. If it was ``None``, choose
            a maximum age for the cookies.
        options: the old ``path`` and ``domain``.

    Raises:
        ConfigurationError: names the argument and the allowed values.
    """

    failures: tuple[type[Exception], ...] = (BadData, ValueError)

    def __init__(
        self,
        secret_key: str,
        *,
        name: str = "session",
        max_age: float | timedelta = 14 * DAY,
        options: CookieOptions | None = None,
    ) -> None:
        keys = LegacyKeys(secret_key)
        del secret_key
        super().__init__(keys, name, max_age, options)
        self._signer = TimestampSigner(keys.current)

    def _loads(self, value: str) -> Any:
        return json.loads(b64decode(self._signer.unsign(value, max_age=self.max_age)))

"""Sessions that Starlette's ``SessionMiddleware`` (and so FastAPI) has begun.

sessions = CookieSession(keys=[...], former=[StarletteReader("the former secret_key")])

Needs ``itsdangerous``, as that middleware does, and not Starlette.
"""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import timedelta
from typing import Any

from itsdangerous import BadData, TimestampSigner

from cookiesession_core import CookieOptions

from .signed import DAY, SignedReader, keys_of


class StarletteReader(SignedReader):
    """Reads the cookie of ``SessionMiddleware``.

    Args:
        secret_key: the middleware's; of a ``Secret``, its ``str``. For an older key, add a
            second reader.
        name: the middleware's ``session_cookie``.
        max_age: the middleware's, in seconds or a ``timedelta``. Where that was ``None``, say
            here how old a cookie may be.
        options: the middleware's ``path`` and ``domain``.

    Raises:
        ConfigurationError: names the argument and what is allowed.
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
        super().__init__(name, max_age, options)
        (key,) = keys_of(secret_key)
        self._signer = TimestampSigner(key)

    def _loads(self, value: str) -> Any:
        return json.loads(b64decode(self._signer.unsign(value, max_age=self.max_age)))

"""Sessions that Django has begun with ``SESSION_ENGINE`` ``…sessions.backends.signed_cookies``.

sessions = CookieSession(keys=[...], former=[DjangoReader("the former SECRET_KEY")])

Needs Django installed, and none of its settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core import signing  # pyright: ignore[reportMissingTypeStubs]

from cookiesession_core import CookieOptions

from .signed import DAY, SignedReader, fallbacks_of, keys_of

_SALT = "django.contrib.sessions.backends.signed_cookies"


class DjangoReader(SignedReader):
    """Reads the cookie of Django's sessions in signed cookies.

    Sessions are read as JSON and never unpickled: what a ``PickleSerializer`` wrote is not valid.

    Args:
        secret_key: the former ``SECRET_KEY``.
        fallbacks: the former ``SECRET_KEY_FALLBACKS``.
        name: the former ``SESSION_COOKIE_NAME``.
        max_age: the former ``SESSION_COOKIE_AGE``, in seconds or a ``timedelta``. Django did
            not look at what ``set_expiry()`` said here, either.
        options: the former ``SESSION_COOKIE_PATH`` and ``SESSION_COOKIE_DOMAIN``.

    Raises:
        ConfigurationError: names the argument and what is allowed.
    """

    failures: tuple[type[Exception], ...] = (signing.BadSignature, ValueError)

    def __init__(
        self,
        secret_key: str | bytes,
        *,
        fallbacks: Sequence[str | bytes] = (),
        name: str = "sessionid",
        max_age: float | timedelta = 14 * DAY,
        options: CookieOptions | None = None,
    ) -> None:
        super().__init__(name, max_age, options)
        (key,) = keys_of(secret_key)
        # Without the fallbacks given, Django would look them up in its settings.
        self._signer: Any = signing.TimestampSigner(
            key=key, salt=_SALT, fallback_keys=fallbacks_of(fallbacks)
        )

    def _loads(self, value: str) -> Any:
        return self._signer.unsign_object(value, max_age=self.max_age)

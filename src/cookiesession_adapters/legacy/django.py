"""Sessions of Django, with ``SESSION_ENGINE`` set to ``…sessions.backends.signed_cookies``.

sessions = CookieSession(keys=[...], legacy=[DjangoReader("the old SECRET_KEY")])

The reader needs Django installed, but none of its settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import CookieOptions

from .signed import DAY, LegacyKeys, SignedReader

with NeedsExtra("legacy-django"):
    from django.core import signing  # pyright: ignore[reportMissingTypeStubs]

_SALT = "django.contrib.sessions.backends.signed_cookies"


class DjangoReader(SignedReader):
    """Reads the cookie of Django's sessions in signed cookies.

    Sessions are read as JSON and never unpickled. A session of a ``PickleSerializer`` is not
    valid.

    Args:
        secret_key: the old ``SECRET_KEY``.
        fallbacks: the old ``SECRET_KEY_FALLBACKS``.
        name: the old ``SESSION_COOKIE_NAME``.
        max_age: the old ``SESSION_COOKIE_AGE``, in seconds or as a ``timedelta``. Like Django,
            the reader ignores a lifetime that ``set_expiry()`` has set.
        options: the old ``SESSION_COOKIE_PATH`` and ``SESSION_COOKIE_DOMAIN``.

    Raises:
        ConfigurationError: names the argument and the allowed values.
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
        keys = LegacyKeys(secret_key, fallbacks)
        del secret_key, fallbacks
        super().__init__(keys, name, max_age, options)
        # Without fallback_keys, Django would read the fallbacks from its settings.
        self._signer: Any = signing.TimestampSigner(
            key=keys.current, salt=_SALT, fallback_keys=keys.fallbacks
        )

    def _loads(self, value: str) -> Any:
        return self._signer.unsign_object(value, max_age=self.max_age)

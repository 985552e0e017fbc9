"""Sessions of Flask's own ``SecureCookieSessionInterface``.

sessions = CookieSession(keys=[...], legacy=[FlaskReader("the old SECRET_KEY")])
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cookiesession_adapters._extras import NeedsExtra
from cookiesession_core import CookieOptions

from .signed import DAY, LegacyKeys, SignedReader

with NeedsExtra("legacy-flask"):
    from flask.sessions import SecureCookieSessionInterface
    from itsdangerous import BadData, URLSafeTimedSerializer


class FlaskReader(SignedReader):
    """Reads the cookie of Flask's own sessions.

    Flask can store some values that JSON cannot: ``datetime``, ``UUID`` and ``bytes``. The
    reader does not convert them. A session with such a value is refused, and a log line names
    the place of the value. Tuples become lists, and ``Markup`` becomes ``str``.
    :class:`~cookiesession_adapters.codecs.tagged.TaggedCodec` keeps all of these values.

    Args:
        secret_key: the old ``SECRET_KEY``.
        fallbacks: the old ``SECRET_KEY_FALLBACKS``.
        name: the old ``SESSION_COOKIE_NAME``.
        max_age: the old ``PERMANENT_SESSION_LIFETIME``, in seconds or as a ``timedelta``. In
            Flask it ends all sessions, also those that are not permanent.
        options: the old ``SESSION_COOKIE_PATH`` and ``SESSION_COOKIE_DOMAIN``.
        interface: the old ``session_interface``, if it has another salt, digest or serializer.

    Raises:
        ConfigurationError: names the argument and the allowed values.
    """

    failures: tuple[type[Exception], ...] = (BadData, ValueError)

    def __init__(
        self,
        secret_key: str | bytes,
        *,
        fallbacks: Sequence[str | bytes] = (),
        name: str = "session",
        max_age: float | timedelta = 31 * DAY,
        options: CookieOptions | None = None,
        interface: SecureCookieSessionInterface | None = None,
    ) -> None:
        keys = LegacyKeys(secret_key, fallbacks)
        del secret_key, fallbacks
        super().__init__(keys, name, max_age, options)
        used = SecureCookieSessionInterface() if interface is None else interface
        self._interface = used
        self._serializer = URLSafeTimedSerializer(
            [*keys.fallbacks, keys.current],  # itsdangerous has the newest key last
            salt=used.salt,
            serializer=used.serializer,
            signer_kwargs={
                "key_derivation": used.key_derivation,
                "digest_method": used.digest_method,
            },
        )

    def _settings(self) -> tuple[object, ...]:
        used = self._interface
        details = used.salt, used.key_derivation, used.digest_method, used.serializer
        return *super()._settings(), *details

    def _loads(self, value: str) -> Any:
        return self._serializer.loads(value, max_age=self.max_age)

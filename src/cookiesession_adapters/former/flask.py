"""Sessions that Flask has begun by its own ``SecureCookieSessionInterface``.

sessions = CookieSession(keys=[...], former=[FlaskReader("the former SECRET_KEY")])
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData, URLSafeTimedSerializer

from cookiesession_core import CookieOptions

from .signed import DAY, SignedReader, fallbacks_of, keys_of


class FlaskReader(SignedReader):
    """Reads the cookie of Flask's own sessions.

    What Flask can store and JSON cannot (``datetime``, ``UUID``, ``bytes``) is not converted:
    the session is refused, and a log line names where it is. Tuples become lists and ``Markup``
    becomes ``str``.

    Args:
        secret_key: the former ``SECRET_KEY``.
        fallbacks: the former ``SECRET_KEY_FALLBACKS``.
        name: the former ``SESSION_COOKIE_NAME``.
        max_age: the former ``PERMANENT_SESSION_LIFETIME``, which ends all of Flask's sessions,
            in seconds or a ``timedelta``.
        options: the former ``SESSION_COOKIE_PATH`` and ``SESSION_COOKIE_DOMAIN``.
        interface: the former ``session_interface``, where its salt, digest or serializer differ.

    Raises:
        ConfigurationError: names the argument and what is allowed.
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
        super().__init__(name, max_age, options)
        used = SecureCookieSessionInterface() if interface is None else interface
        self._serializer = URLSafeTimedSerializer(
            fallbacks_of(fallbacks) + keys_of(secret_key),
            salt=used.salt,
            serializer=used.serializer,
            signer_kwargs={
                "key_derivation": used.key_derivation,
                "digest_method": used.digest_method,
            },
        )

    def _loads(self, value: str) -> Any:
        return self._serializer.loads(value, max_age=self.max_age)

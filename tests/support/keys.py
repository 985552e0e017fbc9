"""Secrets for tests: signing keys, long enough that nothing warns of them, and a payload."""

NEWEST = "newest key, of thirty-two bytes."
OLDER = "older key, also of 32 bytes here"
OTHER = "a key that nobody else here has."
KEYS = [NEWEST, OLDER]

CANARY = "canary: never to be shown. "
"""The contents of a session where a test provokes messages; see ``tests/support/leaks.py``."""


class SecretStr:
    """As in pydantic: it hides a text."""

    def get_secret_value(self) -> None:
        """Never called: the application calls it."""

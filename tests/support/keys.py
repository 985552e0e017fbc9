"""Secrets for tests: signing keys, long enough that nothing warns of them, and a payload."""

NEWEST = "newest key, thirty-two octets ok"
OLDER = "older key, also thirty-two octet"
OTHER = "a key that nobody else here has."
KEYS = [NEWEST, OLDER]

CANARY = "canary: never to be shown. "
"""What a session holds where a test provokes messages; see ``tests/support/leaks.py``."""

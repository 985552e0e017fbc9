"""Signing keys for tests: long enough that nothing warns of them."""

NEWEST = "newest key, thirty-two octets ok"
OLDER = "older key, also thirty-two octet"
OTHER = "a key that nobody else here has."
KEYS = [NEWEST, OLDER]

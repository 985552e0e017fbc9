"""itsdangerous' ``URLSafeTimedSerializer``: it makes the value, not the cookie."""

from typing import Any

from itsdangerous import URLSafeTimedSerializer

from benchmarks.contenders import Library
from benchmarks.payloads import KEY

SERIALIZER = URLSafeTimedSerializer(KEY, salt="session")


def load(header: str) -> Any:
    """Verify and decode; the value is all that the header holds."""
    return SERIALIZER.loads(header, max_age=14 * 24 * 3600)


def save(contents: Any) -> list[str]:
    """Encode and sign."""
    return [str(SERIALIZER.dumps(contents))]


CONTENDER = Library("itsdangerous", load, save)

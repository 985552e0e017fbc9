"""itsdangerous' ``URLSafeTimedSerializer``: the value alone, without any header."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from itsdangerous import URLSafeTimedSerializer

from benchmarks.contender import FUNCTIONS, LOAD, ROUND_TRIP, SAVE, Contender, Operation
from benchmarks.payloads import KEY, Payload

FORTNIGHT = 14 * 24 * 3600


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the serializer is measured by."""
    serializer = URLSafeTimedSerializer(KEY, salt="session")
    contents = payload.contents
    value = serializer.dumps(contents)

    def load(value: str | bytes) -> Any:
        return serializer.loads(value, max_age=FORTNIGHT)

    def round_trip() -> str | bytes:
        loaded = load(value)
        loaded["views"] = loaded.get("views", 0) + 1
        return serializer.dumps(loaded)

    yield Operation(FUNCTIONS, LOAD, lambda: load(value), lambda result: result)
    yield Operation(FUNCTIONS, SAVE, lambda: serializer.dumps(contents), load)
    yield Operation(FUNCTIONS, ROUND_TRIP, round_trip, load)


CONTENDER = Contender(
    name="itsdangerous",
    title="itsdangerous URLSafeTimedSerializer",
    differs="the value alone: neither finds nor formats a cookie; signs a timestamp and checks "
    "the age; compresses where that helps; derives its key at every call (HMAC-SHA1)",
    operations=operations,
    packages=("itsdangerous",),
)

"""What a straightforward port of the Node packages does: their expression, one call a step."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any

from benchmarks import floor
from benchmarks.contender import FUNCTIONS, LOAD, ROUND_TRIP, SAVE, Contender, Operation
from benchmarks.payloads import KEY, Payload, as_request


def _cookie(header: str, name: str) -> str:
    match = re.search(f"(?:^|;) *{re.escape(name)}=([^;]*)", header)
    return match[1] if match else ""


def _signature(text: str) -> str:
    digest = hmac.new(KEY.encode(), text.encode(), hashlib.sha1).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def load(header: str) -> Any:
    """Find, verify, decode."""
    value = _cookie(header, "session")
    if not hmac.compare_digest(_signature(f"session={value}"), _cookie(header, "session.sig")):
        return None
    return json.loads(base64.b64decode(value))


def save(contents: dict[str, Any]) -> list[str]:
    """Encode, sign, format."""
    text = json.dumps(contents, separators=(",", ":"), ensure_ascii=False)
    value = base64.b64encode(text.encode()).decode()
    signature = _signature(f"session={value}")
    return [f"session={value}{floor.TAIL}", f"session.sig={signature}{floor.TAIL}"]


def operations(payload: Payload) -> Iterator[Operation]:
    """Return what the port is measured by."""
    contents = payload.contents
    cookie = as_request(save(contents))

    def round_trip() -> list[str]:
        loaded = load(cookie)
        loaded["views"] = loaded.get("views", 0) + 1
        return save(loaded)

    yield Operation(FUNCTIONS, LOAD, lambda: load(cookie), lambda result: result)
    yield Operation(FUNCTIONS, SAVE, lambda: save(contents), _saved)
    yield Operation(FUNCTIONS, ROUND_TRIP, round_trip, _saved)


def _saved(set_cookies: list[str]) -> Any:
    return floor.load(as_request(set_cookies))


CONTENDER = Contender(
    name="naive",
    title="naive port",
    differs="the same octets, by the standard library's simplest calls; none of our checks",
    operations=operations,
)

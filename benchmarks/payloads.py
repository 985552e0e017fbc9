"""What is kept in the sessions that are measured, and the headers that carry them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import attrs

KEY = "benchmark key: thirty-two octets or more"
"""One key for all contenders; as many octets as ``secrets.token_urlsafe(32)`` has, nearly."""

FOREIGN = tuple(f"foreign{index}=value-of-cookie-{index}" for index in range(100))
"""Cookies of other parts of a site, in the order in which they are sent before ours."""


@attrs.frozen
class Payload:
    """The contents of one session."""

    size: str
    contents: dict[str, Any]
    nested: str | None = None
    """The key of a list in it, if any."""

    @property
    def octets(self) -> int:
        """The length of its compact JSON."""
        return len(json.dumps(self.contents, separators=(",", ":"), ensure_ascii=False).encode())

    @property
    def bumped(self) -> dict[str, Any]:
        """What is saved after one more view."""
        return {**self.contents, "views": self.contents["views"] + 1}


def cookie_header(*pairs: str, foreign: int = 0) -> str:
    """Return a ``Cookie`` header with so many cookies of others before the given pairs."""
    return "; ".join((*FOREIGN[:foreign], *pairs))


def as_request(set_cookies: Iterable[str]) -> str:
    """Return the ``Cookie`` header of a client that has taken these ``Set-Cookie`` values."""
    return cookie_header(*(value.partition(";")[0] for value in set_cookies))


def sized(octets: int) -> Payload:
    """Return a payload whose JSON has exactly so many octets: a counter, and text to fill up."""
    fill = octets - len('{"views":1,"x":""}')
    return Payload(str(octets), {"views": 1, "x": "x" * fill})


def _cart(items: int) -> list[dict[str, Any]]:
    return [
        {
            "sku": f"SKU-{10_000 + 37 * index}",
            "name": f"Article number {index} of the catalogue",
            "quantity": index % 5 + 1,
            "cents": 1999 + 250 * index,
            "gift": index % 3 == 0,
        }
        for index in range(items)
    ]


SMALL = Payload("S", {"views": 1})
TYPICAL = Payload(
    "T",
    {
        "views": 41,
        "user": 90_125,
        "name": "Ada Lovelace",
        "roles": ["editor", "author"],
        "csrf": "0c5e1f7a9b3d48c6a2e4f607185d29b4ee",
    },
    nested="roles",
)
LARGE = Payload(
    "L",
    {
        "views": 41,
        "user": 90_125,
        "name": "Zoë Österreich",
        "flash": "Saved. " * 21 + "OK",
        "cart": _cart(24),
    },
    nested="cart",
)
PAYLOADS = (SMALL, TYPICAL, LARGE)

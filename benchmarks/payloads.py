"""The inputs: contents of sessions, responses, configurations."""

from collections.abc import Iterable
from typing import Any

import attrs

KEY = "benchmark key: thirty-two bytes or more"
"""One key for all contenders."""

Fields = list[tuple[bytes, bytes]]
"""The header fields of a response, as ASGI gives them."""

PLAIN: Fields = [(b"content-type", b"text/plain"), (b"content-length", b"2")]
REAL: Fields = [
    *PLAIN,
    (b"vary", b"Accept-Encoding"),
    (b"set-cookie", b"theme=dark; Path=/; Max-Age=31536000; SameSite=Lax"),
    (b"cache-control", b"private, max-age=0, must-revalidate"),
    (b"x-request-id", b"6f1c1f0e-6f0a-4f0c-9d52-0d6b5c3a7e11"),
    (b"date", b"Thu, 26 Nov 2026 08:04:56 GMT"),
    (b"server", b"uvicorn"),
]
"""A response as applications send it: it has a Vary field and a cookie of somebody else."""
RESPONSES = {"plain": PLAIN, "real": REAL}

HOUR = 3600
CAREFUL = {"idle_timeout": HOUR, "absolute_timeout": 12 * HOUR, "max_age": 12 * HOUR}
CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "careful": {**CAREFUL, "same_site": "lax", "secure": True},
}
"""Options beside the key. Every request comes over https, so that ``secure`` cookies are sent."""


@attrs.frozen
class Payload:
    """The contents of one session."""

    size: str
    contents: dict[str, Any]
    list_key: str = ""
    """The key of a list in the contents, if there is one."""

    @property
    def bumped(self) -> dict[str, Any]:
        """The contents after one more view."""
        return {**self.contents, "views": self.contents["views"] + 1}


def cookie_header(*pairs: str, foreign: int = 0) -> str:
    """Return a ``Cookie`` header: so many cookies of others, then the given pairs."""
    others = (f"foreign{index}=value-of-cookie-{index}" for index in range(foreign))
    return "; ".join((*others, *pairs))


def as_request(set_cookies: Iterable[str]) -> str:
    """Return the ``Cookie`` header of a client that has received these ``Set-Cookie`` values."""
    return cookie_header(*(value.partition(";")[0] for value in set_cookies))


def _article(index: int) -> dict[str, Any]:
    return {
        "sku": f"SKU-{10_000 + 37 * index}",
        "name": f"Article number {index} of the catalogue",
        "quantity": index % 5 + 1,
        "cents": 1999 + 250 * index,
        "gift": index % 3 == 0,
    }


VISITOR = {"views": 41, "user": 90_125}
LOGIN = {"name": "Ada Lovelace", "roles": ["editor", "author"]}
CART = {"flash": "Saved. " * 21 + "OK", "cart": [_article(index) for index in range(24)]}
SMALL = Payload("S", {"views": 1})
TYPICAL = Payload("T", {**VISITOR, **LOGIN, "csrf": "0c5e1f7a9b3d48c6a2e4f607185d29b4ee"}, "roles")
LARGE = Payload("L", {**VISITOR, "name": "Zoë Österreich", **CART}, "cart")
PAYLOADS = (SMALL, TYPICAL, LARGE)

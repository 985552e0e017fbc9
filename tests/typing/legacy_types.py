from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from typing_extensions import assert_type

from cookiesession_adapters.legacy.django import DjangoReader
from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_adapters.legacy.starlette import StarletteReader
from cookiesession_core import (
    CookieOptions,
    CookieSession,
    LegacyReader,
    RequestCookies,
    request_cookies,
)


@attrs.frozen
class OwnReader:
    """A reader without a base class."""

    names: list[str]
    options: CookieOptions | None = None

    def read(self, cookies: RequestCookies, /) -> Mapping[str, Any] | None:
        return {cookies["old"]: 1} if "old" in cookies else None


def the_readers_are_readers(own: OwnReader) -> None:
    readers: list[LegacyReader] = [
        DjangoReader("secret", fallbacks=[b"older"]),
        FlaskReader(b"secret", max_age=3600),
        StarletteReader("secret", name="other"),
        own,
    ]
    assert_type(readers[0].names, Sequence[str])
    assert_type(readers[0].options, CookieOptions | None)
    assert_type(readers[0].read(request_cookies({})), Mapping[str, Any] | None)
    CookieSession(secret="a key", legacy=readers)

    CookieSession(secret="a key", legacy=["secret"])  # type: ignore[list-item]
    CookieSession(secret="a key", legacy=own)  # type: ignore[arg-type]
    FlaskReader(7)  # type: ignore[arg-type]
    DjangoReader("secret", ["older"])  # type: ignore[call-arg]

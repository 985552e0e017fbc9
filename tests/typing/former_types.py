from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from typing_extensions import assert_type

from cookiesession_adapters.former.django import DjangoReader
from cookiesession_adapters.former.flask import FlaskReader
from cookiesession_adapters.former.starlette import StarletteReader
from cookiesession_core import CookieOptions, CookieSession, FormerReader


@attrs.frozen
class OwnReader:
    """A reader without a base class."""

    name: str
    options: CookieOptions

    def read(self, value: str, /) -> Mapping[str, Any] | None:
        return {value: 1} if value else None


def the_readers_are_readers(own: OwnReader) -> None:
    readers: list[FormerReader] = [
        DjangoReader("secret", fallbacks=[b"older"]),
        FlaskReader(b"secret", max_age=3600),
        StarletteReader("secret", name="other"),
        own,
    ]
    assert_type(readers[0].name, str)
    assert_type(readers[0].options, CookieOptions)
    assert_type(readers[0].read("value"), Mapping[str, Any] | None)
    CookieSession(secret="a key", former=readers)

    CookieSession(secret="a key", former=["secret"])  # type: ignore[list-item]
    CookieSession(secret="a key", former=own)  # type: ignore[arg-type]
    FlaskReader(7)  # type: ignore[arg-type]
    DjangoReader("secret", ["older"])  # type: ignore[call-arg]

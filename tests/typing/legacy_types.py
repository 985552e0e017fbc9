from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from typing_extensions import assert_type

from cookiesession_adapters.legacy.django import DjangoReader
from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_adapters.legacy.starlette import StarletteReader
from cookiesession_core import (
    ChunkedReader,
    CookieOptions,
    CookieSession,
    LegacyReader,
    RequestCookies,
)


@attrs.frozen
class OwnReader:
    """A reader without a base class."""

    name: str
    options: CookieOptions

    def read(self, value: str, /) -> Mapping[str, Any] | None:
        return {value: 1} if value else None


class OwnChunkedReader(OwnReader):
    """A reader for several cookies."""

    def chunks(self, cookies: RequestCookies, /) -> list[str]:
        return [name for name in ("a.0", "a.1") if cookies.first(name)]


def a_chunked_reader_is_a_reader(own: OwnChunkedReader, reader: ChunkedReader) -> None:
    readers: list[ChunkedReader] = [own, reader]
    CookieSession(secret="a key", legacy=readers)


def the_names_of_chunks(reader: ChunkedReader, cookies: RequestCookies) -> None:
    assert_type(reader.chunks(cookies), Sequence[str])


def the_readers_are_readers(own: OwnReader) -> None:
    readers: list[LegacyReader] = [
        DjangoReader("secret", fallbacks=[b"older"]),
        FlaskReader(b"secret", max_age=3600),
        StarletteReader("secret", name="other"),
        own,
    ]
    assert_type(readers[0].name, str)
    assert_type(readers[0].options, CookieOptions)
    assert_type(readers[0].read("value"), Mapping[str, Any] | None)
    CookieSession(secret="a key", legacy=readers)

    CookieSession(secret="a key", legacy=["secret"])  # type: ignore[list-item]
    CookieSession(secret="a key", legacy=own)  # type: ignore[arg-type]
    FlaskReader(7)  # type: ignore[arg-type]
    DjangoReader("secret", ["older"])  # type: ignore[call-arg]

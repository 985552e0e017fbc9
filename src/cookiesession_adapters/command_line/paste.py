"""The pasted text: Cookie headers, Set-Cookie values, or a bare value. Its look tells which."""

from __future__ import annotations

import enum
import re
from itertools import groupby

import attrs

from .browser import KNOWN_ATTRIBUTES


class Source(enum.Enum):
    """What kind of text a session was found in."""

    COOKIE = "a Cookie header"
    SET_COOKIE = "Set-Cookie values"
    VALUE = "a bare value"


@attrs.frozen
class Paste:
    """Lines that belong together: of one request, or of one response."""

    source: Source
    lines: tuple[str, ...]
    """Without the names of header fields."""


# As ``curl -v`` prints them (``> Cookie: ...``), or as they stand in a message.
_FIELD = re.compile(r"(?:[<>] ?)?\s*(set-cookie|cookie)\s*:(.*)", re.IGNORECASE | re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+(?:=|%3D){0,2}", re.IGNORECASE)
_WHITE_SPACE = " \t"


def pastes(text: bytes, name: str) -> list[Paste]:
    """Return the pastes on standard input, in order. Any bytes are accepted.

    If one line is marked as a header field, only marked lines count. So the whole output of
    ``curl -v`` is accepted.

    Args:
        text: all of standard input.
        name: the name of the session cookie.
    """
    lines = [line.strip("\r") for line in text.decode("latin-1").split("\n")]
    found = [_field(match) for line in lines if (match := _FIELD.fullmatch(line))]
    if not found:
        bare = [line.strip(_WHITE_SPACE) for line in lines]
        found = [(_kind(line, name), line) for line in bare if line]
    return [
        Paste(source, tuple(line for _, line in group))
        for source, group in groupby(found, key=lambda pair: pair[0])
    ]


def _field(match: re.Match[str]) -> tuple[Source, str]:
    source = Source.COOKIE if match[1].lower() == "cookie" else Source.SET_COOKIE
    return source, match[2].strip(_WHITE_SPACE)


def _kind(line: str, name: str) -> Source:
    later = {part.partition("=")[0].strip(_WHITE_SPACE).lower() for part in line.split(";")[1:]}
    # A cookie may have the name of an attribute. But its header has the session, too.
    if later & KNOWN_ATTRIBUTES and not later & {name.lower(), f"{name}.sig".lower()}:
        return Source.SET_COOKIE
    # The padding of base64 looks like the "=" of a cookie without a value.
    if _BASE64.fullmatch(line) and not line.startswith((f"{name}=", f"{name}.sig=")):
        return Source.VALUE
    return Source.COOKIE

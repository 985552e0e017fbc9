"""What was pasted: Cookie headers, Set-Cookie lines, or a bare value; found out by its look."""

from __future__ import annotations

import enum
import re
from itertools import groupby

import attrs

from .browser import KNOWN_ATTRIBUTES


class Source(enum.Enum):
    """Where a session was found."""

    COOKIE = "a Cookie header"
    SET_COOKIE = "Set-Cookie lines"
    VALUE = "a bare value"


@attrs.frozen
class Evidence:
    """Lines that belong together: of one request, or of one response."""

    source: Source
    lines: tuple[str, ...]
    """Without the field's name."""


# As ``curl -v`` prints them (``> Cookie: ...``), or as they stand in a message.
_FIELD = re.compile(r"(?:[<>] ?)?\s*(set-cookie|cookie)\s*:(.*)", re.IGNORECASE | re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+(?:=|%3D){0,2}", re.IGNORECASE)
_WHITE_SPACE = " \t"


def gather(octets: bytes, name: str) -> list[Evidence]:
    """Return what standard input holds, in order; any octets will do.

    As soon as one line is marked as a header field, only marked lines count: the whole output
    of ``curl -v`` may come in. ``name`` is the session's.
    """
    lines = [line.strip("\r") for line in octets.decode("latin-1").split("\n")]
    found = [_field(match) for line in lines if (match := _FIELD.fullmatch(line))]
    if not found:
        bare = [line.strip(_WHITE_SPACE) for line in lines]
        found = [(_kind(line, name), line) for line in bare if line]
    return [
        Evidence(source, tuple(line for _, line in group))
        for source, group in groupby(found, key=lambda pair: pair[0])
    ]


def _field(match: re.Match[str]) -> tuple[Source, str]:
    source = Source.COOKIE if match[1].lower() == "cookie" else Source.SET_COOKIE
    return source, match[2].strip(_WHITE_SPACE)


def _kind(line: str, name: str) -> Source:
    later = {part.partition("=")[0].strip(_WHITE_SPACE).lower() for part in line.split(";")[1:]}
    # A cookie may be named as an attribute is; a session in a header is seldom alone, though.
    if later & KNOWN_ATTRIBUTES and not later & {name.lower(), f"{name}.sig".lower()}:
        return Source.SET_COOKIE
    # Padding looks like the "=" of a cookie without a value.
    if _BASE64.fullmatch(line) and not line.startswith((f"{name}=", f"{name}.sig=")):
        return Source.VALUE
    return Source.COOKIE

"""The pasted text: Cookie headers, Set-Cookie values, or a bare value. Its look tells which.

People paste what browsers and programs let them copy. Each form is undone here, in this order:
lines that begin with the name of a header field; fields in quotes (a command for curl, JSON);
tables (a cookie jar, the developer tools of a browser); cookies in quotes; lines without a mark.
The first form that finds anything counts.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from itertools import groupby
from urllib.parse import unquote, unquote_plus

import attrs

from .browser import KNOWN_ATTRIBUTES
from .quoted import Quoted, header_fields, named_values, quoted_texts


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


_FIELDS = {"cookie": Source.COOKIE, "set-cookie": Source.SET_COOKIE}
# As ``curl -v`` prints them (``> Cookie: ...``), as they stand in a message, or as a browser lets
# one copy them: with the value in the next column or line.
_FIELD = re.compile(
    r"(?:[<>] ?)?\s*(set-cookie|cookie)(?:\s*[:\t](.*)|\s*)", re.IGNORECASE | re.DOTALL
)
# Base64, perhaps in several parts, and no option of a command such as ``--compressed``. Its padding
# looks like the "=" of a cookie.
_BARE = re.compile(r"(?!--)[\w+/%*~.:=-]+", re.ASCII)
_EQUALS = re.compile(r"=(?![=.:-]|$)")
_NAME = re.compile(r"""[^\s;=,"]+""")
_FOLD = re.compile(r",(?=\s*[^\s;=,]+=)")
"""A comma before another cookie. The comma of a date has no ``=`` after it."""
_COOKIE_REPR = re.compile(r"<Cookie ([^\s=;]+)=([^\s;]*) for ")
"""As Python shows the cookies of ``requests`` and ``httpx``."""
_HOLDS_QUOTES = re.compile(r"""["'].*["']""", re.DOTALL)
_LEVELS = 2
"""How many times texts in quotes are searched for texts in quotes."""
_WHITE_SPACE = " \t"
_BOOLEANS = ("TRUE", "FALSE")
_JAR_COLUMNS = 7
_TABLE_COLUMNS = 3

_Lines = list[tuple[Source, str]]


def pastes(text: bytes, name: str) -> list[Paste]:
    """Return the pastes on standard input, in order. Any bytes are accepted.

    If one line is marked as a header field, only marked lines count. So the whole output of
    ``curl -v`` is accepted.

    Args:
        text: all of standard input.
        name: the name of the session cookie.
    """
    return _pastes(_without_percent_encoding(_without_carets(text.decode("latin-1")), name), name)


def _pastes(plain: str, name: str, level: int = 0) -> list[Paste]:
    lines = [line.strip("\r") for line in plain.split("\n")]
    marked = _marked(lines)
    if marked:
        return _together(marked)
    quoted = quoted_texts(plain)
    fields = [(_FIELDS[field], value) for field, value in header_fields(quoted)]
    if fields:
        return _of_requests(fields)
    pairs = [*_rows(lines, name)] or [*named_values(quoted, name)] or _COOKIE_REPR.findall(plain)
    if pairs:
        return [Paste(Source.COOKIE, tuple(f"{key}={value}" for key, value in pairs))]
    texts = _texts(quoted, name)
    inner = "\n".join(text for text in texts if _HOLDS_QUOTES.search(text))
    if inner and level < _LEVELS:  # JSON as text in JSON, as some log lines are
        return _pastes(inner, name, level + 1)
    bare = [_unquoted(line) for line in texts or lines]
    return _together([(_kind(line, name), line) for line in bare if line])


def _together(found: _Lines) -> list[Paste]:
    """Return one paste for all lines of a kind that follow each other."""
    return [
        Paste(source, _unfolded(source, (line for _, line in group)))
        for source, group in groupby(found, key=lambda pair: pair[0])
    ]


def _of_requests(found: _Lines) -> list[Paste]:
    """Return a paste for each Cookie header, and one for the Set-Cookie values that follow."""
    found_pastes: list[Paste] = []
    for source, group in groupby(found, key=lambda pair: pair[0]):
        values = [value for _, value in group]
        if source is Source.COOKIE:
            # Requests that follow each other often have the same cookies.
            found_pastes += [Paste(source, (value,)) for value in dict.fromkeys(values)]
        else:
            lines = (line for value in values for line in value.split("\n"))
            found_pastes.append(Paste(source, _unfolded(source, lines)))
    return found_pastes


def _unfolded(source: Source, lines: Iterator[str]) -> tuple[str, ...]:
    """Undo the folding of several Set-Cookie values into one line."""
    if source is not Source.SET_COOKIE:
        return tuple(lines)
    return tuple(part.strip(_WHITE_SPACE) for line in lines for part in _FOLD.split(line))


def _without_carets(text: str) -> str:
    """Undo the escapes of the Windows command prompt: ``curl ^"https://...^"``."""
    return re.sub(r"\^(.)", r"\1", text, flags=re.DOTALL) if '^"' in text else text


def _without_percent_encoding(text: str, name: str) -> str:
    """Undo the percent-encoding of a whole header, once or twice. That of a value stays."""
    for _ in range(2):
        if f"{name}=" in text or f"{name}%" not in text:
            break
        text = (unquote_plus if "%3b+" in text.lower() else unquote)(text, "latin-1")
    return text


def _marked(lines: list[str]) -> _Lines:
    """Return the values of lines that begin with the name of a header field."""
    found: _Lines = []
    following = [*lines[1:], ""]
    for line, after in zip(lines, following, strict=True):
        match = _FIELD.fullmatch(line)
        if match is None:
            continue
        value = (match[2] or "").strip(_WHITE_SPACE)
        is_label = not value and "=" in after and not _FIELD.fullmatch(after)
        if value or match[2] is not None or is_label:
            text = after.strip(_WHITE_SPACE) if is_label else value
            found.append((_FIELDS[match[1].lower()], _unquoted(text)))
    return found


def _rows(lines: list[str], name: str) -> Iterator[tuple[str, str]]:
    """Return the cookies in the rows of a table, or of a Netscape cookie jar as curl writes it."""
    for line in lines:
        words, columns = line.split(), line.strip(" ").split("\t")
        if len(words) in (_JAR_COLUMNS - 1, _JAR_COLUMNS) and (
            words[1] in _BOOLEANS and words[3] in _BOOLEANS
        ):
            yield words[5], words[6] if len(words) == _JAR_COLUMNS else ""
        elif (
            len(columns) >= _TABLE_COLUMNS
            or (len(columns) > 1 and columns[0] in (name, f"{name}.sig"))
        ) and (_NAME.fullmatch(columns[0]) and columns[0].lower() != "name"):
            yield columns[0], columns[1].strip(" ")


def _texts(quoted: list[Quoted], name: str) -> list[str]:
    """Return the texts in quotes that hold the session, unless it stands outside of quotes."""
    starts = f"{name}=", f"{name}.sig="
    if any(start in each.before for each in quoted for start in starts):
        return []
    texts = [each.text for each in quoted if any(start in each.text for start in starts)]
    return [line.strip(_WHITE_SPACE) for text in texts for line in text.split("\n")]


def _unquoted(line: str) -> str:
    """Return a line without white space and quotes around it."""
    line = line.strip(_WHITE_SPACE)
    if len(line) > 1 and line[0] in "\"'`" and line[0] == line[-1]:
        return line[1:-1].strip(_WHITE_SPACE)
    return line


def _kind(line: str, name: str) -> Source:
    later = {part.partition("=")[0].strip(_WHITE_SPACE).lower() for part in line.split(";")[1:]}
    # A cookie may have the name of an attribute. But its header has the session, too.
    if later & KNOWN_ATTRIBUTES and not later & {name.lower(), f"{name}.sig".lower()}:
        return Source.SET_COOKIE
    is_bare = _BARE.fullmatch(line) and not _EQUALS.search(line)
    if is_bare and not line.startswith((f"{name}=", f"{name}.sig=")):
        return Source.VALUE
    return Source.COOKIE

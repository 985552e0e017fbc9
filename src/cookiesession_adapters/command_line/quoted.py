"""Text in quotes, as shells, JSON, Python and JavaScript write it, and the cookies in it.

Nothing is parsed as a whole: a fragment of JSON is enough, and so is a line of a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import attrs

# The end of the text closes a quote, too. So no part of the text is searched twice.
_QUOTED = re.compile(
    r""""((?:[^"\\]+|\\.)*)(?:"|\\?\Z)|'((?:[^'\\]+|\\.)*)(?:'|\\?\Z)""", re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(.)|\Z)", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_FIELD = re.compile(r"(cookie|set-cookie)\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_FIELDS = frozenset({"cookie", "set-cookie"})
_OPTION = re.compile(r"(?:^|\s)(?:-b|--cookie)[\s=]*\$?")
_OPTION_LENGTH = 20
_BETWEEN = re.compile(r"[\s:,=>\[(b]*")
"""What may stand between the name of a field and its value."""
_POWERSHELL = "System.Net.Cookie("
_NOT_COOKIES = frozenset({"headers", "querystring", "params"})
"""Lists of a HAR file that also hold objects with a name and a value."""


@attrs.frozen
class Quoted:
    """A text in quotes, and what stands before it."""

    before: str = attrs.field(repr=False)
    """The text from the last closing quote to the opening quote, or to the end."""
    text: str = attrs.field(repr=False)
    """Without quotes and escapes."""

    @property
    def is_member(self) -> bool:
        """Whether only a colon stands between it and the text before: it is a value in JSON."""
        return self.before.strip() == ":"


def quoted_texts(text: str) -> list[Quoted]:
    """Return the texts in quotes, in order; then what follows the last of them, with no text."""
    found: list[Quoted] = []
    end = 0
    for match in _QUOTED.finditer(text):
        inside = match[1] if match[2] is None else match[2]
        found.append(Quoted(text[end : match.start()], _ESCAPE.sub(_unescaped, inside)))
        end = match.end()
    return [*found, Quoted(text[end:], "")]


def _unescaped(match: re.Match[str]) -> str:
    number = match[1] or match[2]
    if number:
        return chr(int(number, 16))
    return _CONTROLS.get(match[3], match[3] or "")


def header_fields(found: list[Quoted]) -> Iterator[tuple[str, str]]:
    """Return the fields ``cookie`` and ``set-cookie``: their names in lower case, and values.

    They are options of curl, members of an object, or objects with a name and a value.
    """
    for index, each in enumerate(found[:-1]):
        name = each.text.lower()
        if match := _FIELD.fullmatch(each.text):
            yield match[1].lower(), match[2]
        elif _OPTION.fullmatch(each.before[-_OPTION_LENGTH:].lstrip()) and "=" in each.text:
            yield "cookie", each.text
        elif name in _FIELDS:
            yield from ((name, value) for value in _values(found, index + 1) if "=" in value)
        elif name == "cookies":  # AWS has them as a list of pairs
            values = [value for value in _values(found, index + 1) if "=" in value]
            yield from [("cookie", "; ".join(values))] if values else []


def _values(found: list[Quoted], index: int) -> list[str]:
    """Return the values of a field whose name stands before ``index``: one, or a list."""
    if found[index].text.lower() == "value":
        index += 1  # {"name": "Cookie", "value": "..."}
    if index + 1 >= len(found) or not _BETWEEN.fullmatch(found[index].before):
        return []
    values = [found[index].text]
    if "[" in found[index].before:
        while index + 2 < len(found) and found[index + 1].before.strip() == ",":
            index += 1
            values.append(found[index].text)
    return values


def named_values(found: list[Quoted], name: str) -> Iterator[tuple[str, str]]:
    """Return the cookies that stand as names and values: of objects, members and calls.

    Args:
        found: all texts in quotes.
        name: the name of the session cookie. A member of another name is not a cookie.
    """
    ours = {name, f"{name}.sig"}
    around = owner = ""
    cookie: dict[str, str] = {}
    for each, following in pairwise(found):
        key, after = each.text.lower(), following.before.lstrip()
        if "{" in each.before:
            cookie = {}
        if each.before.endswith(_POWERSHELL):
            yield each.text, following.text
        elif each.before.rpartition("\n")[2].strip().removesuffix(":") in ours:
            yield each.before.rpartition("\n")[2].strip().removesuffix(":"), each.text
        elif following.is_member and each.text in ours:
            yield each.text, following.text
        elif following.is_member and key in ("name", "value") and around not in _NOT_COOKIES:
            cookie[key] = following.text
            if key == "value" and owner in ours:
                yield owner, following.text
            elif len(cookie) == 2:  # noqa: PLR2004 - the name and the value
                yield cookie.pop("name"), cookie.pop("value")
        elif after.startswith(":"):
            opened = after[1:].lstrip()[:1]
            around = key if opened == "[" else around
            owner = each.text if opened == "{" else owner

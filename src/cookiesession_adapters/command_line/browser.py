"""What a browser does with a Set-Cookie value: RFC 6265bis, sections 5.6 and 5.7.

The address of the response is not known here. So the effects name the conditions on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone

import attrs

from .dates import date

MAX_PAIR_BYTES = 4096
MAX_ATTRIBUTE_BYTES = 1024
MAX_SECONDS = 400 * 24 * 3600

KNOWN_ATTRIBUTES = frozenset(
    {
        *("expires", "max-age", "domain", "path", "secure", "httponly", "samesite"),
        *("partitioned", "priority"),  # not in RFC 6265bis, but in browsers
    }
)

_WHITE_SPACE = " \t"
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_INTEGER = re.compile(r"-?[0-9]+")

_SAME_SITE = {
    "strict": "sends it only with requests of the same site: SameSite=Strict",
    "lax": "sends it with requests of the same site, and when a user follows a link: SameSite=Lax",
    "none": "sends it also with requests of other sites: SameSite=None",
    "": "decides itself when to send it, often as SameSite=Lax: no SameSite with an effect",
}

_DELIMITERS = re.compile(r"[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])")
_DAY = re.compile(r"([0-9]{1,2})(?![0-9])")
_YEAR = re.compile(r"([0-9]{2,4})(?![0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIRST_YEAR = 1601


@attrs.frozen
class Verdict:
    """What a browser does with one Set-Cookie value."""

    name: str
    value: str = attrs.field(repr=False)
    size: int
    """Bytes of the whole Set-Cookie value."""
    refusals: tuple[str, ...]
    """Why the browser ignores the cookie; none: the browser takes it."""
    deletes: bool
    """Whether the browser drops the cookie when it takes the value."""
    effects: tuple[str, ...]
    """What follows from the attributes, and which of them have no effect."""
    attributes: Mapping[str, str]
    """Those that have an effect, by their names in lower case."""

    @property
    def action(self) -> str:
        """What the browser does, in one word."""
        if self.refusals:
            return "ignores"
        return "deletes" if self.deletes else "keeps"


def judge(set_cookie: str, now: float) -> Verdict:
    """Return what a browser does with a Set-Cookie value at ``now``, in seconds."""
    pair, *rest = set_cookie.split(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", name
    name, value = name.strip(_WHITE_SPACE), value.strip(_WHITE_SPACE)
    attributes, ignored = _attributes(rest)
    end = _end(attributes, now)
    return Verdict(
        name=name,
        value=value,
        size=len(set_cookie),
        refusals=tuple(_refusals(set_cookie, name, value, attributes)),
        deletes=end is not None and end <= now,
        effects=(*_effects(name, attributes, end, now), *ignored),
        attributes=attributes,
    )


def _attributes(parts: list[str]) -> tuple[dict[str, str], list[str]]:
    """Return the attributes that have an effect, and why others have none."""
    attributes: dict[str, str] = {}
    ignored: list[str] = []
    for part in parts:
        key, _, value = (piece.strip(_WHITE_SPACE) for piece in part.partition("="))
        name = key.lower()
        if not name:
            continue
        problem = None
        if name not in KNOWN_ATTRIBUTES:
            # Not shown: with a "," in the place of a ";" it may be a signature.
            problem = "an unknown attribute has no effect"
        elif len(value) > MAX_ATTRIBUTE_BYTES:
            problem = f"{key} has {len(value)} bytes and no effect: 1024 are allowed"
        elif name == "max-age" and not _INTEGER.fullmatch(value):
            problem = "Max-Age has no effect: it is not a number of seconds"
        elif name == "expires" and cookie_date(value) is None:
            problem = "Expires has no effect: it is not a date"
        if problem is None:
            attributes[name] = value  # the last attribute of a name counts
        else:
            ignored.append(problem)
    return attributes, ignored


def _refusals(set_cookie: str, name: str, value: str, attributes: Mapping[str, str]) -> list[str]:
    secure = "secure" in attributes
    prefix = (name or value).lower()
    domain = attributes.get("domain", "").removeprefix(".")
    size = len(name) + len(value)
    rules = [
        (_CONTROL.search(set_cookie), "it holds control characters"),
        (not name and not value, "it has neither a name nor a value"),
        (
            size > MAX_PAIR_BYTES,
            f"name and value together have {size} bytes, {MAX_PAIR_BYTES} are allowed",
        ),
        (not domain.isascii(), "Domain is not ASCII"),
        (attributes.get("samesite", "").lower() == "none" and not secure, _needs("SameSite=None")),
        ("partitioned" in attributes and not secure, _needs("Partitioned")),
        (
            not name and prefix.startswith(("__secure-", "__host-", "__http-")),
            "a value without a name begins like a prefixed name",
        ),
        (name and prefix.startswith("__secure-") and not secure, _needs("the prefix __Secure-")),
        (
            name
            and prefix.startswith("__host-")
            and not (secure and not domain and _may_be_the_top(attributes.get("path"))),
            "the prefix __Host- needs Secure, Path=/ and no Domain",
        ),
        (
            name and prefix.startswith("__http-") and not (secure and "httponly" in attributes),
            "the prefix __Http- needs Secure and HttpOnly",
        ),
        (
            name and prefix.startswith("__host-http-") and "httponly" not in attributes,
            "the prefix __Host-Http- needs HttpOnly",
        ),
    ]
    return [reason for broken, reason in rules if broken]


def _may_be_the_top(path: str | None) -> bool:
    # Any other path without a slash at its start stands for the directory of the page.
    return path == "/" or (path is not None and not path.startswith("/"))


def _needs(what: str) -> str:
    return f"{what} needs Secure"


def _effects(
    name: str, attributes: Mapping[str, str], end: float | None, now: float
) -> Iterator[str]:
    yield _keeping(attributes, end, now)
    domain = attributes.get("domain", "").removeprefix(".").lower()
    if domain:
        yield f"sends it to {domain} and all hosts below, and takes it only from these"
    else:
        yield "sends it to the host that set it, and to no other"
    path = attributes.get("path", "")
    if path == "/":
        yield "sends it with every path"
    elif path.startswith("/"):
        yield f"sends it to {path} and all paths below"
    else:
        yield "sends it below the directory of the page that set it: no Path with an effect"
        if name.lower().startswith("__host-"):
            yield "takes it only from pages of the top directory: the prefix __Host-"
    if "secure" in attributes:
        yield "sends it only over HTTPS, and takes it only over HTTPS: Secure"
    else:
        yield "sends it also over plain HTTP: no Secure"
    if "httponly" in attributes:
        yield "hides it from scripts: HttpOnly"
    else:
        yield "shows it to scripts: no HttpOnly"
    yield _SAME_SITE.get(attributes.get("samesite", "").lower(), _SAME_SITE[""])
    if "partitioned" in attributes:
        yield "keeps one cookie for each site that embeds the page: Partitioned"


def _keeping(attributes: Mapping[str, str], end: float | None, now: float) -> str:
    attribute = "Max-Age" if "max-age" in attributes else "Expires"
    if end is None:
        return "keeps it until the browser is closed: no Max-Age, no Expires"
    if end <= now:
        return f"deletes it: {attribute} is in the past"
    if end > now + MAX_SECONDS:
        return f"keeps it for 400 days: {attribute} says more, and browsers keep none longer"
    return f"keeps it until {date(end, now)}: {attribute}"


def _end(attributes: Mapping[str, str], now: float) -> float | None:
    """Return when the cookie ends, in seconds since the epoch."""
    if "max-age" in attributes:
        seconds = int(attributes["max-age"])
        return now + min(seconds, MAX_SECONDS + 1) if seconds > 0 else float("-inf")
    return cookie_date(attributes["expires"]) if "expires" in attributes else None


def cookie_date(text: str) -> float | None:
    """Return the seconds since the epoch for a date by RFC 6265bis, section 5.1.1, or ``None``."""
    clock: re.Match[str] | None = None
    day = year = month = None
    for token in _DELIMITERS.split(text):
        # Each token fills the first of these that it fits and that is still missing.
        if clock is None and (match := _CLOCK.match(token)):
            clock = match
        elif day is None and (match := _DAY.match(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.match(token)):
            year = int(match[1])
    if clock is None or day is None or month is None or year is None:
        return None
    if year < 100:  # noqa: PLR2004 - two digits, by the rule of the RFC
        year += 1900 if year >= 70 else 2000  # noqa: PLR2004
    if year < _FIRST_YEAR:
        return None
    hour, minute, second = (int(part) for part in clock.groups())
    try:
        found = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc)
    except ValueError:
        return None
    return found.timestamp()

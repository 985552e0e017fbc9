"""The syntax of cookies: find a cookie in a request, write one for a response.

Reading follows the matching of Node's ``cookies`` 0.9: every ``;`` separates, also between quotes;
only U+0020 is skipped before a name; the first pair of a name wins. Reading takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, cast

from .attributes import CookieOptions
from .errors import ConfigurationError, CookieNameWarning, got, warn, without_frames
from .hidden import Hidden

_NAME = re.compile(r"(?! )[\x20-\x3a\x3c\x3e-\x7e]+(?<! )")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE_BYTES = bytes({9, *range(0x20, 0x7F), *range(0x80, 0x100)} - {ord(";")})


def find_cookie(header: str | bytes, name: str) -> str | None:
    """Return the first value of cookie ``name`` in a ``Cookie`` header, or ``None``.

    The value is not trimmed and not decoded. If it begins with ``"``, its first and its last
    character are dropped, as Node does. ``bytes`` are read as latin-1.
    """
    text = header if isinstance(header, str) else header.decode("latin-1")
    return HeaderCookies(text).first(name)


RawField = tuple[bytes, bytes]
"""One header field as bytes, its name in lower case: as ASGI, HTTP/2 and h11 have it."""

CookieHeader = str | bytes | Mapping[str, Any] | Iterable[str | bytes | RawField] | None
"""The cookies of a request: a ``Cookie`` header, several, or none.

Or all header fields of a request; only the fields named ``cookie`` are read. Or a mapping of
cookie names to values.
"""

MAX_CANDIDATES = 4
"""Values of one name that are tried. More than four are treated as an attack (cookie tossing)."""


class RequestCookies(Protocol):
    """The cookies of one request. Its ``repr`` hides them."""

    def first(self, name: str) -> str | None:
        """Return the first value of cookie ``name``, or ``None``."""
        ...

    def candidates(self, name: str) -> list[str]:
        """Return the first values of cookie ``name``, without empty ones."""
        ...


def request_cookies(cookies: CookieHeader | RequestCookies) -> RequestCookies:
    """Return the cookies of one request, of any type that servers have.

    Cookies that this function has returned before come back unchanged.

    Raises:
        TypeError: for another form.
    """
    try:
        if isinstance(cookies, str):
            return HeaderCookies(cookies)
        if isinstance(cookies, (HeaderCookies, MappingCookies)):
            return cookies
        if not isinstance(cookies, (list, bytes)) and isinstance(cookies, Mapping):
            return MappingCookies(cast("Mapping[str, Any]", cookies))
        return HeaderCookies(_header_text(cookies))
    finally:
        del cookies


class HeaderCookies:
    """The cookies of one request, as a ``Cookie`` header has them."""

    __slots__ = ("_header",)

    def __init__(self, header: str) -> None:
        self._header = header

    def first(self, name: str) -> str | None:
        """Return the first value of cookie ``name``, or ``None``."""
        # Node matches (?:^|;) *name=([^;]*). str.partition jumps to the name; a regular
        # expression that begins with an alternative would look at each character before it.
        before, found, rest = self._header.partition(f"{name}=")
        if not found:
            return None
        if before and before[-2:] != "; ":
            values = self._values(name, 1)
            return values[0] if values else None
        value = rest.partition(";")[0]
        return value[1:-1] if '"' in value and value[0] == '"' else value

    def candidates(self, name: str) -> list[str]:
        """Return the first values of cookie ``name``, without empty ones."""
        return self._values(name, MAX_CANDIDATES, skip_empty=True)

    def _values(self, name: str, limit: int, *, skip_empty: bool = False) -> list[str]:
        header, pair = self._header, f"{name}="
        values: list[str] = []
        checked = 0
        start = header.find(pair)
        while start >= 0 and len(values) < limit:
            value_start = start + len(pair)
            if start == 0 or _begins_a_pair(header, checked, start):
                end = header.find(";", value_start)
                value = header[value_start:] if end < 0 else header[value_start:end]
                value = value[1:-1] if value[:1] == '"' else value
                if value or not skip_empty:
                    values.append(value)
            checked = value_start
            start = header.find(pair, value_start)
        return values


class MappingCookies:
    """The cookies of one request, as a framework has parsed them: names to values.

    Raises:
        TypeError: for a mapping of header fields, and for values that are not text.
    """

    __slots__ = ("_cookies",)

    def __init__(self, cookies: Mapping[str, Any]) -> None:
        # The values of http.cookies.SimpleCookie are objects that hold the text.
        given = {name: getattr(value, "value", value) for name, value in cookies.items()}
        problem = None
        if not all(isinstance(each, str) for pair in given.items() for each in pair):
            problem = "a mapping of cookie names to values must hold str"
        elif _are_header_fields(given, cookies):
            problem = (
                "a mapping of cookie names to values is expected, got header fields: "
                "pass the Cookie header itself"
            )
        if problem is not None:
            del cookies, given
            raise TypeError(problem)
        self._cookies = given

    def first(self, name: str) -> str | None:
        """Return the value of cookie ``name``, or ``None``."""
        return self._cookies.get(name)

    def candidates(self, name: str) -> list[str]:
        """Return the value of cookie ``name``, if there is one and it is not empty."""
        value = self._cookies.get(name)
        return [value] if value else []


_REQUEST_FIELDS = frozenset({"host", "accept", "user-agent", "accept-encoding"})


def _are_header_fields(given: Mapping[str, str], cookies: Mapping[str, Any]) -> bool:
    """Whether a mapping holds the header fields of a request, and not its cookies.

    A client may give its cookies any names, so one name alone proves nothing.
    """
    lower = {name.lower(): value for name, value in given.items()}
    if "=" in lower.get("cookie", "") and (len(lower) == 1 or lower.keys() & _REQUEST_FIELDS):
        return True
    # Mappings of header fields ignore the case of a name; mappings of cookies do not.
    swapped = (name.swapcase() for name in given)
    return any(name in cookies and name not in given for name in swapped)


def _begins_a_pair(header: str, checked: int, start: int) -> bool:
    # No separator before `checked` is looked at again, so the search takes linear time.
    separator = header.rfind(";", checked, start)
    if separator < 0 and checked > 0:
        return False
    return not header[separator + 1 : start].strip(" ")


def check_request(header: object, https: object) -> None:
    """Refuse at once an object that cannot hold the cookies of a request, or a scheme as text.

    Raises:
        TypeError: says what is allowed.
    """
    if not isinstance(https, bool):
        message = f"https must be True or False, got {type(https).__name__}"
        del header
        raise TypeError(message)
    if isinstance(header, Mapping):
        MappingCookies(header)
    elif header is not None and not isinstance(header, Iterable):
        message = f"{_ALLOWED}, got {type(header).__name__}"
        del header
        raise TypeError(message)


def as_list(set_cookies: Iterable[str]) -> list[str]:
    """Return the ``Set-Cookie`` values of a response as a list.

    Raises:
        TypeError: for a single value, whose characters would pass for values; and for a value
            that is not text.
    """
    if isinstance(set_cookies, (str, bytes)):
        message = f"the Set-Cookie values must be a list, got {type(set_cookies).__name__}"
        del set_cookies
        raise TypeError(message)
    values = [*set_cookies]
    if not all(isinstance(value, str) for value in values):
        del set_cookies, values
        message = "the Set-Cookie values must be a list of str"
        raise TypeError(message)
    return values


_ALLOWED = (
    "the cookies of a request must be a Cookie header (str, bytes, or several of these), "
    "all header fields as pairs of bytes, a mapping of cookie names to values, or None"
)


def _header_text(header: Any) -> str:
    """Return a ``Cookie`` header in one piece. Several are joined with ``"; "``, as Node does."""
    if header is None:
        return ""
    if isinstance(header, bytes):
        return header.decode("latin-1")
    parts: list[Any] = [*header]
    first = parts[0] if parts else b""
    if isinstance(first, (tuple, list)) and first and isinstance(first[0], bytes):
        parts = _cookie_fields(Hidden(parts))
        first = b""
    if isinstance(first, bytes):
        try:
            return b"; ".join(parts).decode("latin-1")
        except TypeError:  # not all are bytes
            pass
    if not all(isinstance(part, (str, bytes)) for part in parts):
        message = f"{_ALLOWED}, got a {type(header).__name__} of something else"
        del header, parts, first
        raise TypeError(message)
    texts = [part if isinstance(part, str) else part.decode("latin-1") for part in parts]
    return "; ".join(texts)


def _cookie_fields(fields: Hidden[list[Any]]) -> list[Any]:
    try:
        values = [value for name, value in fields.value if name == b"cookie"]
        # Some servers keep the capitals of HTTP/1.1.
        return values or [value for name, value in fields.value if name.lower() == b"cookie"]
    except (AttributeError, TypeError, ValueError):  # not all are pairs of bytes
        return [None]


def is_deletion(set_cookie: str) -> bool:
    """Whether a ``Set-Cookie`` value tells the client to drop the cookie."""
    text = set_cookie.lower().replace(" ", "")
    value = text.partition(";")[0].partition("=")[2]
    return value in ("", '""') or _DROPS.search(text) is not None


_DROPS = re.compile(r";max-age=(?:-|0+(?:;|$))|;expires=[^;]*\b(?:0?1-?jan-?)(?:19)?70")


def format_set_cookie(
    name: str, value: str | None, options: CookieOptions, *, https: bool, now: float
) -> str:
    """Return one ``Set-Cookie`` value, its attributes in Node's order and letter case.

    An empty ``value``, or ``None``, expires the cookie, as in Node.

    Args:
        name: the cookie's name.
        value: the cookie's value.
        options: its attributes.
        https: whether the connection is secure.
        now: the time in seconds since the epoch, for ``max_age``.

    Raises:
        ConfigurationError: for a name or value that a header cannot carry, ``secure=True``
            over plain HTTP, or attributes that browsers refuse together.
        TypeError: for another argument of a wrong type.
    """
    given = Hidden((name, Hidden("" if value is None else value), options, https, now))
    del name, value, options, https, now
    try:
        return _formatted(*given.value)
    except (ConfigurationError, TypeError) as error:
        raise without_frames(error) from None


def _formatted(
    name: str,
    value: Hidden[str],
    options: CookieOptions,
    https: bool,  # noqa: FBT001 - the caller passes all arguments on
    now: float,
) -> str:
    check_name(name)
    check_value(value)
    _check_type("options", options, CookieOptions)
    _check_type("https", https, bool)
    _check_type("now", now, int, float)
    if options.secure and not https:
        message = "a cookie with secure=True cannot be sent over plain HTTP"
        raise ConfigurationError(message)
    options.check_together(name, https=https)
    attributes = options.attributes(https=https, now=now, expire=not value.value)
    return f"{name}={value.value}{attributes}"


def _check_type(argument: str, value: object, *allowed: type) -> None:
    if not isinstance(value, allowed):
        names = " or ".join(each.__name__ for each in allowed)
        message = f"{argument} must be {names}, got {type(value).__name__}"
        raise TypeError(message)


def check_name(name: object) -> None:
    """Refuse a cookie name that a browser would not send back.

    Raises:
        ConfigurationError: says what is allowed. The name is not shown: it may be a cookie.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = (
            "a cookie name must be printable ASCII without ';', '=' or spaces at its ends, "
            f"got {got(name)}"
        )
        raise ConfigurationError(message)


def warn_of_name(name: str) -> None:
    """Warn of a name that RFC 6265 does not allow, although browsers and Node do.

    Warns:
        CookieNameWarning: for a name that is not a token. The name is not shown.
    """
    if not _TOKEN.fullmatch(name):
        warn(
            "the cookie name is not a token of RFC 6265: some servers, such as hapi, answer every "
            "request that has such a cookie with 400; use letters, digits and !#$%&'*+-.^_`|~",
            CookieNameWarning,
        )


def check_value(value: Hidden[Any]) -> None:
    """Refuse a cookie value that a header cannot carry.

    Raises:
        ConfigurationError: says what is allowed. The value is not shown: it may be a session.
    """
    if not _fits(value):
        message = (
            "a cookie value must be text without ';', control characters or characters "
            f"beyond latin-1, got {type(value.value).__name__}"
        )
        raise ConfigurationError(message)


def _fits(value: Hidden[Any]) -> bool:
    if not isinstance(value.value, str):
        return False
    try:
        # Delete every byte that is allowed: several times faster than a regular expression.
        return not value.value.encode("latin-1").translate(None, _VALUE_BYTES)
    except UnicodeEncodeError:
        return False

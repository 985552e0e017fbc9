"""The cookies of a request, in each form that servers have, and the way to find one of them.

Reading follows the matching of Node's ``cookies`` 0.9: every ``;`` separates, also between quotes;
only U+0020 is skipped before a name; the first pair of a name wins. Reading takes linear time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, cast

from .hidden import Hidden


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


class RequestCookies(ABC):
    """The cookies of one request: it reads like a mapping of names to their first values.

    It is no ``Mapping``, because tools that show the variables of a frame unfold those.
    """

    __slots__ = ()

    @abstractmethod
    def first(self, name: str) -> str | None:
        """Return the first value of cookie ``name``, or ``None``."""

    @abstractmethod
    def candidates(self, name: str) -> list[str]:
        """Return the first values of cookie ``name``, without empty ones: four at most."""

    @abstractmethod
    def keys(self) -> Collection[str]:
        """Return the names, each once."""

    def get(self, name: str, default: Any = None) -> Any:
        """Return the first value of cookie ``name``, or ``default``."""
        value = self.first(name)
        return default if value is None else value

    def __getitem__(self, name: str) -> str:
        value = self.first(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: str) -> bool:
        return self.first(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


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


class HeaderCookies(RequestCookies):
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

    def keys(self) -> Collection[str]:
        """Return the names, each once."""
        pairs = (pair.lstrip(" ").partition("=") for pair in self._header.split(";"))
        return dict.fromkeys(name for name, found, _ in pairs if name and found)

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


class MappingCookies(RequestCookies):
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
            problem = (
                "a mapping of cookie names to values must hold str, "
                f"got a {type(cookies).__name__} of something else: pass the Cookie header itself"
            )
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

    def keys(self) -> Collection[str]:
        """Return the names."""
        return self._cookies.keys()


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
    if not isinstance(header, Iterable):
        message = f"{_ALLOWED}, got {type(header).__name__}"
        del header
        raise TypeError(message)
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

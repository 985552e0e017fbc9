"""A user agent for the tests: a cookie jar that follows RFC 6265bis section 5, and HTTP.

It treats our cookies as browsers do: above all, it refuses them in silence. Unlike
``http.cookiejar`` it knows prefixes, SameSite, Partitioned and the size limits. Ports do not
separate cookies, so several servers on one host share a session.

These parts are left out, because no test needs them: the public suffix list (a single label
counts as one), the limits on the number of cookies, and script access. All pages are of one
top-level site, so there is one partition.

``tests/live/test_browser.py`` compares it with Chromium. Chromium differs only for cookies that
we never send: it refuses tabs, and cookies without a name that have an equals sign in their
value; it takes ``Max-Age=+6``; a last Max-Age or Expires that cannot be read hides the ones
before it; and a year before 1601 is the past.
"""

from __future__ import annotations

import enum
import http.client
import ipaddress
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import attrs

MAX_PAIR_BYTES = 4096
"""A longer name and value together: the whole cookie is ignored."""
MAX_ATTRIBUTE_BYTES = 1024
"""A longer attribute value: the attribute is ignored."""
MAX_LIFETIME = 400 * 24 * 3600
"""Seconds; a longer lifetime is cut to this."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_WHITE_SPACE = " \t"
_PREFIXES = ("__secure-", "__host-", "__http-", "__host-http-")
"""The last two are younger than RFC 6265bis."""
_SAME_SITE = ("strict", "lax", "none")

_DATE_DELIMITERS = re.compile(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[^0-9].*)?", re.DOTALL)
_DAY = re.compile(r"([0-9]{1,2})(?:[^0-9].*)?", re.DOTALL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR = re.compile(r"([0-9]{2,4})(?:[^0-9].*)?", re.DOTALL)


class Site(enum.Enum):
    """The site that makes a request, as SameSite sees it."""

    SAME = "same-site"
    NAVIGATION = "cross-site, top-level, safe method"
    CROSS = "cross-site, anything else"


@attrs.frozen
class Cookie:
    """A stored cookie."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    expires: float | None
    """Seconds since the epoch; ``None`` lasts until the browser closes."""
    secure: bool
    http_only: bool
    same_site: str
    """``strict``, ``lax``, ``none``, or ``default`` when the server did not say."""
    partitioned: bool
    created: int
    """Its place in the order of creation, which replacing does not change."""

    @property
    def identity(self) -> tuple[str, str, bool, str, bool]:
        """The properties that a later cookie must share to replace this one."""
        return self.name, self.domain, self.host_only, self.path, self.partitioned

    @property
    def pair(self) -> str:
        """How it stands in a Cookie header."""
        return f"{self.name}={self.value}" if self.name else self.value


class CookieJar:
    """The cookies of one user agent. It reads no clock: each call is told the time."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, bool, str, bool], Cookie] = {}
        self._created = 0

    def cookies(self, now: float) -> list[Cookie]:
        """Everything that is stored and has not expired."""
        return [each for each in self._cookies.values() if not _is_past(each.expires, now)]

    def copy(self) -> CookieJar:
        """Return an independent jar with the same cookies."""
        twin = CookieJar()
        twin._cookies = self._cookies.copy()
        twin._created = self._created
        return twin

    def store(
        self, set_cookie: str, url: str, *, now: float, site: Site = Site.SAME
    ) -> Cookie | None:
        """Take one Set-Cookie value of the response from ``url``; ``None`` if it is refused.

        A cookie that is in the past is returned, and deletes what it replaces.
        """
        parsed = _parse(set_cookie)
        if parsed is None:
            return None
        name, value, attributes = parsed
        self._created += 1
        scheme, host, path = _target(url)
        domain = attributes.get("domain", "").removeprefix(".").lower()
        if domain == host and _is_public_suffix(domain):
            domain = ""
        cookie = Cookie(
            name=name,
            value=value,
            domain=domain or host,
            host_only=not domain,
            path=_cookie_path(attributes.get("path", ""), path),
            expires=_expiry(attributes, now),
            secure="secure" in attributes,
            http_only="httponly" in attributes,
            same_site=_same_site(attributes.get("samesite", "")),
            partitioned="partitioned" in attributes,
            created=self._created,
        )
        if not (
            _domain_is_allowed(cookie, host)
            and _is_secure_enough(cookie, scheme)
            and (site is not Site.CROSS or cookie.same_site == "none")
            and _prefix_is_honest(cookie, has_path="path" in attributes)
            and (scheme == "https" or not self._shadows_a_secure_cookie(cookie, now))
        ):
            return None
        old = self._cookies.pop(cookie.identity, None)
        if old is not None:
            cookie = attrs.evolve(cookie, created=old.created)
        if not _is_past(cookie.expires, now):
            self._cookies[cookie.identity] = cookie
        return cookie

    def header(self, url: str, *, now: float, site: Site = Site.SAME) -> str | None:
        """Return the Cookie header of a request for ``url``; ``None`` without cookies."""
        scheme, host, path = _target(url)
        matching = [
            cookie
            for cookie in self.cookies(now)
            if (host == cookie.domain if cookie.host_only else domain_match(host, cookie.domain))
            and path_match(path, cookie.path)
            and (scheme == "https" or not cookie.secure)
            and _may_cross(cookie, site)
        ]
        matching.sort(key=lambda cookie: (-len(cookie.path), cookie.created))
        return "; ".join(cookie.pair for cookie in matching) or None

    def value(self, name: str) -> str:
        """Return the value of the one cookie of that name, whether or not it has expired."""
        return self._only(name).value

    def tamper(self, name: str, value: str | None) -> None:
        """Change the value of the one cookie of that name, or with ``None`` remove it."""
        cookie = self._only(name)
        del self._cookies[cookie.identity]
        if value is not None:
            self._cookies[cookie.identity] = attrs.evolve(cookie, value=value)

    def _only(self, name: str) -> Cookie:
        (cookie,) = (each for each in self._cookies.values() if each.name == name)
        return cookie

    def _shadows_a_secure_cookie(self, cookie: Cookie, now: float) -> bool:
        return not cookie.secure and any(
            other.name == cookie.name
            and other.secure
            and (
                domain_match(other.domain, cookie.domain)
                or domain_match(cookie.domain, other.domain)
            )
            and path_match(cookie.path, other.path)
            for other in self.cookies(now)
        )


# --- the algorithms of section 5 -------------------------------------------------------------


def parse_date(text: str) -> float | None:
    """Return the seconds since the epoch that a cookie date stands for, ``None`` for none."""
    clock: tuple[int, int, int] | None = None
    day = month = year = None
    # Each token is the first part of a date that it can be and that is not yet known.
    for token in _DATE_DELIMITERS.split(text):
        if clock is None and (match := _TIME.fullmatch(token)):
            clock = int(match[1]), int(match[2]), int(match[3])
        elif day is None and (match := _DAY.fullmatch(token)):
            day = int(match[1])
        elif month is None and token[:3].lower() in _MONTHS:
            month = _MONTHS.index(token[:3].lower()) + 1
        elif year is None and (match := _YEAR.fullmatch(token)):
            year = int(match[1])
    if clock is None or day is None or month is None or year is None:
        return None
    hour, minute, second = clock
    if 70 <= year <= 99:
        year += 1900
    elif year <= 69:
        year += 2000
    if year < 1601:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def domain_match(host: str, domain: str) -> bool:
    """Whether a cookie of ``domain`` belongs to ``host``; both are in lower case."""
    return host == domain or (host.endswith(f".{domain}") and not _is_address(host))


def default_path(path: str) -> str:
    """Return the path of a cookie that names none, set by a response from ``path``."""
    if not path.startswith("/"):
        return "/"
    return path[: path.rindex("/")] or "/"


def path_match(path: str, cookie_path: str) -> bool:
    """Whether a cookie of ``cookie_path`` belongs to a request for ``path``."""
    if not path.startswith(cookie_path):
        return False
    return cookie_path.endswith("/") or path[len(cookie_path) :][:1] in ("", "/")


def _parse(set_cookie: str) -> tuple[str, str, dict[str, str]] | None:
    if _CONTROL.search(set_cookie):
        return None
    pair, *rest = set_cookie.split(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", name
    name, value = name.strip(_WHITE_SPACE), value.strip(_WHITE_SPACE)
    if not (name or value) or _bytes(name) + _bytes(value) > MAX_PAIR_BYTES:
        return None
    attributes: dict[str, str] = {}
    for part in rest:
        key, _, content = (piece.strip(_WHITE_SPACE) for piece in part.partition("="))
        key = key.lower()
        if _bytes(content) > MAX_ATTRIBUTE_BYTES or _is_unusable(key, content):
            continue
        attributes[key] = content  # the last one of a name counts
    return name, value, attributes


def _is_unusable(key: str, content: str) -> bool:
    # These are dropped when they are read, so an earlier one of the same name stays in force.
    if key == "max-age":
        return re.fullmatch(r"-?[0-9]*", content) is None or content in ("", "-")
    return key == "expires" and parse_date(content) is None


def _bytes(text: str) -> int:
    return len(text.encode("latin-1"))


def _target(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.path or "/"


def _expiry(attributes: Mapping[str, str], now: float) -> float | None:
    expires: float | None = None
    if "max-age" in attributes:
        seconds = int(attributes["max-age"])
        expires = now + min(seconds, MAX_LIFETIME) if seconds > 0 else float("-inf")
    elif "expires" in attributes:
        expires = parse_date(attributes["expires"])
    return None if expires is None else min(expires, now + MAX_LIFETIME)


def _is_past(expires: float | None, now: float) -> bool:
    return expires is not None and expires <= now


def _cookie_path(attribute: str, request_path: str) -> str:
    return attribute if attribute.startswith("/") else default_path(request_path)


def _same_site(attribute: str) -> str:
    return attribute.lower() if attribute.lower() in _SAME_SITE else "default"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_public_suffix(domain: str) -> bool:
    return "." not in domain and not _is_address(domain)


def _domain_is_allowed(cookie: Cookie, host: str) -> bool:
    if cookie.host_only:
        return True
    return (
        cookie.domain.isascii()
        and not _is_public_suffix(cookie.domain)
        and domain_match(host, cookie.domain)
    )


def _is_secure_enough(cookie: Cookie, scheme: str) -> bool:
    if cookie.secure:
        return scheme == "https"
    return cookie.same_site != "none" and not cookie.partitioned


def _prefix_is_honest(cookie: Cookie, *, has_path: bool) -> bool:
    name = cookie.name.lower()
    if not name:
        # Sent as a bare value, it would look like a cookie with the prefix.
        return not cookie.value.lower().startswith(_PREFIXES)
    if name.startswith(("__http-", "__host-http-")) and not cookie.http_only:
        return False
    if name.startswith("__host-"):
        return cookie.secure and cookie.host_only and has_path and cookie.path == "/"
    return cookie.secure or not name.startswith(_PREFIXES)


def _may_cross(cookie: Cookie, site: Site) -> bool:
    if site is Site.SAME or cookie.same_site == "none":
        return True
    return site is Site.NAVIGATION and cookie.same_site != "strict"


# --- HTTP ------------------------------------------------------------------------------------


@attrs.frozen
class Response:
    """The response of a server."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return every value of the header field ``name``, in order."""
        return [value for field, value in self.headers if field.lower() == name.lower()]

    @property
    def set_cookie(self) -> list[str]:
        """The Set-Cookie values, in order."""
        return self.all("Set-Cookie")

    def json(self) -> Any:
        """Return the value of the JSON in the body."""
        return json.loads(self.body)


@attrs.define
class UserAgent:
    """Sends requests with the cookies of its jar, and keeps what the responses set.

    It follows no redirects: a test sees each response. An ``https`` URL is asked for as by a
    proxy that ends TLS: in plain HTTP, with the scheme in a header.
    """

    jar: CookieJar = attrs.field(factory=CookieJar)
    clock: Callable[[], float] = time.time
    timeout: float = 10

    def copy(self) -> UserAgent:
        """Return an independent user agent with the same cookies."""
        return attrs.evolve(self, jar=self.jar.copy())

    def get(self, url: str, headers: Iterable[tuple[str, str]] = ()) -> Response:
        """Send a GET request."""
        return self.request("GET", url, headers)

    def post(self, url: str, data: Any = None) -> Response:
        """Send a POST request with ``data`` as JSON, or the JSON text ``data``, or no body."""
        if data is None:
            return self.request("POST", url, body=b"")
        text = data if isinstance(data, str) else json.dumps(data)
        return self.request("POST", url, [("Content-Type", "application/json")], text.encode())

    def request(
        self,
        method: str,
        url: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
        *,
        maximum: int | None = None,
    ) -> Response:
        """Send a request and take the cookies of the response.

        A ``Cookie`` field among ``headers`` is sent in the place of the jar's. After ``maximum``
        bytes of the body the user agent goes away.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            message = f"not a URL of HTTP: {url!r}"
            raise ValueError(message)
        fields = [*headers, ("Connection", "close")]
        if parts.scheme == "https":
            fields.append(("X-Forwarded-Proto", "https"))
        cookies = self.jar.header(url, now=self.clock())
        if cookies is not None and "Cookie" not in dict(headers):
            fields.append(("Cookie", cookies))
        if body is not None:
            fields.append(("Content-Length", str(len(body))))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout)
        try:
            connection.putrequest(method, target)
            for field, value in fields:
                connection.putheader(field, value.encode("latin-1"))
            connection.endheaders(body)
            answer = connection.getresponse()
            response = Response(answer.status, answer.getheaders(), answer.read(maximum))
        finally:
            connection.close()
        self.take(url, response)
        return response

    def take(self, url: str, response: Response) -> None:
        """Keep the cookies that a response from ``url`` sets."""
        for set_cookie in response.set_cookie:
            self.jar.store(set_cookie, url, now=self.clock())


def leave(url: str, has_begun: threading.Event) -> None:
    """Send a request, and go away without a response as soon as its handler has begun."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        has_begun.wait(timeout=10)

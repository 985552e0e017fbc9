"""The cookies of each kind of test client, behind one interface."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import Message
from http.cookiejar import CookieJar
from http.cookies import BaseCookie, Morsel
from typing import Any, Protocol
from urllib.parse import urlsplit
from urllib.request import Request

import attrs

from cookiesession_core import Hidden


@attrs.frozen
class Cookie:
    """One ``Set-Cookie`` value."""

    name: str
    value: str = attrs.field(repr=False)
    line: str = attrs.field(repr=False)

    @classmethod
    def of(cls, line: str) -> Cookie:
        """Return the cookie of a ``Set-Cookie`` value."""
        name, _, value = line.partition(";")[0].partition("=")
        return cls(name, value, line)

    def morsel(self) -> Morsel[str]:
        """Return the same for the jars that are made of ``http.cookies``."""
        morsel: Morsel[str] = Morsel()
        morsel.set(self.name, self.value, self.value)  # without quotes, as a server sends it
        for attribute in self.line.split("; ")[1:]:
            key, _, text = attribute.partition("=")
            if morsel.isReservedKey(key):
                morsel[key] = text or True
        return morsel


class Jar(Protocol):
    """The cookies of one client."""

    @property
    def url(self) -> str:
        """An address of the application to which the cookies of the session are sent."""
        ...

    def drop(self) -> None:
        """Forget all cookies of the session."""

    def keep(self, cookie: Cookie, /) -> None:
        """Store a cookie like one of a response."""

    def sent(self) -> str | Mapping[str, Any] | None:
        """Return the cookies that a request to the address carries."""


@attrs.frozen
class StandardJar:
    """A jar of ``http.cookiejar``."""

    url: str
    names: tuple[str, ...]
    jar: CookieJar = attrs.field(repr=False)

    def drop(self) -> None:
        """Forget all cookies of the session, also those of other addresses."""
        for cookie in list(self.jar):
            if cookie.name in self.names:
                self.jar.clear(cookie.domain, cookie.path, cookie.name)

    def keep(self, cookie: Cookie) -> None:
        """Store a cookie like one of a response."""
        extract(Hidden(self.jar), Hidden([cookie.line]), request_to(self.url))

    def sent(self) -> str | None:
        """Return the ``Cookie`` header of a request to the address."""
        request = request_to(self.url)
        self.jar.add_cookie_header(request)
        return request.get_header("Cookie")


def request_to(url: str) -> Request:
    """Return a request for a jar to look at. Nobody sends it."""
    return Request(url)  # noqa: S310


def extract(jar: Hidden[CookieJar], lines: Hidden[list[str]], request: Request) -> None:
    """Store the ``Set-Cookie`` values of a response."""
    response: Any = Response.with_cookies(lines)
    jar.value.extract_cookies(response, request)


@attrs.frozen
class Response:
    """What ``http.cookiejar`` asks of a response."""

    fields: Message = attrs.field(repr=False)

    @classmethod
    def with_cookies(cls, lines: Hidden[list[str]]) -> Response:
        """Return a response with these ``Set-Cookie`` values."""
        fields = Message()
        for line in lines.value:
            fields["Set-Cookie"] = line
        return cls(fields)

    def info(self) -> Message:
        """Return the header fields."""
        return self.fields


@attrs.frozen
class WerkzeugJar:
    """The cookies of a client of Werkzeug, which go by domain and path alone."""

    url: str
    names: tuple[str, ...]
    client: Any
    domain: str | None
    path: str

    def _place(self) -> dict[str, str]:
        return {"domain": self.domain or urlsplit(self.url).hostname or "", "path": self.path}

    def drop(self) -> None:
        """Forget all cookies of the session."""
        for name in self.names:
            self.client.delete_cookie(name, **self._place())

    def keep(self, cookie: Cookie) -> None:
        """Store a cookie like one of a response."""
        only = self.domain is None
        self.client.set_cookie(cookie.name, cookie.value, origin_only=only, **self._place())

    def sent(self) -> dict[str, str]:
        """Return the cookies of the session."""
        kept = [(name, self.client.get_cookie(name, **self._place())) for name in self.names]
        return {name: cookie.value for name, cookie in kept if cookie is not None}


@attrs.frozen
class DjangoJar:
    """The cookies of a client of Django, which sends all of them with every request.

    Where ``request.session`` is ours, the value of the session's own cookie is the whole session,
    because ``client.session`` reads it there. The client sends another text, ``coded_value``.
    """

    url: str
    names: tuple[str, ...]
    cookies: BaseCookie[str] = attrs.field(repr=False)

    def drop(self) -> None:
        """Forget all cookies of the session."""
        for name in self.names:
            self.cookies.pop(name, None)

    def keep(self, cookie: Cookie) -> None:
        """Store a cookie like one of a response. ``client.session`` then finds the session."""
        self.cookies[cookie.name] = cookie.morsel()
        if all(name in self.cookies for name in self.names):
            first, values = self.names[0], self.sent().values()
            self.cookies[first].set(first, ".".join(values), self.cookies[first].coded_value)

    def sent(self) -> dict[str, str]:
        """Return the cookies of the session, also those in one text, a ``session_key``."""
        kept = [_sent_value(self.cookies[name]) for name in self.names if name in self.cookies]
        if len(kept) == 1:
            kept = kept[0].rsplit(".", len(self.names) - 1)
        return dict(zip(self.names, kept, strict=False))


def _sent_value(morsel: Morsel[str]) -> str:
    # The value of the session's own cookie may be a session_key: then this is not what is sent.
    is_quoted = morsel.coded_value.startswith('"')
    return morsel.value if is_quoted else morsel.coded_value


@attrs.frozen
class AiohttpJar:
    """The jar of aiohttp's test client."""

    url: str
    names: tuple[str, ...]
    jar: Any = attrs.field(repr=False)
    address: Any
    """The same as ``url``, in the type of aiohttp."""

    def drop(self) -> None:
        """Forget all cookies of the session."""

        def is_ours(morsel: Morsel[str]) -> bool:
            return morsel.key in self.names

        self.jar.clear(is_ours)

    def keep(self, cookie: Cookie) -> None:
        """Store a cookie like one of a response."""
        self.jar.update_cookies({cookie.name: cookie.morsel()}, self.address)

    def sent(self) -> dict[str, Any]:
        """Return the cookies of the session."""
        cookies = self.jar.filter_cookies(self.address)
        return {name: cookies[name] for name in self.names if name in cookies}

"""Which kind of test client an object is, by its interface, and which address it asks."""

from __future__ import annotations

from http.cookiejar import CookieJar
from http.cookies import BaseCookie
from typing import Any
from urllib.parse import urljoin

from cookiesession_core import ConfigurationError, CookieSession, Hidden

from .jars import AiohttpJar, DjangoJar, Jar, StandardJar, WerkzeugJar
from .tornado import jar_of_http_client


def jar_of(client: Any, sessions: CookieSession, url: str | None) -> Jar:
    """Return the jar of a client.

    Raises:
        TypeError: for a client that is not known.
        ConfigurationError: for a client without an address.
    """
    names, options = sessions.cookie_names, sessions.options
    path = options.path or ""
    cookies: Hidden[Any] = Hidden(getattr(client, "cookies", None))
    jar = _standard_jar(client, cookies)
    if jar is not None:
        return StandardJar(urljoin(url or _address(client), path), names, jar.value)
    is_django = isinstance(cookies.value, BaseCookie)
    if is_django:
        return DjangoJar(url or "https://testserver/", names, cookies.value)
    if _has(client, "get_cookie", "set_cookie", "delete_cookie"):
        address = urljoin(url or _address(client), path)
        return WerkzeugJar(address, names, client, options.domain, options.path or "/")
    if _has(client, "make_url", "session"):
        own = client.make_url("/")
        address = urljoin(url or str(own), path)
        return AiohttpJar(address, names, client.session.cookie_jar, type(own)(address))
    if _has(client, "get_url", "http_client"):
        address = urljoin(url or client.get_url("/"), path)
        return StandardJar(address, names, jar_of_http_client(client.http_client))
    message = (
        f"{type(client).__name__} is not a known test client: expected the client of Starlette, "
        "FastAPI, Litestar, httpx, Flask, Werkzeug, Quart, Django, aiohttp or WebTest, or the "
        "AsyncHTTPTestCase of Tornado"
    )
    raise TypeError(message)


def _standard_jar(client: Any, cookies: Hidden[Any]) -> Hidden[CookieJar] | None:
    """Return the jar of ``http.cookiejar``: of httpx, Requests, Quart or WebTest."""
    places = [getattr(cookies.value, "jar", None), cookies.value]
    places += [getattr(client, name, None) for name in ("cookie_jar", "cookiejar")]
    return next((Hidden(jar) for jar in places if isinstance(jar, CookieJar)), None)


def _has(client: Any, *names: str) -> bool:
    return all(hasattr(client, name) for name in names)


def _address(client: Any) -> str:
    """Return the address that a client asks if it is given only a path."""
    if _has(client, "extra_environ"):  # WebTest
        scheme = client.extra_environ.get("wsgi.url_scheme", "http")
        return f"{scheme}://{client.extra_environ.get('HTTP_HOST', 'localhost')}/"
    if _has(client, "session_transaction"):  # Flask and Quart
        app = client.application if _has(client, "application") else client.app
        return f"{_ANY_SCHEME}://{app.config['SERVER_NAME'] or 'localhost'}/"
    if _has(client, "get_cookie"):  # Werkzeug
        return f"{_ANY_SCHEME}://localhost/"
    base_url = str(getattr(client, "base_url", ""))  # httpx
    if not base_url:
        message = "the client has no address: give it a base_url, or pass url=..."
        raise ConfigurationError(message)
    return base_url


_ANY_SCHEME = "https"
"""For clients that also send secure cookies over plain HTTP."""

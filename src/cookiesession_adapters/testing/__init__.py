"""Log a test client in, and read the session that it has.

    log_in(client, sessions, {"user": "ada", "cart": []})
    client.post("/cart/tea")
    assert read(client, sessions) == {"user": "ada", "cart": ["tea"]}

No framework is imported: the interface of the client decides. The clients of Starlette, FastAPI,
Litestar, httpx, Flask, Werkzeug, Quart, Django, aiohttp and WebTest are known, and Tornado's
``AsyncHTTPTestCase``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cookiesession_core import ConfigurationError, CookieSession, Hidden

from .clients import jar_of
from .jars import Cookie


def log_in(
    client: Any, sessions: CookieSession, contents: Mapping[str, Any], *, url: str | None = None
) -> None:
    """Give a test client the cookies of a session, as if a response had set them.

    They replace the session that the client has.

    Args:
        client: the test client; for Tornado the ``AsyncHTTPTestCase``.
        sessions: the configuration of the application.
        contents: the contents of the session.
        url: the address of the application, if the client asks another one than its own, such as
            a subdomain.

    Raises:
        TypeError: for a client that is not known.
        ConfigurationError: when the client would not send these cookies to the application, or
            the application would not accept them; for another object than a
            :class:`CookieSession`.
        SessionEncodeError: when the contents cannot be written.
        CookieTooLargeError: when a browser would drop the cookies.
    """
    given, configured = Hidden(contents), Hidden(sessions)
    del contents, sessions
    sessions = _configured(configured)
    jar = jar_of(client, sessions, url)
    session = sessions.open(sessions.cookie_header(given.value), https=jar.url.startswith("https:"))
    session.resend()
    cookies = [Cookie.of(line) for line in session.commit()]
    jar.drop()
    for cookie in cookies:
        jar.keep(cookie)
    if sessions.decode(jar.sent()) is None:
        message = f"the client does not send this session to {jar.url}"
        if jar.url.startswith("http:") and sessions.options.secure:
            message += ": the cookie is secure; give the client an address with https://"
        else:
            message += (
                ", or the session is not valid there: look at the address "
                "and at secure, domain, path, expires, validate and clock"
            )
        raise ConfigurationError(message)


def read(client: Any, sessions: CookieSession, *, url: str | None = None) -> dict[str, Any] | None:
    """Return the contents of the session that a test client has, or ``None``.

    Args:
        client: the test client; for Tornado the ``AsyncHTTPTestCase``.
        sessions: the configuration of the application.
        url: the address of the application, as for :func:`log_in`.

    Raises:
        TypeError: for a client that is not known.
        ConfigurationError: for another object than a :class:`CookieSession`.
    """
    given = Hidden(sessions)
    del sessions
    sessions = _configured(given)
    return sessions.decode(jar_of(client, sessions, url).sent())


def _configured(given: Hidden[CookieSession]) -> CookieSession:
    """Return what was given as the configuration; by mistake, it may be a dict with keys."""
    if isinstance(given.value, CookieSession):
        return given.value
    message = (
        f"expected the CookieSession of the application, got {type(given.value).__name__}: "
        "Flask and Quart have it in app.session_interface.sessions, and where Django's settings "
        "make it, client.session takes the place of log_in() and read()"
    )
    raise ConfigurationError(message)

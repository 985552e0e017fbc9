"""aiohttp-session's ``SimpleCookieStorage``."""

from __future__ import annotations

from aiohttp_session import SimpleCookieStorage

from benchmarks.contender import Contender

from ._aiohttp_storage import operations_of

CONTENDER = Contender(
    name="aiohttp_simple",
    title="aiohttp-session SimpleCookieStorage",
    differs="not signed at all, for tests only; JSON in the cookie, and so quoted; cookies by the "
    "standard library's http.cookies; saving needs a Response to be built",
    operations=operations_of(SimpleCookieStorage(cookie_name="session")),
    packages=("aiohttp-session", "aiohttp"),
)

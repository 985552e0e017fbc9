"""A pytest plugin: an application of a test suite has our session in aiohttp-session's place.

The suites write and read cookies of aiohttp-session by helpers. Here the helpers write and read
ours.
"""

from __future__ import annotations

import base64
import json
import time
from types import SimpleNamespace
from typing import Any

import aiohttp_session
from aiohttp import web

from cookiesession_adapters.aiohttp_session import setup
from cookiesession_core import CookieSession

KEYS = ["a key for the tests of a framework, of 32 bytes"]
NAME = "AIOHTTP_SESSION"

original_middleware = aiohttp_session.session_middleware
original_init: Any = web.Application.__init__


def set_up(app: Any, storage: Any) -> None:
    """Set our session up with the settings of a storage."""
    params = storage.cookie_params
    setup(
        app,
        keys=KEYS,
        name=storage.cookie_name,
        max_age=params["max_age"],
        idle_timeout=params["max_age"],
        path=params["path"],
        domain=params["domain"],
        secure=params["secure"],
        http_only=params["httponly"],
        same_site=params["samesite"],
        clock=lambda: time.time(),  # noqa: PLW0108 - a test replaces it
    )


def session_middleware(storage: Any) -> Any:
    """Return a middleware that stands for our set-up in the list of an application."""
    middleware: Any = original_middleware(storage)
    middleware.storage = storage
    return middleware


def make_application(app: Any, *, middlewares: Any = (), **options: Any) -> None:
    """Make an application, with our session in the place of such a middleware."""
    original_init(app, **options)
    for middleware in middlewares:
        if hasattr(middleware, "storage"):
            set_up(app, middleware.storage)
        else:
            app.middlewares.append(middleware)


def make_cookie(client: Any, *arguments: Any, path: Any = "", domain: Any = "") -> None:
    """Give a client the cookies of a session: the last argument is the contents."""
    jar = client.session.cookie_jar
    sessions = CookieSession(keys=KEYS, name=NAME)
    for name, value in sessions.encode(arguments[-1]).items():
        cookie: Any = web.Response()
        cookie.set_cookie(name, value, path=path or "/", domain=domain or None)
        jar.update_cookies(cookie.cookies)


def loads(text: str) -> Any:
    """Read JSON, or a cookie of ours."""
    if text.startswith(("{", "[", '"')):
        return json.loads(text)
    contents = json.loads(base64.b64decode(text)) if text else {}
    contents = {key: value for key, value in contents.items() if not key.startswith("_")}
    return {"session": contents, "created": 0} if contents else {}


aiohttp_session.session_middleware = session_middleware
aiohttp_session.setup = set_up
web.Application.__init__ = make_application  # type: ignore[method-assign,assignment]


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Replace the helpers in the modules of the tests."""
    for module in {item.module for item in items}:
        for name, helper in {
            "make_cookie": make_cookie,
            "decrypt": lambda _, value: loads(value),
            "json": SimpleNamespace(loads=loads, dumps=json.dumps),
        }.items():
            if hasattr(module, name):
                setattr(module, name, helper)

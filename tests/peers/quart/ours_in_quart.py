"""A pytest plugin: every Quart application of a test suite has our session in Quart's place.

The suites set keys and settings after the application is made. So the interface is made again
whenever they have changed, and so is the middleware.

Quart's source distribution has no tests. In a checkout of Quart, with this folder and ``src`` in
``PYTHONPATH``: ``python -m pytest -o addopts= -p ours_in_quart tests``.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

from quart import Quart
from quart.sessions import SessionInterface

from cookiesession_adapters.asgi import CookieSessionMiddleware
from cookiesession_adapters.flask_session import settings_of
from cookiesession_adapters.quart import CookieSessionInterface
from cookiesession_core import CookieSession


class WithoutKeys(SessionInterface):
    """What Quart has for an application without a key."""

    async def open_session(self, *_: Any) -> None:
        return None


def interface_of(app: Any) -> Any:
    """Return the interface for the keys and settings that the application has now."""
    own = vars(app)
    if "own_interface" in own:  # a test has set another one
        return own["own_interface"]
    if not app.secret_key:
        return WithoutKeys()
    keys = [app.secret_key, *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # their keys are short
        settings = settings_of(app)
        known = repr([keys, {**settings, "max_age": None}])
        if own.get("known") != known:
            options: Any = {**settings, "keys": keys}
            own["known"], own["ours"] = known, CookieSessionInterface(CookieSession(**options))
    return own["ours"]


def set_interface(app: Any, interface: Any) -> None:
    vars(app)["own_interface"] = interface


async def serve(app: Any, scope: Any, receive: Any, send: Any) -> None:
    served: Any = partial(original, app)
    interface = app.session_interface
    if isinstance(interface, CookieSessionInterface):
        served = CookieSessionMiddleware(served, interface.sessions, scope_key=None)
    await served(scope, receive, send)


patched: Any = Quart
original = patched.asgi_app
patched.asgi_app = serve
patched.session_interface = property(interface_of, set_interface)

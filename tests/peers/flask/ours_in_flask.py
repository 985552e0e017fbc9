"""A pytest plugin: every Flask application of a test suite has our session in Flask's place.

The suites set keys and settings after the application is made. So the interface is made again
whenever they have changed. ``COOKIESESSION_LATE_WRITES=log`` and ``COOKIESESSION_CODEC=tagged``
stand for options.
"""

from __future__ import annotations

import os
import warnings
from functools import partial
from typing import Any

from flask import Flask
from flask.sessions import SessionInterface

from cookiesession_adapters.codecs.tagged import TaggedCodec
from cookiesession_adapters.flask import CookieSessionInterface, _Ending
from cookiesession_adapters.flask_session import settings_of
from cookiesession_core import CookieSession, JSONCodec

OPTIONS: Any = {
    "late_writes": os.environ.get("COOKIESESSION_LATE_WRITES", "raise"),
    "codec": TaggedCodec() if os.environ.get("COOKIESESSION_CODEC") == "tagged" else JSONCodec(),
}


class WithoutKeys(SessionInterface):
    """What Flask has for an application without a key."""

    def open_session(self, *_: Any) -> None:
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
            options: Any = {**settings, **OPTIONS, "keys": keys}
            own["known"], own["ours"] = known, CookieSessionInterface(CookieSession(**options))
    return own["ours"]


def set_interface(app: Any, interface: Any) -> None:
    vars(app)["own_interface"] = interface


def serve(app: Any, environ: Any, start_response: Any) -> Any:
    return _Ending(partial(original, app), "session", lambda: None)(environ, start_response)


patched: Any = Flask
original = patched.wsgi_app
patched.wsgi_app = serve
patched.session_interface = property(interface_of, set_interface)

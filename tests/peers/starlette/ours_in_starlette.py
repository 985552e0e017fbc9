"""Put our middleware in the place of Starlette's, before Starlette's own tests import it."""

from __future__ import annotations

import json
from typing import Any

from starlette.middleware import sessions

from cookiesession_adapters.asgi import CookieSessionMiddleware
from cookiesession_core import Session

KEY = "a key for tests of thirty-two bytes or more"


def middleware(
    app: Any,
    *,
    secret_key: Any,
    session_cookie: str = "session",
    max_age: int | None = 14 * 24 * 60 * 60,
    path: str = "/",
    same_site: Any = "lax",
    https_only: bool = False,
    domain: str | None = None,
    partitioned: bool = False,
) -> Any:
    """Return our middleware with the options of Starlette's, under our own key."""
    del secret_key
    return CookieSessionMiddleware(
        app,
        keys=[KEY],
        name=session_cookie,
        max_age=max_age,
        path=path,
        same_site=same_site,
        secure=https_only or None,
        domain=domain and domain.lstrip("."),
        partitioned=partitioned,
    )


def as_json(_: json.JSONEncoder, value: Any) -> Any:
    """Let a view answer with its session, which is a dict only in Starlette."""
    if isinstance(value, Session):
        return dict(value)
    raise TypeError(type(value))


json.JSONEncoder.default = as_json  # type: ignore[assignment, method-assign]
sessions.SessionMiddleware = middleware  # type: ignore[assignment, misc]

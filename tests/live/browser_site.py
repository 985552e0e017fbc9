"""The sites that a real browser visits: ``uvicorn tests.live.browser_site:application``.

Every host below ``.test`` is a site of its own, and its first label names the options of its
sessions. The query of a request holds its acts, as a script of the conformance suite. The answer
reports the cookies of the request and of the response.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import parse_qs

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieTooLargeError, Session
from tests.conformance.script import Script, perform
from tests.support.keys import KEYS

SITES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "scripts": {"http_only": False},
    "lax": {"same_site": "lax"},
    "strict": {"same_site": "strict"},
    "none": {"same_site": "none", "secure": True},
    "partitioned": {"same_site": "none", "secure": True, "partitioned": True},
    "lasting": {"max_age": 3600},
    "secure": {"secure": True},
    "host": {"name": "__Host-session", "secure": True},
    "domain": {"domain": "domain.test"},
    "unlimited": {"max_cookie_size": None},
}
"""The options of each site's sessions; sites that are not listed keep them as the first does."""

arrived = asyncio.Event()
released = asyncio.Event()


async def app(scope: Any, _receive: Any, send: Any) -> None:
    """Perform the script of the query, and answer with a report, or with a frame."""
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    session = get_session(scope)
    script = Script.load(query["script"]) if "script" in query else Script()
    results = perform(script.do, lambda _: session)
    await wait(scope["path"])

    kind = b"text/html" if "frame" in query else b"text/plain"
    fields = [(b"cache-control", b"no-store"), (b"content-type", kind)]
    fields += [(name.lower().encode(), value.encode()) for name, value in script.reply.headers]
    try:
        await send({"type": "http.response.start", "status": 200, "headers": fields})
    except CookieTooLargeError as error:
        results.append(type(error).__name__)
        await send({"type": "http.response.start", "status": 500, "headers": fields})
    # The headers have left, so `written` is known.
    if "frame" in query:
        body = f'<!doctype html><iframe src="{escape(query["frame"])}"></iframe>'
    else:
        body = report(scope, session, results)
    await send({"type": "http.response.body", "body": body.encode()})


async def wait(path: str) -> None:
    """Let one request be overtaken by others: it is held from its arrival to its release."""
    if path == "/held":
        arrived.set()
        await released.wait()
        arrived.clear()
        released.clear()
    elif path == "/overtake":
        await arrived.wait()
    elif path == "/release":
        released.set()


def report(scope: Any, session: Session, results: list[Any]) -> str:
    """Return the body of an answer."""
    received = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    written = session.written and session.written.name
    return json.dumps({"results": results, "received": received, "written": written})


MIDDLEWARES = {
    label: CookieSessionMiddleware(app, keys=KEYS, **options) for label, options in SITES.items()
}


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve the site that the Host field names."""
    host = dict(scope["headers"])[b"host"].decode()
    middleware = MIDDLEWARES.get(host.partition(".")[0], MIDDLEWARES["plain"])
    await middleware(scope, receive, send)

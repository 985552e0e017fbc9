"""The answers of the core and of two adapters to many cases, from CPython and from Pyodide.

Cases and answers travel as JSON in ASCII, so that lone surrogates arrive unchanged.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cookiesession_adapters import asgi, wsgi
from cookiesession_core import (
    ConfigurationWarning,
    CookieNameWarning,
    CookieSession,
    CookieSessionError,
    Keygrip,
    SessionEncodeError,
    WeakKeyWarning,
)
from tests.node.vectors.replay import REPLAYS

NOW = 1795515072.678
NEWEST, OLDER = "the newest key: thirty-two bytes ok", "an older key: thirty-two bytes too"
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "sha256": {"algorithm": "sha256"},
    "with attributes": {
        "max_age": 3600.5,
        "domain": "example.com",
        "priority": "high",
        "same_site": "lax",
    },
    "with a lifetime": {"idle_timeout": 60, "absolute_timeout": 3600},
}
"""Configurations, by name."""


async def on_fetch(request: Any, _env: object) -> Any:
    """Answer the cases in the body of a request."""
    from js import Response  # noqa: PLC0415 - CPython has no such module

    return Response.new(answers(await request.text()))


def answers(text: str) -> str:
    """Answer cases given as JSON: triples of a kind, a name and a case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakKeyWarning)
        warnings.simplefilter("ignore", CookieNameWarning)
        warnings.simplefilter("ignore", ConfigurationWarning)
        given = [KINDS[kind](name, case) for kind, name, case in json.loads(text)]
    python = "{}.{}".format(*sys.version_info)
    return json.dumps({"platform": sys.platform, "python": python, "answers": given})


def configured(keys: list[str], *, algorithm: str = "sha1", **options: Any) -> CookieSession:
    """Return one of the configurations, at a time that stands still."""
    return CookieSession(
        keys=Keygrip(keys, algorithm), max_cookie_size=None, clock=lambda: NOW, **options
    )


def about_contents(name: str, contents: dict[str, Any]) -> Any:
    """Write a session, read it again, and visit with it; or return the error."""
    try:
        return written_and_read(name, contents)
    except SessionEncodeError as error:  # a key that the lifetime needs
        return str(error)


def written_and_read(name: str, contents: dict[str, Any]) -> dict[str, Any]:
    """Return the answers for contents that can be written."""
    current = configured([NEWEST, OLDER], **OPTIONS[name])
    older = configured([OLDER], **OPTIONS[name])
    session = current.open(https=True)
    session.replace(contents)
    cookies = current.encode(contents)
    return {
        "cookies": cookies,
        "contents": current.decode(cookies),
        "set_cookie": session.commit(["theme=dark"]),
        "of an older key": visit(current, older.encode(contents)),
        "extended": [visit(current, {**cookies, each: f"{cookies[each]}="}) for each in cookies],
    }


def visit(sessions: CookieSession, cookies: dict[str, str]) -> Any:
    """Let a client with ``cookies`` make a request that only reads."""
    session = sessions.open("; ".join(f"{name}={value}" for name, value in cookies.items()))
    seen = dict(session)
    set_cookie = session.commit()
    return [session.outcome.name, session.key_index, seen, set_cookie, str(session.written)]


def about_algorithm(name: str, data: str) -> Any:
    """Sign by a hash; or return the error if there is no such hash."""
    try:
        grip = Keygrip([NEWEST, OLDER * 9], name)
    except CookieSessionError as error:
        return type(error).__name__
    digest = grip.sign(data)
    return [digest, grip.index(data, digest), grip.index(data, f"{digest}=")]


def about_javascript(_: str, text: str) -> Any:
    """Parse JSON in JavaScript and store the result, as it is and as Python objects."""
    from js import JSON  # noqa: PLC0415 - CPython has no such module

    value = JSON.parse(text)
    try:
        return configured([NEWEST]).encode({"cart": {"items": value}})
    except CookieSessionError as error:
        return [str(error), configured([NEWEST]).encode({"cart": {"items": value.to_py()}})]


def about_adapter(kind: str, contents: dict[str, Any]) -> Any:
    """Write a session in one request and read it in the next one, through an adapter."""
    serve = {"wsgi": served_by_wsgi, "asgi": served_by_asgi}[kind]
    sessions = configured([NEWEST])
    return [serve(sessions, "", contents), serve(sessions, sessions.cookie_header(contents), None)]


def served_by_wsgi(
    sessions: CookieSession, cookies: str, contents: dict[str, Any] | None
) -> list[Any]:
    """Return the header fields and the body of the response to one request."""

    def application(environ: Any, start_response: Any) -> list[bytes]:
        session = wsgi.get_session(environ)
        session.update(contents or {})
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(dict(session)).encode()]

    fields: list[tuple[str, str]] = []
    environ: Any = {"HTTP_COOKIE": cookies, "REQUEST_METHOD": "GET", "wsgi.url_scheme": "https"}
    middleware = wsgi.CookieSessionMiddleware(application, sessions)
    body = middleware(environ, lambda _, given, *__: fields.extend(given))  # type: ignore[arg-type]
    return [fields, b"".join(body).decode()]


def served_by_asgi(
    sessions: CookieSession, cookies: str, contents: dict[str, Any] | None
) -> list[Any]:
    """Return the header fields and the body of the response to one request."""

    async def application(scope: Any, _: Any, send: Any) -> None:
        session = asgi.get_session(scope)
        session.update(contents or {})
        fields = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        body = json.dumps(dict(session)).encode()
        await send({"type": "http.response.body", "body": body})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"cookie", cookies.encode("latin-1"))]
    scope: Any = {"type": "http", "scheme": "https", "headers": headers}
    middleware = asgi.CookieSessionMiddleware(application, sessions)
    with suppress(StopIteration):  # it waits for nothing, so one step is all
        middleware(scope, None, send).send(None)
    start, body = sent
    fields = [[name.decode(), value.decode()] for name, value in start["headers"]]
    return [fields, body["body"].decode()]


KINDS: dict[str, Callable[[str, Any], Any]] = {
    "contents": about_contents,
    "adapter": about_adapter,
    "algorithm": about_algorithm,
    "javascript": about_javascript,
    "recorded": lambda suite, case: REPLAYS[suite](case),
}

"""The costs of the response and the configuration, and the costs of a session in an application."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from cookiesession_core import CookieSession

from . import apps
from .contenders import FRAMEWORKS, Framework, find, ours_asgi, ours_wsgi
from .payloads import (
    CONFIGURATIONS,
    KEY,
    LARGE,
    REAL,
    RESPONSES,
    TYPICAL,
    as_request,
    cookie_header,
)
from .question import Case, Question, Timed, checked, timed
from .sessions import SESSIONS, TITLE, session_calls


def _compared(group: str, row: str) -> Iterator[Case]:
    """Return all pairs of response and configuration: one of them a table, the other a row."""
    for payload, response, configuration in product((TYPICAL, LARGE), RESPONSES, CONFIGURATIONS):
        sessions = CookieSession(keys=[KEY], **CONFIGURATIONS[configuration])
        calls = session_calls(sessions, payload, RESPONSES[response])
        chosen = {name: calls[name] for name in ("round trip", "read", "read a list")}
        pair = {"response": response, "configuration": configuration}
        yield from timed(f"{payload.size}, {pair[group]}", pair[row], chosen)


def responses() -> Iterator[Case]:
    """Compare responses, for each configuration."""
    return _compared("configuration", "response")


def configurations() -> Iterator[Case]:
    """Compare configurations, for each response."""
    return _compared("response", "configuration")


def empty_asgi(app: Any) -> Any:
    """Return an ASGI middleware that wraps ``send`` and does nothing."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        async def wrapped(message: Any) -> None:
            await send(message)

        await app(scope, receive, wrapped)

    return middleware


def empty_wsgi(app: Any) -> Any:
    """Return a WSGI middleware that wraps ``start_response`` and does nothing."""

    def middleware(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, headers, exc_info)

        return app(environ, start)

    return middleware


def untouched() -> Iterator[Case]:
    """Compare with a middleware that does nothing; the response is a real one."""
    for module, empty in ((ours_asgi, empty_asgi), (ours_wsgi, empty_wsgi)):
        ours = module.CONTENDER
        cookie, column = ours.cookie(TYPICAL.contents), ours.protocol.name
        rows = {"empty middleware": empty(ours.bare(REAL)), TITLE: ours.application(None, REAL)}
        for row, app in rows.items():
            yield Case("T", row, column, _added(ours, app, cookie, "untouched"))
    calls = session_calls(SESSIONS, TYPICAL, REAL)
    yield Case("T", TITLE, "without middleware", Timed(calls["untouched"]))


def frameworks() -> Iterator[Case]:
    """Compare the costs of a session in an application that sends real responses."""
    for payload in (TYPICAL, LARGE):
        for each in find(FRAMEWORKS):
            cookie = each.cookie(payload.contents)
            for operation, view in apps.VIEWS.items():
                app = each.application(view, REAL)
                expected = payload.bumped if operation == "round trip" else payload.contents
                _check(each, app, cookie, expected)
                group = f"{payload.size}, {each.protocol.name}"
                yield Case(group, each.title, operation, _added(each, app, cookie, operation))


def _added(contender: Framework, app: Any, cookie: str, operation: str) -> Timed:
    header = cookie_header(cookie, foreign=10 if operation == "untouched" else 0)
    call = contender.protocol.call
    return Timed(call(app, header), without=call(contender.bare(REAL), header))


def _check(contender: Framework, app: Any, cookie: str, expected: dict[str, Any]) -> None:
    """Check that the next request finds the expected contents."""
    found: dict[str, Any] = {}
    sent = apps.set_cookies(contender.protocol.call(app, cookie)())
    look = contender.application(found.update, REAL)
    call = contender.protocol.call(look, as_request(sent) if sent else cookie)
    checked(call, lambda _: found, expected)


QUESTIONS = (
    Question("responses", "Real responses", responses, "plain"),
    Question("configurations", "A careful configuration", configurations, "default"),
    Question("untouched", "An untouched session", untouched, "empty middleware"),
    Question("frameworks", "Sessions of frameworks, on real responses", frameworks, TITLE),
)

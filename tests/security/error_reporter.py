"""Requests that fail, reported by Sentry's SDK with its defaults; run as a program.

The SDK patches the frameworks for good, so it has a process of its own. The program prints one
JSON object: for each framework and each failure the events as they would be sent, what may not be
in them, and whether the session was touched. All that is done twice: with the defaults of the SDK,
and with the hook that the page on operations shows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import attrs
import sentry_sdk
from fastapi import FastAPI
from flask import Flask
from flask import request as flask_request
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cookiesession_adapters import asgi, testing, wsgi
from cookiesession_core import ConfigurationError, CookieSession, Session
from tests.support.keys import CANARY, KEYS
from tests.support.servers import ROOT

CONTENTS = {"note": CANARY, "list": [CANARY], "inner": {"note": CANARY}}


@attrs.frozen
class Failure:
    """What a view does with its session before its response, and while it sends the body."""

    act: Callable[[Session], object] = bool
    late: Callable[[Session], object] | None = None
    options: Mapping[str, Any] = {}


def failing(*given: object) -> Any:
    del given  # the frames of the application are not ours
    raise LookupError


FAILURES = {
    "a session that nobody touched": Failure(failing),
    "a missing key": Failure(lambda session: session["missing"]),
    "an error after a read": Failure(lambda session: failing(session["inner"])),
    "not JSON": Failure(lambda session: session.update(CONTENTS, wrong={1})),
    "too large": Failure(lambda session: session.update(CONTENTS, wrong=CANARY * 200)),
    "a late write": Failure(
        lambda session: session.update(more=CANARY),
        late=lambda session: session.update(late=CANARY),
    ),
    "a late change inside": Failure(
        lambda session: session.update(more=CANARY),
        late=lambda session: session["list"].append(CANARY),
    ),
    "validate that raises": Failure(bool, options={"validate": failing}),
    "max_age that raises": Failure(
        lambda session: session.update(more=CANARY), options={"max_age": failing}
    ),
    "observe that raises": Failure(bool, options={"observe": failing}),
}

# --- the applications --------------------------------------------------------------------------


def body(failure: Failure, session: Session) -> Iterator[bytes]:
    yield b"begun"
    if failure.late is not None:
        failure.late(session)


def a_flask_client(failure: Failure, sessions: CookieSession, seen: list[Session]) -> Any:
    app = Flask("shop")

    @app.get("/")
    def view() -> Any:
        session = wsgi.get_session(flask_request)
        seen.append(session)
        failure.act(session)
        return body(failure, session)

    app.wsgi_app = wsgi.CookieSessionMiddleware(app.wsgi_app, sessions)  # type: ignore[method-assign]
    return app.test_client()


async def asgi_view(request: Request) -> Response:
    failure, seen = request.app.state.given
    seen.append(request.session)
    failure.act(request.session)
    if failure.late is None:
        return PlainTextResponse("fine")
    return StreamingResponse(body(failure, seen[0]))


def an_asgi_client(app: Any, failure: Failure, sessions: CookieSession, seen: Any) -> Any:
    app.state.given = failure, seen
    app.add_middleware(asgi.CookieSessionMiddleware, sessions=sessions)
    return TestClient(app, "https://testserver", raise_server_exceptions=False)


def a_starlette_client(failure: Failure, sessions: CookieSession, seen: list[Session]) -> Any:
    app = Starlette(routes=[Route("/", asgi_view)])
    return an_asgi_client(app, failure, sessions, seen)


def a_fastapi_client(failure: Failure, sessions: CookieSession, seen: list[Session]) -> Any:
    app = FastAPI()
    app.add_api_route("/", asgi_view)
    return an_asgi_client(app, failure, sessions, seen)


CLIENTS = {"Flask": a_flask_client, "Starlette": a_starlette_client, "FastAPI": a_fastapi_client}

DSN = "http://public@127.0.0.1:9/1"

# --- the run -----------------------------------------------------------------------------------


class Kept(Transport):
    """Keeps what the SDK would send."""

    sent: list[str] = []  # noqa: RUF012 - the SDK makes the object

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize().decode())


def taken() -> list[str]:
    """Return what was sent since the last call."""
    sent = Kept.sent[:]
    Kept.sent.clear()
    return sent


def answers(framework: str, failure: Failure) -> dict[str, Any]:
    """Let a logged-in visitor run into a failure."""
    seen: list[Session] = []
    sessions = CookieSession(keys=KEYS, **failure.options)
    plain = CookieSession(keys=KEYS)
    client = CLIENTS[framework](failure, sessions, seen)
    testing.log_in(client, plain, CONTENTS)
    cookies = [*plain.encode(CONTENTS).values()]
    with suppress(Exception):
        response = client.get("/")
        response.close()
        lines = response.headers.getlist if framework == "Flask" else response.headers.get_list
        cookies += [line.split(";")[0].partition("=")[2] for line in lines("Set-Cookie")]
    return {
        "events": taken(),
        "secrets": [*KEYS, CANARY.strip(), *(cookie[:16] for cookie in cookies)],
        "touched": seen[0].accessed,
    }


def report_refusal(make: Callable[..., object], options: dict[str, Any]) -> None:
    """Report that options are refused, without the frame here, which holds keys itself."""
    try:
        make(**options)
    except ConfigurationError as error:
        traceback = error.__traceback__
        sentry_sdk.capture_exception(error.with_traceback(traceback and traceback.tb_next))


def at_start_up() -> dict[str, Any]:
    """Report wrong options, as an application does that cannot start."""
    wrong: list[dict[str, Any]] = [
        {"keys": KEYS, "maxAge": 60},
        {"keys": KEYS[0]},
        {"keys": [*KEYS, 5]},
        {"keys": KEYS, "max_age": 0},
        {"secret": KEYS[0], "name": "a=b"},
    ]
    for make in (CookieSession, partial(wsgi.CookieSessionMiddleware, failing)):
        for options in wrong:
            report_refusal(make, {**options})
    return {"events": taken(), "secrets": KEYS, "touched": True}


def reports() -> dict[str, Any]:
    """Run into each failure in each framework."""
    report = {
        f"{framework}: {what}": answers(framework, failure)
        for framework in CLIENTS
        for what, failure in FAILURES.items()
    }
    return {**report, "at start-up": at_start_up()}


def hook_of_the_page() -> Any:
    """Return the function that the page on operations gives to the SDK."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    shown: dict[str, Any] = {}
    exec(page.split("## Error reporters")[1].split("```python\n")[1].split("```")[0], shown)
    return shown["without_cookies"]


def main() -> None:
    """Print what is reported by the defaults, and with the hook."""
    sentry_sdk.init(DSN, transport=Kept)
    defaults = reports()
    sentry_sdk.init(DSN, transport=Kept, before_send=hook_of_the_page())
    sys.stdout.write(json.dumps({"defaults": defaults, "hook": reports()}))


if __name__ == "__main__":
    main()

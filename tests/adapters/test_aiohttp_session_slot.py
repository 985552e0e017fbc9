"""aiohttp-session's ``get_session``, through aiohttp itself and its own test client."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import aiohttp_security
import aiohttp_session
import pytest
from aiohttp import ClientError, ClientResponse, web
from aiohttp.test_utils import TestClient as Client
from aiohttp.test_utils import TestServer as Server
from aiohttp.typedefs import Handler
from aiohttp_security.abc import AbstractAuthorizationPolicy
from aiohttp_security.session_identity import SessionIdentityPolicy
from aiohttp_session import get_session, new_session

from cookiesession_adapters import aiohttp
from cookiesession_adapters.aiohttp_session import AiohttpSession, setup
from cookiesession_adapters.testing import log_in, read
from cookiesession_core import (
    CookieSession,
    Session,
    SessionCommittedError,
    SessionView,
    Written,
    began_at,
)
from tests.support.cookies import header
from tests.support.keys import KEYS

Visit = Callable[["Client[Any, Any]"], Awaitable[Any]]

sessions = CookieSession(keys=KEYS)


def application(*handlers: Handler, configured: CookieSession = sessions) -> web.Application:
    """Return an application with a route for each handler, under the handler's name."""
    app = web.Application()
    setup(app, configured)
    for handler in handlers:
        app.router.add_get(f"/{handler.__name__}", handler)
    return app


def visit(app: web.Application, act: Visit) -> Any:
    """Let a client act against the application; return its result."""

    async def main() -> Any:
        async with Client(Server(app)) as client:
            return await act(client)

    return asyncio.run(main())


def get(
    app: web.Application, path: str, contents: dict[str, Any] | None = None
) -> tuple[ClientResponse, dict[str, Any] | None]:
    """Send one request; return the response and the session that the client has then."""

    async def act(client: Client[Any, Any]) -> Any:
        if contents is not None:
            log_in(client, sessions, contents)
        response = await client.get(path, allow_redirects=False)
        await response.read()
        return response, read(client, sessions)

    response, session = visit(app, act)
    return response, session


def set_cookies(response: ClientResponse) -> list[str]:
    return response.headers.getall("Set-Cookie", [])


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = [record for record in caplog.records if record.name == "cookiesession"]
    return [record.getMessage() for record in records if record.levelno >= logging.WARNING]


def view(cookies: str | None = None, **options: Any) -> AiohttpSession:
    return AiohttpSession(CookieSession(**{"keys": KEYS, **options}).open(cookies))


async def count(request: web.Request) -> web.Response:
    session = await get_session(request)
    session["views"] = session.get("views", 0) + 1
    return web.Response(text=str(session["views"]))


# --- the object ------------------------------------------------------------------------------


def test_it_is_a_view_and_a_session_of_aiohttp_session() -> None:
    session = view(header({"user": 7}))

    assert isinstance(session, SessionView)
    assert isinstance(session, aiohttp_session.Session)
    assert {"user": 7} == session
    assert (False, False) == (session.new, session.empty)
    assert (True, True) == (view().new, view().empty)
    assert "7" not in repr(session)


def test_it_was_created_when_the_signed_start_says_or_in_this_request() -> None:
    before = int(time.time())
    cookies = header({"user": 7}, absolute_timeout=100, clock=lambda: 1_700_000_000.0)
    lasting = view(cookies, absolute_timeout=100, clock=lambda: 1_700_000_050.0)

    assert 1_700_000_000 == lasting.created
    assert before <= view().created <= time.time()


def test_it_has_no_identity_unless_a_new_session_gets_one() -> None:
    session = view()

    assert session.identity is None
    session.set_new_identity("seven")
    assert "seven" == session.identity
    with pytest.raises(RuntimeError, match="not new"):
        view(header({"user": 7})).set_new_identity("seven")


@pytest.mark.parametrize(("configured", "shown"), [(None, None), (60.5, 60), (timedelta(1), 86400)])
def test_the_lifetime_of_the_cookie_is_shown_in_seconds(configured: Any, shown: int | None) -> None:
    assert shown == view(max_age=configured).max_age


def test_one_session_may_have_a_lifetime_of_its_own() -> None:
    async def remember(request: web.Request) -> web.Response:
        session = await get_session(request)
        session["user"] = 7
        session.max_age = 60
        return web.Response(text=str(session.max_age))

    response, _ = get(application(remember), "/remember")

    assert all("; expires=" in value for value in set_cookies(response))


def test_changed_sends_an_unchanged_session_again() -> None:
    async def touch(request: web.Request) -> web.Response:
        (await get_session(request)).changed()
        return web.Response()

    response, session = get(application(touch), "/touch", {"user": 7})

    assert (2, {"user": 7}) == (len(set_cookies(response)), session)


def test_invalidate_ends_the_session_of_a_client_that_has_one() -> None:
    async def leave(request: web.Request) -> web.Response:
        (await get_session(request)).invalidate()
        return web.Response()

    app = application(leave)

    response, session = get(app, "/leave", {"user": 7})
    assert (2, None) == (len(set_cookies(response)), session)
    response, _ = get(application(leave), "/leave")
    assert [] == set_cookies(response)


# --- a new session ---------------------------------------------------------------------------


def test_a_new_session_takes_the_place_of_the_old_one() -> None:
    async def enter(request: web.Request) -> web.Response:
        before = await get_session(request)
        session = await new_session(request)
        session["cart"] = before["cart"]
        before["user"] = "lost"
        assert session is await get_session(request)
        return web.json_response([dict(before), dict(session)])

    response, session = get(application(enter), "/enter", {"cart": ["tea"], "user": 7})

    assert {"cart": ["tea"]} == session
    assert 2 == len(set_cookies(response))


def test_a_new_session_that_stays_empty_ends_the_old_one() -> None:
    async def enter(request: web.Request) -> web.Response:
        await new_session(request)
        return web.Response()

    _, session = get(application(enter), "/enter", {"user": 7})

    assert session is None


# --- emptied ---------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["plain", "stream", "redirect", "failure"])
def test_a_session_whose_last_item_is_removed_is_ended_with_every_kind_of_response(
    way: str,
) -> None:
    async def leave(request: web.Request) -> web.StreamResponse:
        del (await get_session(request))["user"]
        if way == "redirect":
            raise web.HTTPFound(location="/")
        if way == "failure":
            raise LookupError
        if way == "plain":
            return web.Response()
        response = web.StreamResponse()
        await response.prepare(request)
        return response

    response, session = get(application(leave), "/leave", {"user": 7})

    assert session is None
    assert all("1970" in value for value in set_cookies(response))
    assert 2 == len(set_cookies(response))


def test_a_session_that_is_emptied_and_filled_again_goes_on() -> None:
    cookies = header({"user": 7}, absolute_timeout=100)
    configured = CookieSession(keys=KEYS, absolute_timeout=100)
    start = began_at(configured.open(cookies))

    async def swap(request: web.Request) -> web.Response:
        session = await get_session(request)
        del session["user"]
        session["guest"] = True
        return web.Response()

    async def act(client: Client[Any, Any]) -> list[str]:
        response = await client.get("/swap", headers={"Cookie": cookies})
        return set_cookies(response)

    values = [
        value.partition(";")[0] for value in visit(application(swap, configured=configured), act)
    ]

    assert start == began_at(configured.open(values))


# --- responses -------------------------------------------------------------------------------


def test_views_are_counted_and_an_untouched_session_leaves_no_trace() -> None:
    async def untouched(_request: web.Request) -> web.Response:
        return web.Response()

    async def act(client: Client[Any, Any]) -> Any:
        texts = [await (await client.get("/count")).text() for _ in range(2)]
        return texts, await client.get("/untouched")

    texts, response = visit(application(count, untouched), act)

    assert ["1", "2"] == texts
    assert ([], None) == (set_cookies(response), response.headers.get("Vary"))


def test_a_middleware_further_out_answers_without_a_session() -> None:
    @web.middleware
    async def refuse(request: web.Request, handler: Handler) -> web.StreamResponse:  # noqa: ARG001
        return web.Response(status=403)

    app = web.Application(middlewares=[refuse])
    setup(app, sessions)

    response, _ = get(app, "/")

    assert 403 == response.status


def test_a_session_too_large_gets_the_error_page_of_aiohttp() -> None:
    async def fill(request: web.Request) -> web.Response:
        (await get_session(request))["text"] = "x" * 5000
        return web.Response()

    response, session = get(application(fill), "/fill", {"user": 7})

    assert (500, [], {"user": 7}) == (response.status, set_cookies(response), session)


def test_a_write_after_the_headers_raises_and_a_late_change_is_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    raised: list[Exception] = []
    ended: list[Session] = []

    async def stream(request: web.Request) -> web.StreamResponse:
        session = await get_session(request)
        cart = session["cart"] = ["tea"]
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            session["user"] = 7
        except SessionCommittedError as error:
            raised.append(error)
        cart.append("milk")
        return response

    configured = CookieSession(keys=KEYS, observe=ended.append)
    _, session = get(application(stream, configured=configured), "/stream")

    assert {"cart": ["tea"]} == session
    assert 1 == len(raised)
    assert "changed under 'cart'" in errors(caplog)[0]
    assert [Written.SAVED] == [each.written for each in ended]


def test_a_plain_response_that_the_handler_prepares_is_refused_as_by_aiohttp_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def prepare(request: web.Request) -> web.Response:
        response = web.Response()
        await response.prepare(request)
        return response

    with suppress(ClientError):  # the connection is closed
        get(application(prepare), "/prepare")

    assert "prepared response" in caplog.text


# --- beside other parts ----------------------------------------------------------------------


def test_the_session_is_that_of_the_aiohttp_adapter() -> None:
    async def both(request: web.Request) -> web.Response:
        aiohttp.get_session(request)["user"] = 7
        return web.json_response(dict(await get_session(request)))

    async def act(client: Client[Any, Any]) -> Any:
        return await (await client.get("/both")).json()

    assert {"user": 7} == visit(application(both), act)


def test_a_sub_application_shares_the_session() -> None:
    inner, outer = application(count), application()
    outer.add_subapp("/inner", inner)

    response, session = get(outer, "/inner/count")

    assert {"views": 1} == session
    assert 2 == len(set_cookies(response))


class Permissions(AbstractAuthorizationPolicy):
    """Permits everything to everybody who is logged in."""

    async def permits(self, identity: str | None, _permission: Any, _context: Any = None) -> bool:
        return identity is not None

    async def authorized_userid(self, identity: str) -> str | None:
        return identity


def test_a_log_in_by_aiohttp_security_is_kept_in_the_session_and_ended_there() -> None:
    async def enter(request: web.Request) -> web.Response:
        response = web.HTTPFound("/")
        await aiohttp_security.remember(request, response, "ada")
        raise response

    async def who(request: web.Request) -> web.Response:
        return web.Response(text=await aiohttp_security.authorized_userid(request))

    async def leave(request: web.Request) -> web.Response:
        response = web.Response()
        await aiohttp_security.forget(request, response)
        return response

    app = application(enter, who, leave)
    aiohttp_security.setup(app, SessionIdentityPolicy(), Permissions())

    async def act(client: Client[Any, Any]) -> list[Any]:
        await client.get("/enter", allow_redirects=False)
        seen: list[Any] = [read(client, sessions), await (await client.get("/who")).text()]
        await client.get("/leave")
        return [*seen, read(client, sessions), await (await client.get("/who")).text()]

    assert [{"AIOHTTP_SECURITY": "ada"}, "ada", None, ""] == visit(app, act)

"""The ASGI adapter among Starlette's middlewares, and as the session of other libraries."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.integrations.starlette_client import OAuth
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cookiesession_adapters.asgi import CookieSessionMiddleware
from tests.support.asgi import serving
from tests.support.keys import KEYS
from tests.support.user_agent import UserAgent

Serve = Callable[..., str]
OURS = Middleware(CookieSessionMiddleware, keys=KEYS)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:

        def serve(*routes: Route, **options: Any) -> str:
            return stack.enter_context(serving(Starlette(routes=routes, **options)))

        yield serve


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def read(request: Request) -> Response:
    return JSONResponse({**request.session})


def login(request: Request) -> Response:
    request.session["user"] = 7
    return JSONResponse({})


def fail(request: Request) -> Response:
    request.session["user"] = 7
    raise LookupError


async def count(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
    request.session["requests"] = request.session.get("requests", 0) + 1
    return await proceed(request)


async def tag(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await proceed(request)
    response.set_cookie("seen", "1")
    return response


COUNT = Middleware(BaseHTTPMiddleware, dispatch=count)
TAG = Middleware(BaseHTTPMiddleware, dispatch=tag)


@pytest.mark.parametrize(
    ("middleware", "session"),
    [
        ([OURS, COUNT], {"user": 7, "requests": 2}),
        ([TAG, OURS], {"user": 7}),
        ([TAG, OURS, COUNT, TAG], {"user": 7, "requests": 2}),
    ],
    ids=["around", "within", "between"],
)
def test_it_works_around_and_within_function_middlewares(
    serve: Serve, agent: UserAgent, middleware: list[Middleware], session: dict[str, Any]
) -> None:
    url = serve(Route("/", read), Route("/login", login), middleware=middleware)

    names = {line.partition("=")[0] for line in agent.get(f"{url}/login").set_cookie}

    assert names - {"seen"} == {"session", "session.sig"}
    assert ("seen" in names) is (TAG in middleware)
    assert session == agent.get(url).json()


def test_a_session_that_an_unhandled_exception_loses_is_reported(
    serve: Serve, agent: UserAgent, caplog: pytest.LogCaptureFixture
) -> None:
    url = serve(Route("/", read), Route("/fail", fail), middleware=[OURS])

    assert 500 == agent.get(f"{url}/fail").status
    assert {} == agent.get(url).json()
    assert "'session' was not sent: an exception left the application" in caplog.text


def test_an_unhandled_exception_without_a_write_is_not_reported(
    serve: Serve, agent: UserAgent, caplog: pytest.LogCaptureFixture
) -> None:
    def read_and_fail(request: Request) -> Response:
        assert not request.session
        raise LookupError

    url = serve(Route("/fail", read_and_fail), middleware=[OURS])

    assert 500 == agent.get(f"{url}/fail").status
    assert [] == [record for record in caplog.records if record.name == "cookiesession"]


def test_the_lifespan_of_the_application_runs(serve: Serve, agent: UserAgent) -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, str]]:
        yield {"from": "lifespan"}

    def state(request: Request) -> Response:
        return JSONResponse(request.state.__getattr__("from"))

    assert "lifespan" == agent.get(serve(Route("/", state), lifespan=lifespan)).json()


# --- a library that keeps its state in Starlette's session -----------------------------------


async def grant(request: Request) -> Response:
    """Give everybody a token, as the token endpoint of an OAuth 2 server."""
    assert b"grant_type=authorization_code" in await request.body()
    return JSONResponse({"access_token": "granted", "token_type": "Bearer"})


def test_authlib_keeps_the_state_of_its_flow_in_the_session(serve: Serve, agent: UserAgent) -> None:
    provider = serve(Route("/token", grant, methods=["POST"]))
    oauth = OAuth()
    oauth.register(
        "provider",
        client_id="us",
        client_secret="secret",
        access_token_url=f"{provider}/token",
        authorize_url=f"{provider}/authorize",
        client_kwargs={"code_challenge_method": "S256"},
    )

    async def start(request: Request) -> Response:
        response: RedirectResponse = await oauth.provider.authorize_redirect(
            request, str(request.url_for("finish"))
        )
        return response

    async def finish(request: Request) -> Response:
        return JSONResponse(await oauth.provider.authorize_access_token(request))

    url = serve(Route("/start", start), Route("/finish", finish), middleware=[OURS])
    (location,) = agent.get(f"{url}/start").all("Location")
    (state,) = parse_qs(urlsplit(location).query)["state"]

    finished = agent.get(f"{url}/finish?code=code&state={state}")
    stranger = UserAgent().get(f"{url}/finish?code=code&state={state}")

    assert "granted" == finished.json()["access_token"]
    assert 500 == stranger.status

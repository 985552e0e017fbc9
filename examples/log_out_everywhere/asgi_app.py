"""Log out everywhere, with a check that awaits: Starlette.

A session is valid while its generation equals the generation that Redis holds for its user.

    export COOKIESESSION_KEYS=newest,older
    REDIS_URL=redis://127.0.0.1:6379 uvicorn asgi_app:application
"""

from __future__ import annotations

import os

import redis.asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session

store = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=1)


async def generation_of(user: str) -> int:
    """Return the generation that the sessions of ``user`` must have."""
    return int(await store.get(f"generation:{user}") or 0)


async def current_session(request: Request) -> Session:
    """Return the session. Destroy it first if it is of an earlier generation."""
    session = get_session(request.scope)
    user = session.get("user")
    if user is not None and session.get("generation") != await generation_of(user):
        session.destroy()
    return session


async def log_in(request: Request) -> PlainTextResponse:
    """Begin a session. A real application checks a password first."""
    user = request.path_params["user"]
    session = get_session(request.scope)
    session.replace({"user": user, "generation": await generation_of(user)})
    return PlainTextResponse(user)


async def log_out_everywhere(request: Request) -> PlainTextResponse:
    """End all sessions of the user, in all browsers."""
    session = await current_session(request)
    if "user" in session:
        await store.incr(f"generation:{session['user']}")
        session.destroy()
    return PlainTextResponse("bye")


async def who(request: Request) -> PlainTextResponse:
    """Show who is logged in."""
    session = await current_session(request)
    return PlainTextResponse(session.get("user", "nobody"))


app = Starlette(
    routes=[
        Route("/log-in/{user}", log_in, methods=["POST"]),
        Route("/log-out-everywhere", log_out_everywhere, methods=["POST"]),
        Route("/", who),
    ]
)
application = CookieSessionMiddleware(app, keys=os.environ["COOKIESESSION_KEYS"].split(","))

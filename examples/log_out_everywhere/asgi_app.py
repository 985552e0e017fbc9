"""Log out everywhere, with a check that awaits: Starlette.

A session is valid while its generation equals the generation that Redis holds for its user. If
Redis holds none, nobody is logged in as this user.

    export COOKIESESSION_KEYS="$(cat keys.txt)"
    REDIS_URL=redis://127.0.0.1:6379 uvicorn asgi_app:application
"""

from __future__ import annotations

import os
import secrets

import redis.asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session, parse_keys

store = redis.asyncio.Redis.from_url(
    os.environ["REDIS_URL"], socket_timeout=1, decode_responses=True
)


def key_of(user: str) -> str:
    """Return where Redis holds the generation of ``user``."""
    return f"generation:{user}"


async def current_session(request: Request) -> Session:
    """Return the session. Destroy it first if its generation is not the current one."""
    session = get_session(request.scope)
    if "user" in session:
        current = await store.get(key_of(session["user"]))
        if current is None or session.get("generation") != current:
            session.destroy()
    return session


async def log_in(request: Request) -> PlainTextResponse:
    """Begin a session. A real application checks a password first."""
    user = request.path_params["user"]
    await store.set(key_of(user), secrets.token_hex(16), nx=True)  # unless there is one
    generation = await store.get(key_of(user))
    get_session(request.scope).replace({"user": user, "generation": generation})
    return PlainTextResponse(user)


async def log_out_everywhere(request: Request) -> PlainTextResponse:
    """End all sessions of the user, in all browsers."""
    session = await current_session(request)
    if "user" in session:
        await store.set(key_of(session["user"]), secrets.token_hex(16))
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
application = CookieSessionMiddleware(app, keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")))

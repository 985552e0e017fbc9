"""A FastAPI application that takes the steps of a request, as the routes of Next.js do."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_adapters.formats.iron_session import IronSession

app = FastAPI()


@app.get("/account", response_class=PlainTextResponse)
def account(request: Request) -> str:
    return f"Hello {request.session.get('user', 'nobody')}."


@app.get("/count", response_class=PlainTextResponse)
def count(request: Request, response: Response) -> str:
    request.session["views"] = request.session.get("views", 0) + 1
    response.set_cookie("theme", "dark", expires=86400)
    return str(request.session["views"])


@app.post("/logout")
def logout(request: Request) -> None:
    get_session(request.scope).destroy()


@app.post("/")
async def take(request: Request) -> Any:
    session = get_session(request.scope)
    loaded = dict(session)
    for name, *arguments in (await request.json())["steps"]:
        if name == "set":
            session.update(arguments[0])
        elif name == "delete":
            del session[arguments[0]]
        elif name == "destroy":
            session.destroy()
    return loaded


@cache
def configured(password: str) -> CookieSessionMiddleware:
    return CookieSessionMiddleware(app, format=IronSession(json.loads(password)), name="sid")


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve a request by the passwords that it names, else by the one of the environment."""
    default = json.dumps(os.environ["SESSION_PASSWORD"])
    password = dict(scope.get("headers", ())).get(b"x-password", default.encode())
    await configured(password.decode())(scope, receive, send)

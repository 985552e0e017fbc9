"""A FastAPI application in AWS Lambda, under Mangum.

The environment variable COOKIESESSION_KEYS of the function holds the keys: ``newest,older``.
"""

from __future__ import annotations

import os
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse
from mangum import Mangum

from cookiesession_adapters.asgi import CookieSessionMiddleware
from cookiesession_core import parse_keys

app = FastAPI()


@app.get("/")
def count(request: Request) -> PlainTextResponse:
    """Count visits."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    response = PlainTextResponse(f"{request.session['visits']} visits.")
    response.set_cookie("theme", "dark")
    return response


with_sessions: Any = CookieSessionMiddleware(
    app, keys=parse_keys(os.environ.get("COOKIESESSION_KEYS"))
)
handler = Mangum(with_sessions, lifespan="off")

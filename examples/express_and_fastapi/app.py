"""The other half of a site: users who have logged in at server.js fill a cart here.

    pip install "cookiesession[fastapi]" uvicorn
    export COOKIESESSION_KEYS="$(cat keys.txt)"
    uvicorn --port=8000 app:app

Open both under one host name, for example behind one proxy. The browser then sends the same
cookies to both. Different ports do not separate cookies.
"""

from __future__ import annotations

import os

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import PlainTextResponse

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import parse_keys

app = FastAPI(default_response_class=PlainTextResponse)
app.add_middleware(
    CookieSessionMiddleware,
    keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")),  # newest first
    max_age=14 * 24 * 3600,  # seconds
    same_site="lax",
)


@app.post("/cart/{item}")
async def add(item: str, request: Request) -> str:
    """Put an item into the cart of the logged-in user."""
    session = get_session(request.scope)
    if "user" not in session:
        raise HTTPException(403, "Log in first.")
    session["cart"].append(item)
    return f"{session['user']}: {', '.join(session['cart'])}"


@app.post("/log-out")
async def log_out(request: Request) -> str:
    """End the session, here and at server.js."""
    get_session(request.scope).destroy()
    return "bye"

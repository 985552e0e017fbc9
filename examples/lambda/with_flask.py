"""A Flask application in AWS Lambda, under apig-wsgi.

The environment variable COOKIESESSION_KEYS of the function holds the keys: ``newest,older``.
"""

from __future__ import annotations

import os

from apig_wsgi import make_lambda_handler
from flask import Flask, Response, request

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import parse_keys

app = Flask(__name__)


@app.get("/")
def count() -> Response:
    """Count visits."""
    session = get_session(request.environ)
    session["visits"] = session.get("visits", 0) + 1
    response = Response(f"{session['visits']} visits.", mimetype="text/plain")
    response.set_cookie("theme", "dark")
    return response


handler = make_lambda_handler(
    CookieSessionMiddleware(app, keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")))
)

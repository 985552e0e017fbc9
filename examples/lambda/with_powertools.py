"""Powertools for AWS Lambda, with a middleware that opens and commits the session.

The environment variable COOKIESESSION_KEYS of the function holds the keys: ``newest,older``.
"""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from cookiesession_core import CookieSession, Session, end_request, parse_keys

sessions = CookieSession(
    keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax", max_age=14 * 24 * 3600
)
# For other callers: APIGatewayRestResolver, ALBResolver or LambdaFunctionUrlResolver.
app = APIGatewayHttpResolver()


def with_session(app: Any, next_middleware: NextMiddleware) -> Response[Any]:
    """Give each route the session of its request, and send it with the response."""
    event = app.current_event
    cookies = event.get("cookies") or event.resolved_headers_field.get("cookie")
    session = sessions.open(cookies, https=True)
    app.append_context(session=session)
    try:
        response = next_middleware(app)
        # Powertools writes the text of each cookie, although its types ask for objects.
        set_cookies: list[Any] = session.commit()
        response.cookies.extend(set_cookies)
        if session.accessed:
            response.headers.setdefault("Cache-Control", "private")
    finally:
        end_request(session, "an exception left the route before any response")
    return response


app.use(middlewares=[with_session])


def current_session() -> Session:
    """Return the session of the request."""
    session: Session = app.context["session"]
    return session


@app.post("/log-in")
def log_in() -> dict[str, str]:
    """Begin a session."""
    current_session().replace({"user": "ada"})  # check a password here
    return {"said": "Welcome."}


@app.post("/log-out")
def log_out() -> dict[str, str]:
    """End the session."""
    current_session().destroy()
    return {"said": "Goodbye."}


@app.get("/")
def home() -> Response[str]:
    """Greet a logged-in visitor."""
    session = current_session()
    if "user" not in session:
        return Response(401, "text/plain", "Log in first.")
    return Response(200, "text/plain", f"Hello {session['user']}.")


handler = app.resolve

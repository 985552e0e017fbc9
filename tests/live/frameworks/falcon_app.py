from __future__ import annotations

from collections.abc import Iterator

import falcon

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session
from tests.support.keys import CANARY, KEYS


def session(request: falcon.Request) -> Session:
    return get_session(request.env)


class Site:
    """One resource for all routes: the suffix is the route."""

    def on_get_count(self, request: falcon.Request, response: falcon.Response) -> None:
        session(request)["views"] = session(request).get("views", 0) + 1
        response.text = str(session(request)["views"])

    def on_get_untouched(self, _request: falcon.Request, response: falcon.Response) -> None:
        response.text = "hello"

    def on_get_redirect(self, request: falcon.Request, _response: falcon.Response) -> None:
        session(request)["user"] = "Zoë"
        raise falcon.HTTPFound(location="/user")

    def on_get_user(self, request: falcon.Request, response: falcon.Response) -> None:
        response.text = str(session(request).get("user"))

    def on_get_fail(self, request: falcon.Request, _response: falcon.Response) -> None:
        session(request)["user"] = "of a failed request"
        raise LookupError

    def on_get_stream(self, request: falcon.Request, response: falcon.Response) -> None:
        session(request)["user"] = "of a stream"

        def parts() -> Iterator[bytes]:
            yield b"one, "
            yield b"two"

        response.stream = parts()

    def on_get_cookies(self, request: falcon.Request, response: falcon.Response) -> None:
        session(request)["user"] = "with other cookies"
        response.set_cookie("theme", "dark")
        response.set_cookie("language", "de")
        response.text = "ok"

    def on_get_large(self, request: falcon.Request, response: falcon.Response) -> None:
        session(request)["user"] = CANARY * 200
        response.text = "never sent"

    def on_get_destroy(self, request: falcon.Request, response: falcon.Response) -> None:
        session(request).destroy()
        response.text = "bye"


app = falcon.App()
for name in ("count", "untouched", "redirect", "user", "fail", "stream", "cookies", "destroy"):
    app.add_route(f"/{name}", Site(), suffix=name)
app.add_route("/too-large", Site(), suffix="large")

application = CookieSessionMiddleware(app, keys=KEYS)

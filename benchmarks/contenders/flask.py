"""Flask's session within an application; without a key there is none."""

from typing import Any

from flask import Flask, Response, session

from benchmarks.apps import WSGI, View, titled
from benchmarks.contenders import Framework
from benchmarks.payloads import KEY, Fields


def _application(view: View | None, fields: Fields, key: str | None) -> Any:
    headers = titled(fields)
    app = Flask("benchmark")
    app.secret_key = key

    def respond() -> Response:
        if view is not None:
            view(session)
        return Response("ok", headers=headers)

    app.add_url_rule("/", view_func=respond)
    return app


CONTENDER = Framework(
    "Flask",
    WSGI,
    lambda view, fields: _application(view, fields, KEY),
    lambda fields: _application(None, fields, None),
)

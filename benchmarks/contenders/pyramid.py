"""Pyramid's ``SignedCookieSessionFactory`` within an application.

By default Pyramid sends the cookie with every response to a request that read it; not here.
"""

from typing import Any

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory

from benchmarks.apps import WSGI, View, titled
from benchmarks.contenders import Framework
from benchmarks.payloads import KEY, Fields

FACTORY: Any = SignedCookieSessionFactory(KEY, reissue_time=None)


def _application(view: View | None, fields: Fields, factory: Any) -> Any:
    headers = titled(fields)

    def respond(request: Any) -> Response:
        if view is not None:
            view(request.session)
        return Response(b"ok", headerlist=[*headers])

    with Configurator(session_factory=factory) as config:
        config.add_route("home", "/")
        config.add_view(respond, route_name="home")
        return config.make_wsgi_app()


CONTENDER = Framework(
    "Pyramid",
    WSGI,
    lambda view, fields: _application(view, fields, FACTORY),
    lambda fields: _application(None, fields, None),
)

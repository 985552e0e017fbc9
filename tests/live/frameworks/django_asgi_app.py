from __future__ import annotations

from collections.abc import AsyncIterator

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import Session
from tests.support.keys import CANARY, KEYS

settings.configure(
    ROOT_URLCONF=__name__, SECRET_KEY="of Django itself", ALLOWED_HOSTS=["127.0.0.1"]
)
django.setup()


def session(request: HttpRequest) -> Session:
    return get_session(request.scope)


def count(request: HttpRequest) -> HttpResponse:
    session(request)["views"] = session(request).get("views", 0) + 1
    return HttpResponse(str(session(request)["views"]))


def untouched(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def redirected(request: HttpRequest) -> HttpResponse:
    session(request)["user"] = "Zoë"
    return HttpResponseRedirect("/user")


def user(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(session(request).get("user")))


def fail(request: HttpRequest) -> HttpResponse:
    session(request)["user"] = "of a failed request"
    raise LookupError


def stream(request: HttpRequest) -> StreamingHttpResponse:
    session(request)["user"] = "of a stream"

    async def parts() -> AsyncIterator[str]:
        yield "one, "
        yield "two"

    return StreamingHttpResponse(parts())


def cookies(request: HttpRequest) -> HttpResponse:
    session(request)["user"] = "with other cookies"
    response = HttpResponse("ok")
    response.set_cookie("theme", "dark")
    response.set_cookie("language", "de")
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    session(request)["user"] = CANARY * 200
    return HttpResponse("never sent")


def destroy(request: HttpRequest) -> HttpResponse:
    session(request).destroy()
    return HttpResponse("bye")


urlpatterns = [
    path("count", count),
    path("untouched", untouched),
    path("redirect", redirected),
    path("user", user),
    path("fail", fail),
    path("stream", stream),
    path("cookies", cookies),
    path("too-large", too_large),
    path("destroy", destroy),
]

application = CookieSessionMiddleware(get_asgi_application(), keys=KEYS)

"""A jar for Tornado's client, which has none."""

from __future__ import annotations

from copy import copy
from functools import partial
from http.cookiejar import CookieJar
from typing import Any
from urllib.request import Request

import attrs

from cookiesession_core import Hidden

from .jars import extract, request_to


def jar_of_http_client(client: Any) -> CookieJar:
    """Return the jar of an ``AsyncHTTPClient``, which gets one at the first call."""
    if "cookie_jar" not in vars(client):
        client.cookie_jar = CookieJar()
        client.fetch = _Fetch(client.cookie_jar, client.fetch)
    jar: CookieJar = client.cookie_jar
    return jar


@attrs.frozen
class _Fetch:
    """Sends the cookies of a jar with each request, and stores those of its response."""

    jar: CookieJar = attrs.field(repr=False)
    fetch: Any

    def __call__(self, request: Any, *arguments: Any, **options: Any) -> Any:
        """Do what ``AsyncHTTPClient.fetch`` does."""
        asked = request_to(request if isinstance(request, str) else request.url)
        self.jar.add_cookie_header(asked)
        given = Hidden((request, {**options}))
        options.clear()
        del request
        _add_header(given, Hidden(asked.get_header("Cookie")))
        future = self.fetch(given.value[0], *arguments, **given.value[1])
        future.add_done_callback(partial(self._store, asked))
        return future

    def _store(self, asked: Request, future: Any) -> None:
        failed = future.cancelled() or future.exception()
        # A response with an error status is a part of the exception.
        response = getattr(failed, "response", None) if failed else future.result()
        if response is not None:
            extract(Hidden(self.jar), Hidden(response.headers.get_list("Set-Cookie")), asked)


def _add_header(given: Hidden[Any], cookie: Hidden[str | None]) -> None:
    """Put a ``Cookie`` header into a request that has none."""
    request, options = given.value
    is_url = isinstance(request, str)
    # Copies, because the caller may use the same request or headers again.
    headers: Any = copy((options.get("headers") if is_url else request.headers) or {})
    if cookie.value is not None:
        headers.setdefault("Cookie", cookie.value)
    if is_url:
        options["headers"] = headers
    else:
        request = copy(request)
        request.headers = headers
    given.value = (request, options)

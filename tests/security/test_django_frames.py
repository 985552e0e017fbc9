"""No frame of the sessions in Django's own place shows a secret in a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import django_app
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import re_path

from cookiesession_adapters import wsgi
from cookiesession_adapters.django import SessionMiddleware, SessionStore
from cookiesession_core import CookieSession, CookieSessionError
from tests.support.keys import KEYS

from .test_frames import (
    CONTENTS,
    KEY,
    TOO_LARGE,
    WRONG_OPTIONS,
    FailingSigner,
    failing_with,
    leaks,
    of_ours,
    raised_by,
)

assert django_app.urlpatterns  # it sets Django up

ONE = CookieSession(keys=KEYS, name="sessionid").encode_one(CONTENTS)
Act = Callable[[HttpRequest], object]


class Urls:
    """A site whose view does what the test says, beside cookies of other applications."""

    act: Act

    @staticmethod
    def view(request: HttpRequest) -> HttpResponse:
        Urls.act(request)
        response = HttpResponse()
        response.set_cookie("other", ONE)
        return response


Urls.urlpatterns = (re_path("", Urls.view),)  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=Urls, COOKIESESSION={"keys": KEYS}):
        yield


def visit(act: Act, **options: Any) -> None:
    """Send a request with a session; it raises what a view or the middleware has raised."""
    Urls.act = staticmethod(act)
    client = Client()
    client.cookies["sessionid"] = ONE
    with override_settings(COOKIESESSION={"keys": KEYS, **options}):
        client.get("/")


def change(request: HttpRequest) -> None:
    request.session.update(CONTENTS)


@pytest.mark.parametrize("options", WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
def test_no_frame_shows_a_key_of_wrong_settings(options: dict[str, Any]) -> None:
    with override_settings(COOKIESESSION=options):
        error = raised_by(lambda: SessionMiddleware(HttpResponse))

    assert isinstance(error, CookieSessionError)
    assert list(of_ours(error))
    assert [] == leaks(error)


@pytest.mark.parametrize("given", [[KEY], KEY, {KEY}, CookieSession(keys=[KEY])])
def test_no_frame_shows_keys_in_the_place_of_the_settings(given: object) -> None:
    with override_settings(COOKIESESSION=given):
        assert [] == leaks(raised_by(lambda: SessionMiddleware(HttpResponse)))


FAILURES: dict[str, Callable[[], object]] = {
    "too large": partial(visit, lambda request: request.session.update({"more": TOO_LARGE})),
    "a foreign type": partial(visit, lambda request: request.session.update({"more": {1}})),
    "a signer that fails": partial(visit, change, keys=FailingSigner()),
    "validate that fails": partial(visit, change, validate=failing_with),
    "max_age that fails": partial(visit, change, max_age=failing_with),
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_no_frame_shows_the_session_of_a_request_that_fails(fail: Callable[[], object]) -> None:
    error = raised_by(fail)

    assert list(of_ours(error))
    assert [] == leaks(error)


STORES: dict[str, Callable[[], object]] = {
    "a key that cannot be made": lambda: changed().session_key,
    "deleting another session": lambda: changed().delete(ONE),
    "opening": lambda: SessionStore(ONE)["user"],
    "a new key": lambda: SessionStore(ONE).cycle_key(),
    "whether it is empty": lambda: SessionStore(ONE).is_empty(),
    "loading": lambda: SessionStore(ONE).load(),
    "saving": lambda: SessionStore(ONE).save(),
}


def changed() -> SessionStore:
    session = SessionStore()
    session.update({**CONTENTS, "wrong": {1}})
    return session


@pytest.mark.parametrize("act", STORES.values(), ids=STORES)
def test_no_frame_shows_a_session_that_fails(act: Callable[[], object]) -> None:
    with override_settings(COOKIESESSION={"keys": KEYS, "validate": failing_with}):
        error = raised_by(act)

    assert list(of_ours(error))
    assert [] == leaks(error)


def test_no_frame_shows_a_session_where_the_settings_are_wrong() -> None:
    with override_settings(COOKIESESSION={}):
        error = raised_by(lambda: SessionStore(ONE))

    assert list(of_ours(error))
    assert [] == leaks(error)


def test_no_frame_shows_the_cookies_where_two_layers_differ() -> None:
    outer = CookieSession(keys=KEYS, name="sessionid", http_only=False)
    environ = Client()._base_environ(HTTP_COOKIE=f"sessionid={ONE}")

    start: Any = print

    def call(environ: Any, _: Any) -> Any:
        return SessionMiddleware(HttpResponse)(WSGIHandler.request_class(environ))

    error = raised_by(lambda: wsgi.CookieSessionMiddleware(call, outer)(environ, start))

    assert "http_only" in str(error)
    assert [] == leaks(error)

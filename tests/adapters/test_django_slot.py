"""Django's ``request.session`` is a session of ours: its middleware and its engine."""

from __future__ import annotations

import asyncio
import copy
import io
import pickle
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from wsgiref.util import FileWrapper

import pytest

from cookiesession_adapters import asgi, wsgi
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    Outcome,
    Session,
    SessionCommittedError,
    Written,
    session_key,
)
from tests.support.keys import CANARY, KEYS, NEWEST, OLDER
from tests.support.toy_format import ToyFormat

pytest.importorskip("django_app")  # it sets Django up

import django
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import Context, Engine
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django.urls import re_path
from django.views.debug import SafeExceptionReporterFilter

from cookiesession_adapters.django import SessionMiddleware, SessionStore

Act = Callable[[HttpRequest], Any]

MIDDLEWARE = "cookiesession_adapters.django.SessionMiddleware"
DJANGOS_OWN = "django.contrib.sessions.middleware.SessionMiddleware"


class Urls:
    """A site with one view, which does what the test says."""

    act: Act
    sorry: Act = staticmethod(lambda _: None)

    @staticmethod
    def view(request: HttpRequest) -> Any:
        return Urls.act(request) or HttpResponse("done")

    @staticmethod
    def handler500(request: HttpRequest) -> Any:
        Urls.sorry(request)
        return HttpResponse("our own error page", status=500)


Urls.urlpatterns = (re_path("", Urls.view),)  # type: ignore[attr-defined]


class Timeout(BaseException):
    """What leaves a view and is no error for Django."""


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    sorry = Urls.sorry
    with override_settings(ROOT_URLCONF=Urls, COOKIESESSION={"keys": KEYS}):
        yield
    Urls.sorry = staticmethod(sorry)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def visit(client: Client, act: Act, path: str = "/", **options: Any) -> Any:
    """Return the response to a request whose view does ``act``."""
    Urls.act = staticmethod(act)
    return client.get(path, **options)


def put(**contents: Any) -> Act:
    """Return a view that writes to its session."""
    return lambda request: request.session.update(contents)


def lines(response: Any) -> list[str]:
    """Return the Set-Cookie values of a response."""
    return [cookie.output(header="").strip() for cookie in response.cookies.values()]


def attributes(response: Any) -> str:
    """Return the attributes of the session's cookie."""
    return str(lines(response)[0]).partition("; ")[2]


def contents(client: Client) -> dict[str, Any]:
    """Return what a view reads from its session."""
    seen: dict[str, Any] = {}
    visit(client, lambda request: seen.update(request.session.items()))
    return seen


def read(request: HttpRequest) -> None:
    request.session.get("user")


def ignore(_: HttpRequest) -> None:
    """Do not touch the session."""


# --- what a response has ---------------------------------------------------------------------


def test_a_session_is_written_as_our_cookies_and_comes_back(client: Client) -> None:
    response = visit(client, put(user=7))

    value, signature = CookieSession(keys=KEYS, name="sessionid").encode({"user": 7}).values()
    assert lines(response)[0].startswith(f"sessionid={value}; path=/; expires=")
    assert lines(response)[1].startswith(f"sessionid.sig={signature}; path=/; expires=")
    assert "Cookie" == response["Vary"]
    assert {"user": 7} == contents(client)


def test_an_untouched_session_leaves_no_trace(client: Client) -> None:
    visit(client, put(user=7))
    response = visit(client, ignore)

    assert [] == lines(response)
    assert not response.has_header("Vary")


def test_reading_sends_no_cookie_and_varies(client: Client) -> None:
    visit(client, put(user=7))

    def accept_too(request: HttpRequest) -> HttpResponse:
        read(request)
        return HttpResponse(headers={"Vary": "Accept"})

    response = visit(client, accept_too)

    assert [] == lines(response)
    assert "Accept, Cookie" == response["Vary"]


def test_a_change_inside_a_list_is_saved(client: Client) -> None:
    visit(client, put(cart=["tea"]))
    visit(client, lambda request: request.session.setdefault("cart", []).append("cup"))

    assert {"cart": ["tea", "cup"]} == contents(client)


def test_other_cookies_keep_their_text_and_their_place(client: Client) -> None:
    def with_cookies(request: HttpRequest) -> HttpResponse:
        request.session["user"] = 7
        response = HttpResponse()
        response.set_cookie("theme", "dark", samesite="Lax")
        response.set_cookie("language", "de")
        return response

    response = visit(client, with_cookies)

    names = [line.partition("=")[0] for line in lines(response)]
    assert ["theme", "language", "sessionid", "sessionid.sig"] == names
    assert "theme=dark; Path=/; SameSite=Lax" == lines(response)[0]


def test_a_cookie_of_our_name_is_overwritten_or_stays(client: Client) -> None:
    def with_own(request: HttpRequest) -> HttpResponse:
        request.session["user"] = request.session.get("user", 0) + 1
        response = HttpResponse()
        response.set_cookie("sessionid", "x")
        return response

    assert 2 == len(lines(visit(client, with_own)))
    with override_settings(COOKIESESSION={"keys": KEYS, "overwrite": False}):
        response = visit(client, with_own)
        assert "sessionid=x; Path=/" == lines(response)[0]
        assert 3 == len(lines(response))
        assert response.cookies["sessionid"].value == client.session.session_key


def test_a_session_under_another_path_is_expired_beside_ours(client: Client) -> None:
    class Old:
        names = ("sessionid",)
        options = CookieSession(keys=KEYS, path="/shop").options

        def read(self, _: object) -> dict[str, Any]:
            return {"user": 7}

    client.cookies["sessionid"] = "legacy"
    with override_settings(COOKIESESSION={"keys": KEYS, "legacy": [Old()]}):
        response = visit(client, read)

    assert lines(response)[0].startswith("sessionid=; path=/shop; expires=Thu, 01 Jan 1970")
    assert ["sessionid", "sessionid", "sessionid.sig"] == [
        cookie.key for cookie in response.cookies.values()
    ]
    assert {"user": 7} == dict(client.session)


def test_an_emptied_session_is_saved_as_empty(client: Client) -> None:
    visit(client, put(user=7))
    response = visit(client, lambda request: request.session.clear())

    assert lines(response)[0].startswith("sessionid=e30=; ")


def test_flush_ends_a_session_and_sends_nothing_to_a_visitor_without_one(client: Client) -> None:
    visit(client, put(user=7))
    ended = visit(client, lambda request: request.session.flush())
    stranger = visit(Client(), lambda request: request.session.flush())

    assert all("=; path=/; expires=Thu, 01 Jan 1970" in line for line in lines(ended)[:1])
    assert {} == contents(client)
    assert [] == lines(stranger)


@pytest.mark.parametrize(
    "name", ["destroy", "replace", "resend", "flush", "delete", "save", "create", "cycle_key"]
)
def test_a_template_cannot_end_or_send_a_session(client: Client, name: str) -> None:
    visit(client, put(user=7))
    template = Engine().from_string(f"{{{{ session.user }}}}{{{{ session.{name} }}}}")

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render(Context({"session": request.session})))

    response = visit(client, page)

    assert (b"7", []) == (response.content, lines(response))


def test_cycle_key_begins_a_new_session_with_the_same_contents(client: Client) -> None:
    now = [1_000_000]
    timeout = {"keys": KEYS, "absolute_timeout": 3600, "clock": lambda: now[0]}
    with override_settings(COOKIESESSION=timeout):
        visit(client, put(user=7))
        now[0] += 3000
        response = visit(client, lambda request: request.session.cycle_key())
        now[0] += 3000

        assert 2 == len(lines(response))
        assert {"user": 7} == contents(client)


@pytest.mark.parametrize(
    "act",
    [
        lambda request: setattr(request.session, "modified", True),
        lambda request: request.session.save(),
        lambda request: request.session.__setitem__("user", 7),
    ],
)
def test_an_unchanged_session_is_sent_again_where_django_would_save_it(
    client: Client, act: Act
) -> None:
    visit(client, put(user=7))

    assert 2 == len(lines(visit(client, act)))


def test_save_every_request_sends_each_session_that_holds_something(client: Client) -> None:
    with override_settings(SESSION_SAVE_EVERY_REQUEST=True):
        assert [] == lines(visit(client, ignore))
        visit(client, put(user=7))
        assert 2 == len(lines(visit(client, ignore)))


def test_a_session_of_an_older_key_is_signed_again(client: Client) -> None:
    with override_settings(COOKIESESSION={"keys": [OLDER]}):
        visit(client, put(user=7))

    assert 2 == len(lines(visit(client, read)))


# --- the interface of Django's sessions ------------------------------------------------------


def test_the_flags_are_plain_attributes() -> None:
    session = SessionStore()
    assert (False, False) == (session.accessed, session.modified)

    session["user"] = 7
    assert (True, True) == (session.accessed, session.modified)

    session.accessed = session.modified = False
    assert 7 == session["user"]
    assert (True, False) == (session.accessed, session.modified)


def test_a_session_is_one_of_djangos_and_one_of_ours() -> None:
    session = SessionStore()
    session.update({"user": 7, "cart": []})

    assert isinstance(session, SessionBase)
    assert {"user": 7, "cart": []} == dict(session) == session.load() == session.copy()
    assert session.has_key("user")
    assert 7 == session.pop("user")
    assert "<SessionStore of <Session 'sessionid' read>>" == repr(session)
    assert session != SessionStore()
    assert 1 == len({session, session})
    # New in Django 6: a new and empty session is false.
    assert hasattr(SessionBase, "__bool__") is not bool(SessionStore())
    assert bool(session)


def test_a_key_holds_the_whole_session() -> None:
    session = SessionStore()
    assert session.session_key is None
    assert session.is_empty()

    session["user"] = 7
    text = session.session_key
    assert {"user": 7} == dict(SessionStore(text))
    assert not session.exists(text)


def test_a_saved_session_has_a_key_even_if_it_is_empty() -> None:
    session = SessionStore()
    session.create()

    assert SessionStore(session.session_key).core.outcome is Outcome.LOADED
    session.flush()
    assert session.session_key is None


def test_only_the_own_session_can_be_deleted() -> None:
    session, other = SessionStore(), SessionStore()
    session["user"], other["user"] = 7, 8

    session.delete(other.session_key)
    assert {"user": 7} == dict(session)

    session.delete(session.session_key)
    other.delete()
    assert {} == dict(session) == dict(other)


def test_a_key_that_is_set_is_ignored() -> None:
    session = SessionStore()
    session["user"] = 7
    text = session.session_key
    session._session_key = None

    assert text == session._session_key


def test_the_test_cookie_works(client: Client) -> None:
    worked = []
    visit(client, lambda request: request.session.set_test_cookie())
    visit(client, lambda request: worked.append(request.session.test_cookie_worked()))
    visit(client, lambda request: request.session.delete_test_cookie())

    assert [True] == worked
    assert {} == contents(client)


def test_nothing_has_to_be_cleared() -> None:
    SessionStore.clear_expired()


def test_the_asynchronous_methods_do_the_same() -> None:
    session = SessionStore()

    async def use() -> None:
        if not hasattr(SessionBase, "aset"):
            pytest.skip("new in Django 5.1")
        await session.aset("user", 7)
        assert 7 == await session.aget("user")
        await session.acycle_key()
        assert {"user": 7} == dict(session)
        await session.asave()
        await session.aset_expiry(60)
        assert 60 == await session.aget_expiry_age()
        await session.aflush()
        assert {} == dict(session)

    asyncio.run(use())


# --- the lifetime ----------------------------------------------------------------------------


def expires(response: Any) -> datetime | None:
    """Return the end of the session's cookie, if it has one."""
    text = response.cookies["sessionid"]["expires"]
    return parsedate_to_datetime(text) if text else None


def test_the_lifetime_is_that_of_the_settings(client: Client) -> None:
    with override_settings(COOKIESESSION={"keys": KEYS, "clock": lambda: 1_000_000_000}):
        fourteen_days = expires(visit(client, put(user=1)))
        with override_settings(SESSION_COOKIE_AGE=60):
            a_minute = expires(visit(client, put(user=2)))
        with override_settings(SESSION_EXPIRE_AT_BROWSER_CLOSE=True):
            assert expires(visit(client, put(user=3))) is None

    assert fourteen_days == datetime(2001, 9, 23, 1, 46, 40, tzinfo=timezone.utc)
    assert a_minute == datetime(2001, 9, 9, 1, 47, 40, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("expiry", "expected"),
    [
        (60, datetime(2001, 9, 9, 1, 47, 40, tzinfo=timezone.utc)),
        (0, None),
        (
            datetime(2000, 1, 1, tzinfo=timezone.utc),
            datetime(2001, 9, 9, 1, 46, 41, tzinfo=timezone.utc),
        ),
        (None, datetime(2001, 9, 23, 1, 46, 40, tzinfo=timezone.utc)),
    ],
)
def test_a_session_can_have_its_own_lifetime(
    client: Client, expiry: Any, expected: datetime | None
) -> None:
    clock = {"clock": lambda: 1_000_000_000}
    with override_settings(COOKIESESSION={"keys": KEYS, **clock}, USE_TZ=True):
        visit(client, put(user=7))
        visit(client, lambda request: request.session.set_expiry(expiry))

        assert expected == expires(visit(client, put(user=8)))


def test_a_lifetime_may_be_a_duration(client: Client) -> None:
    response = visit(client, lambda request: request.session.set_expiry(timedelta(days=1)))

    left = expires(response) - datetime.now(timezone.utc)  # type: ignore[operator]
    assert timedelta(hours=23) < left < timedelta(hours=25)


@pytest.mark.parametrize("own", [{"max_age": None}, {"max_age": 60}])
def test_a_lifetime_of_our_own_options_has_precedence(client: Client, own: dict[str, Any]) -> None:
    clock = {"clock": lambda: 1_000_000_000}
    with override_settings(COOKIESESSION={"keys": KEYS, **clock, **own}):
        response = visit(client, put(user=7))

    assert (None, "Sun, 09 Sep 2001 01:47:40 GMT")[own["max_age"] == 60] == (
        response.cookies["sessionid"]["expires"] or None
    )


def test_a_fixed_end_of_our_own_options_has_precedence(client: Client) -> None:
    end = datetime(2098, 1, 1, tzinfo=timezone.utc)
    with override_settings(COOKIESESSION={"keys": KEYS, "expires": end}):
        response = visit(client, put(user=7))

    assert "Wed, 01 Jan 2098 00:00:00 GMT" == response.cookies["sessionid"]["expires"]


# --- settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"SESSION_COOKIE_PATH": "/shop"}, "path=/shop; samesite=lax; httponly"),
        (
            {"SESSION_COOKIE_DOMAIN": ".example.com"},
            "path=/; domain=example.com; samesite=lax; httponly",
        ),
        ({"SESSION_COOKIE_SAMESITE": "Strict"}, "path=/; samesite=strict; httponly"),
        ({"SESSION_COOKIE_SAMESITE": False}, "path=/; httponly"),
        ({"SESSION_COOKIE_HTTPONLY": False}, "path=/; samesite=lax"),
        ({"SESSION_COOKIE_SECURE": True}, "path=/; samesite=lax; secure; httponly"),
    ],
)
def test_the_attributes_are_those_of_the_settings(
    client: Client, changed: dict[str, Any], expected: str
) -> None:
    with override_settings(SESSION_EXPIRE_AT_BROWSER_CLOSE=True, **changed):
        assert expected == attributes(visit(client, put(user=7)))


def test_our_own_options_have_precedence(client: Client) -> None:
    own = {"keys": KEYS, "same_site": None, "path": "/a", "http_only": False, "max_age": None}
    with override_settings(COOKIESESSION=own):
        assert "path=/a" == attributes(visit(client, put(user=7), "/a"))


def test_a_ready_made_configuration_keeps_its_own_attributes(client: Client) -> None:
    ready = CookieSession(keys=KEYS, name="sessionid")
    with override_settings(COOKIESESSION=ready, SESSION_COOKIE_SECURE=True):
        assert "path=/; httponly" == attributes(visit(client, put(user=7)))


@pytest.mark.parametrize(
    ("setting", "expected"), [(None, "lax"), ("Strict", "strict"), (False, None)]
)
def test_another_format_keeps_its_attributes_unless_a_setting_says_otherwise(
    client: Client, setting: object, expected: str | None
) -> None:
    toy = ToyFormat(KEYS, defaults={"same_site": "lax"})
    with override_settings(COOKIESESSION={"format": toy}, SESSION_COOKIE_SAMESITE=setting):
        response = visit(client, put(user=7))

        assert 1 == len(lines(response))
        assert {"user": 7} == contents(client)
    assert (expected is not None) == (f"; samesite={expected}; " in lines(response)[0])


def test_another_name_is_that_of_the_settings(client: Client) -> None:
    with override_settings(SESSION_COOKIE_NAME="shop"):
        response = visit(client, put(user=7))

        assert ["shop", "shop.sig"] == [*response.cookies]
        assert 7 == client.session["user"]


def test_over_https_the_cookie_is_secure_as_django_sees_it(client: Client) -> None:
    assert "; secure" in lines(visit(client, put(user=7), secure=True))[0]
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        response = visit(client, put(user=8), HTTP_X_FORWARDED_PROTO="https")

    assert "; secure" in lines(response)[0]


def test_settings_that_other_applications_change_do_not_disturb(client: Client) -> None:
    visit(client, put(user=7))
    with override_settings(LANGUAGE_CODE="de"):
        assert {"user": 7} == contents(client)


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"COOKIESESSION": {"key": [NEWEST]}}, "did you mean keys"),
        ({"COOKIESESSION": [NEWEST]}, "a CookieSession or a dict of its options, got list"),
        ({"COOKIESESSION": {}}, "keys=.*is required"),
        ({"COOKIESESSION": {"keys": KEYS, "name": "shop"}}, "SESSION_COOKIE_NAME is 'sessionid'"),
        ({"COOKIESESSION": CookieSession(keys=KEYS)}, "has the name 'session'"),
        (
            {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"},
            "SESSION_ENGINE = 'cookiesession_adapters.django'",
        ),
    ],
)
def test_wrong_settings_are_refused_when_django_starts(changed: dict[str, Any], part: str) -> None:
    with override_settings(**changed), pytest.raises(ConfigurationError, match=part):
        WSGIHandler()


def test_a_missing_setting_is_named_with_what_to_write() -> None:
    with override_settings():
        del settings.COOKIESESSION
        with pytest.raises(ConfigurationError, match=r"write COOKIESESSION = \{\"keys\": "):
            SessionMiddleware(ignore)


@pytest.mark.parametrize(
    "listed", [[DJANGOS_OWN], [DJANGOS_OWN, MIDDLEWARE], [MIDDLEWARE, DJANGOS_OWN]]
)
def test_djangos_own_middleware_is_refused_with_our_engine(listed: list[str]) -> None:
    with (
        override_settings(MIDDLEWARE=listed),
        pytest.raises(ConfigurationError, match=f"MIDDLEWARE lists {DJANGOS_OWN}"),
    ):
        visit(Client(), read)


def test_an_engine_may_be_used_beside_djangos_own_sessions() -> None:
    with override_settings(
        MIDDLEWARE=[DJANGOS_OWN], SESSION_ENGINE="django.contrib.sessions.backends.cache"
    ):
        assert {} == dict(SessionStore())


def test_ours_may_stand_in_the_place_of_djangos_own_class(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DJANGOS_OWN, SessionMiddleware)
    with override_settings(MIDDLEWARE=[DJANGOS_OWN]):
        assert 2 == len(lines(visit(client, put(user=7))))


def test_the_engine_may_be_a_subclass(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Store(SessionStore):
        @property
        def user(self) -> Any:
            return self.get("user")

    monkeypatch.setattr(sys.modules[__name__], "SessionStore", Store)
    with override_settings(SESSION_ENGINE=__name__):
        visit(client, put(user=7))
        users = []
        visit(client, lambda request: users.append(request.session.user))

    assert [7] == users


def test_djangos_error_page_for_developers_shows_no_key() -> None:
    shown = SafeExceptionReporterFilter().get_safe_settings()["COOKIESESSION"]

    assert NEWEST not in str(shown)
    assert "keys" in shown


# --- Django's test client --------------------------------------------------------------------


def test_the_test_client_reads_the_session(client: Client) -> None:
    assert {} == dict(client.session)

    visit(client, put(user=7))
    assert {"user": 7} == dict(client.session)


def test_the_test_client_can_begin_a_session_in_one_cookie(client: Client) -> None:
    session = client.session
    session["user"] = 7
    client.cookies["sessionid"] = session.session_key

    assert [] == lines(visit(client, read))
    visit(client, lambda request: request.session.update({"seen": 7}))
    assert {"user": 7, "seen": 7} == contents(client)


def test_one_cookie_has_precedence_over_the_signature_of_an_earlier_session(
    client: Client,
) -> None:
    visit(client, put(user=7))
    session = SessionStore()
    session["user"] = 8
    client.cookies["sessionid"] = session.session_key

    assert {"user": 8} == contents(client)
    visit(client, lambda request: request.session.flush())
    assert {} == contents(client)


def test_a_forged_text_is_no_session(client: Client) -> None:
    session = SessionStore()
    session["user"] = 7
    client.cookies["sessionid"] = str(session.session_key)[:-1]

    assert {} == contents(client)


def test_a_session_in_one_cookie_is_one_without_a_signature_if_none_is_signed(
    client: Client,
) -> None:
    with override_settings(COOKIESESSION={"signed": False}):
        response = visit(client, put(user=7))

        assert ["sessionid"] == [*response.cookies]
        assert {"user": 7} == dict(client.session) == contents(client)


# --- cookies in Django's form ----------------------------------------------------------------


def test_a_cookie_that_is_changed_is_written_as_django_writes_cookies(client: Client) -> None:
    with override_settings(SESSION_EXPIRE_AT_BROWSER_CLOSE=True):
        response = visit(client, put(user=7))
        value = response.cookies["sessionid"].coded_value
        response.cookies["sessionid"]["samesite"] = "None"
        response.set_cookie("sessionid.sig", "x")

    assert f"sessionid={value}; HttpOnly; Path=/; SameSite=None" == lines(response)[0]
    assert lines(response)[1].startswith("sessionid.sig=x; ")


def test_an_attribute_that_python_does_not_know_is_sent(client: Client) -> None:
    with override_settings(COOKIESESSION={"keys": KEYS, "priority": "high"}):
        response = visit(client, put(user=7))

    assert all("; priority=high; samesite=lax; httponly" in line for line in lines(response))
    assert "lax" == response.cookies["sessionid"]["samesite"]
    assert response.cookies["sessionid"]["httponly"]


def test_the_cookies_of_a_response_can_be_pickled_and_copied(client: Client) -> None:
    response = visit(client, put(user=7))
    before = lines(response)

    for cookies in (pickle.loads(pickle.dumps(response.cookies)), copy.deepcopy(response.cookies)):
        assert before == [cookie.output(header="") for cookie in cookies.values()]
        assert response.cookies["sessionid"].value == cookies["sessionid"].value
    assert f"Set-Cookie: {before[0]}" in response.cookies.output()


# --- errors and the end ----------------------------------------------------------------------


def test_a_session_too_large_gets_djangos_error_page(client: Client) -> None:
    visit(client, put(user=7))
    response = visit(client, put(note=CANARY * 500))

    assert (500, b"our own error page") == (response.status_code, response.content)
    assert [] == lines(response)
    assert response.exc_info[0] is CookieTooLargeError
    assert {"user": 7} == contents(client)


def test_a_write_on_the_error_page_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    Urls.sorry = staticmethod(lambda request: request.session.update({"note": "sorry"}))
    response = visit(client, put(note={1}))

    assert 500 == response.status_code
    assert "not sent: the response is the error page for a session" in caplog.text


def test_nothing_is_saved_with_a_status_of_500(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cookiesession")
    visit(client, put(user=7))

    def fail(request: HttpRequest) -> None:
        request.session["user"] = 8
        raise LookupError

    response = visit(client, fail)

    assert [] == lines(response)
    assert "Cookie" == response["Vary"]
    assert {"user": 7} == contents(client)
    assert "Django saves no session with a status of 500 or more" in caplog.text


@pytest.mark.parametrize(
    "end",
    [
        lambda request: request.session.flush(),
        lambda request: request.session.replace({}),
        lambda request: wsgi.get_session(request).destroy(),
    ],
    ids=["flush", "replace", "the session of the core"],
)
def test_a_log_out_stands_even_with_a_status_of_500(client: Client, end: Act) -> None:
    visit(client, put(user=7))

    def fail(request: HttpRequest) -> HttpResponse:
        end(request)
        return HttpResponse(status=500)

    visit(client, fail)

    assert {} == contents(client)


def test_a_write_after_a_log_out_is_logged_with_a_status_of_500(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "cookiesession")
    visit(client, put(user=7))

    def fail(request: HttpRequest) -> HttpResponse:
        request.session.flush()
        request.session["note"] = "bye"
        return HttpResponse(status=500)

    visit(client, fail)

    assert {} == contents(client)
    assert "Django saves no session with a status of 500 or more" in caplog.text


def no_parts() -> Iterator[str]:
    yield from ()
    raise LookupError


def one_part() -> Iterator[str]:
    yield "part"
    raise LookupError


async def one_async_part() -> AsyncIterator[str]:
    yield "part"
    raise LookupError


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
@pytest.mark.parametrize(
    ("parts", "is_lost"), [(no_parts, True), (one_part, False), (one_async_part, True)]
)
def test_a_write_is_reported_if_a_stream_fails_before_a_server_sends_the_headers(
    parts: Callable[[], Any], *, is_lost: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def stream(request: HttpRequest) -> StreamingHttpResponse:
        request.session["user"] = 7
        return StreamingHttpResponse(parts())

    with pytest.raises(LookupError):
        served(WSGIHandler(), stream)

    assert is_lost == ("an exception left the application before any response" in caplog.text)


def test_a_file_reaches_the_server_as_it_is() -> None:
    file = io.BytesIO(b"text")

    def download(request: HttpRequest) -> FileResponse:
        request.session["user"] = 7
        return FileResponse(file)

    def with_wrapper(environ: Any, start_response: Any) -> Any:
        environ["wsgi.file_wrapper"] = FileWrapper
        body = WSGIHandler()(environ, start_response)
        assert isinstance(body, FileWrapper)
        assert body.filelike is file
        return body

    assert 2 == len(served(with_wrapper, download)["Set-Cookie"])


def test_a_write_after_the_headers_raises(client: Client) -> None:
    def stream(request: HttpRequest) -> StreamingHttpResponse:
        def parts() -> Iterator[str]:
            yield str(request.session.get("user"))
            with pytest.raises(SessionCommittedError):
                request.session["user"] = 8
            with pytest.raises(SessionCommittedError):
                request.session.save()

        return StreamingHttpResponse(parts())

    visit(client, put(user=7))

    assert b"7" == b"".join(visit(client, stream).streaming_content)
    assert {"user": 7} == contents(client)


def test_a_change_inside_a_list_after_the_headers_is_logged_when_the_response_is_closed(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    ends: list[Session] = []

    def stream(request: HttpRequest) -> StreamingHttpResponse:
        cart = request.session.setdefault("cart", [])

        def parts() -> Iterator[str]:
            yield "one"
            cart.append("tea")
            assert [] == ends

        return StreamingHttpResponse(parts())

    with override_settings(COOKIESESSION={"keys": KEYS, "observe": ends.append}):
        response = visit(client, stream)
        assert [] == ends
        assert b"one" == b"".join(response.streaming_content)

    assert [Written.SAVED] == [session.written for session in ends]
    assert "changed under 'cart' after the response headers" in caplog.text


def test_an_exception_that_django_does_not_catch_is_reported(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def leave(request: HttpRequest) -> None:
        request.session["user"] = 7
        raise SystemExit

    with pytest.raises(SystemExit):
        visit(client, leave)

    assert "was not sent: an exception left the application" in caplog.text


def test_a_request_has_one_end(client: Client) -> None:
    ends: list[Session] = []
    with override_settings(COOKIESESSION={"keys": KEYS, "observe": ends.append}):
        visit(client, put(user=7))
        visit(client, put(note={1}))
        visit(client, ignore)

    assert [Written.SAVED, Written.REFUSED] == [session.written for session in ends]


def test_a_response_that_is_committed_or_has_no_session_stays_as_it_is() -> None:
    middleware = SessionMiddleware(lambda _: HttpResponse())
    request = RequestFactory().get("/")

    assert [] == lines(middleware.process_response(request, HttpResponse()))
    middleware.process_request(request)
    request.session["user"] = 7
    assert 2 == len(lines(middleware.process_response(request, HttpResponse())))
    assert [] == lines(middleware.process_response(request, HttpResponse()))


def test_another_session_of_ours_in_the_place_of_the_first_is_sent(client: Client) -> None:
    def replace(request: HttpRequest) -> None:
        request.session = SessionStore()
        request.session["user"] = 8

    visit(client, put(user=7, cart=[]))
    visit(client, replace)

    assert {"user": 8} == contents(client)


def test_something_else_in_the_place_of_the_session_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    visit(client, put(user=7))
    visit(client, lambda request: setattr(request, "session", {"user": 8}))

    assert "has put something else into 'session'" in caplog.text
    assert {"user": 7} == contents(client)


# --- beside the other adapters ---------------------------------------------------------------


def test_the_session_is_found_in_the_environ_of_the_request(client: Client) -> None:
    def write(request: HttpRequest) -> None:
        assert wsgi.get_session(request) is wsgi.get_session(request.META, "sessionid")
        wsgi.get_session(request)["user"] = 7
        assert 7 == request.session["user"]

    visit(client, write)

    assert {"user": 7} == contents(client)


def served(application: Any, act: Act) -> dict[str, list[str]]:
    """Return the header fields of a WSGI application's response."""
    Urls.act = staticmethod(act)
    fields: dict[str, list[str]] = {}

    def start_response(_: str, headers: list[tuple[str, str]], *__: Any) -> None:
        for name, value in headers:
            fields.setdefault(name, []).append(value)

    body = application(RequestFactory().get("/").environ, start_response)
    b"".join(body)
    body.close()
    return fields


def test_an_outer_layer_of_ours_with_equal_options_commits_the_session() -> None:
    ready = CookieSession(keys=KEYS, name="sessionid")
    with override_settings(COOKIESESSION=ready, MIDDLEWARE=[MIDDLEWARE] * 2):
        inner = WSGIHandler()
        outer = wsgi.CookieSessionMiddleware(inner, ready)

        assert 2 == len(served(inner, put(user=7))["Set-Cookie"])
        assert 2 == len(served(outer, put(user=7))["Set-Cookie"])
        resent = served(outer, lambda request: request.session.save())
        assert [["Cookie"]] == [resent["Vary"]]

        def leave(_: HttpRequest) -> None:
            raise SystemExit

        with pytest.raises(SystemExit):
            served(outer, leave)


def test_the_session_of_a_layer_under_asgi_is_shared() -> None:
    ready = CookieSession(keys=KEYS, name="sessionid")
    outer = ready.open()
    scope = {session_key("sessionid"): outer}

    def under_asgi(environ: Any, start_response: Any) -> Any:  # as a2wsgi does
        return WSGIHandler()({**environ, "asgi.scope": scope}, start_response)

    with override_settings(COOKIESESSION=ready):
        fields = served(under_asgi, put(user=7))

    assert {"user": 7} == outer
    assert "Set-Cookie" not in fields
    assert 2 == len(outer.commit())


def test_the_header_of_a_cookie_has_no_white_space_around_it() -> None:
    fields = served(WSGIHandler(), put(user=7))

    assert [value.strip() for value in fields["Set-Cookie"]] == fields["Set-Cookie"]


# --- ASGI ------------------------------------------------------------------------------------


def test_an_asynchronous_site_has_the_same_session(caplog: pytest.LogCaptureFixture) -> None:
    async def write(request: HttpRequest) -> HttpResponse:
        assert asgi.get_session(request) is request.session.core
        request.session["user"] = 7

        async def parts() -> AsyncIterator[str]:
            yield "one"
            with pytest.raises(SessionCommittedError):
                request.session["user"] = 8

        return StreamingHttpResponse(parts())

    async def leave(request: HttpRequest) -> None:
        request.session["user"] = 9
        raise Timeout

    async def serve() -> None:
        client = AsyncClient()
        Urls.act = staticmethod(write)
        response = await client.get("/")
        assert b"one" == b"".join([part async for part in response.streaming_content])
        assert {"user": 7} == dict(client.session)
        Urls.act = staticmethod(leave)
        with pytest.raises(Timeout):
            await client.get("/")

    async def view(request: HttpRequest) -> Any:
        return await Urls.act(request)

    class AsyncUrls:
        urlpatterns = (re_path("", view),)

    with override_settings(ROOT_URLCONF=AsyncUrls):
        asyncio.run(serve())

    assert "was not sent: an exception left the application" in caplog.text


def connection() -> dict[str, Any]:
    """Return the scope of a request under ASGI."""
    return {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
        "scheme": "https",
    }


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
@pytest.mark.parametrize("parts", [no_parts, one_async_part])
def test_observe_is_called_if_a_stream_fails_under_asgi(
    parts: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    ends: list[Session] = []

    def stream(request: HttpRequest) -> StreamingHttpResponse:
        request.session["user"] = 7
        return StreamingHttpResponse(parts())

    async def receive() -> Any:
        if not received:
            received.append("http.request")
            return {"type": "http.request"}
        return await asyncio.get_running_loop().create_future()  # the client stays

    async def send(_: Any) -> None:
        await asyncio.sleep(0)

    received: list[str] = []
    Urls.act = staticmethod(stream)
    with (
        override_settings(COOKIESESSION={"keys": KEYS, "observe": ends.append}),
        pytest.raises(LookupError),
    ):
        asyncio.run(ASGIHandler()(connection(), receive, send))

    assert [Written.SAVED] == [session.written for session in ends]
    assert "was not sent" not in caplog.text


@pytest.mark.skipif(django.VERSION < (5,), reason="earlier versions cancel no view")
def test_a_client_that_leaves_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    ends: list[Session] = []

    async def serve() -> None:
        has_begun = asyncio.Event()
        to_receive = [{"type": "http.request"}]

        async def receive() -> Any:
            if not to_receive:
                await has_begun.wait()
                return {"type": "http.disconnect"}
            return to_receive.pop()

        async def never(_: Any) -> None:
            raise AssertionError

        async def view(request: HttpRequest) -> None:
            request.session["user"] = 7
            has_begun.set()
            await asyncio.get_running_loop().create_future()  # until it is cancelled

        class AsyncUrls:
            urlpatterns = (re_path("", view),)

        with override_settings(ROOT_URLCONF=AsyncUrls):
            await ASGIHandler()(connection(), receive, never)

    with override_settings(COOKIESESSION={"keys": KEYS, "observe": ends.append}):
        asyncio.run(serve())

    assert [] == [record for record in caplog.records if record.name == "cookiesession"]
    assert [Written.SAVED] == [session.written for session in ends]


def test_the_handler_for_asgi_sends_the_cookies_and_ends_the_request() -> None:
    messages: list[Any] = []
    ends: list[Session] = []
    to_receive = [{"type": "http.request"}]

    async def receive() -> Any:
        if not to_receive:
            await asyncio.get_running_loop().create_future()  # the client stays
        return to_receive.pop()

    async def send(message: Any) -> None:
        messages.append(message)
        assert [] == ends

    Urls.act = staticmethod(put(user=7))
    with override_settings(COOKIESESSION={"keys": KEYS, "observe": ends.append}):
        asyncio.run(ASGIHandler()(connection(), receive, send))

    fields = [value for name, value in messages[0]["headers"] if name == b"Set-Cookie"]
    assert [b"sessionid", b"sessionid.sig"] == [value.partition(b"=")[0] for value in fields]
    assert all(b"; secure" in value for value in fields)
    assert [Written.SAVED] == [session.written for session in ends]

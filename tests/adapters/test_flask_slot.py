"""Flask's own session is ours: through Flask and its test client."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import flask
import pytest
from flask import Flask, Response, session
from flask.sessions import SessionMixin
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response as BaseResponse

from cookiesession_adapters.flask import CookieSessionInterface, setup
from cookiesession_adapters.testing import log_in, read
from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import (
    ConfigurationError,
    CookieLifetimeWarning,
    CookieSession,
    Session,
    SessionCommittedError,
    SessionView,
    Written,
    session_key,
)
from tests.support.cookies import GONE, header, set_cookies
from tests.support.keys import CANARY, KEYS, OTHER
from tests.support.toy_format import ToyFormat

SESSIONS = CookieSession(keys=KEYS)

# Flask hands out a proxy: its type is known only when a request is served.
current: Any = session


def serving(view: Callable[[], Any], config: dict[str, Any] | None = None, **options: Any) -> Flask:
    """Return an application with one view, in which exceptions become error pages."""
    app = Flask(__name__)
    app.config.update({"PROPAGATE_EXCEPTIONS": False, **(config or {})})
    app.add_url_rule("/", "view", view)
    setup(app, **(options or {"keys": KEYS}))
    return app


def answer(
    view: Callable[[], Any], cookies: str | None = None, config: Any = None, **options: Any
) -> Any:
    """Return the response to one request, whose body is read and closed."""
    headers = {} if cookies is None else {"Cookie": cookies}
    client = serving(view, config, **options).test_client(use_cookies=False)
    return client.get("/", headers=headers, buffered=True)


def sent(response: Any) -> list[str]:
    values: list[str] = response.headers.getlist("Set-Cookie")
    return values


def does(act: Callable[[], object]) -> Callable[[], str]:
    """Return a view that does something and answers."""

    def view() -> str:
        act()
        return "done"

    return view


def start(*_: object) -> Any:
    """Take the headers, as a server does."""


def clear() -> None:
    current.clear()


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.WARNING, "cookiesession")
    return lambda: [each.getMessage() for each in caplog.records if each.name == "cookiesession"]


# --- reading and writing ---------------------------------------------------------------------


def test_a_write_is_sent_as_node_writes_it_and_comes_back() -> None:
    app = serving(lambda: current.setdefault("user", "ada"))
    client = app.test_client()
    first, second = client.get("/"), client.get("/")

    assert set_cookies({"user": "ada"}) == sent(first)
    assert ("ada", []) == (second.text, sent(second))
    assert ["Cookie", "Cookie"] == [each.headers["Vary"] for each in (first, second)]


def test_an_untouched_session_leaves_the_response_alone() -> None:
    response = answer(lambda: "hello", header({"user": 7}))

    assert ([], None) == (sent(response), response.headers.get("Vary"))


def test_the_session_of_the_core_is_beside_the_slot() -> None:
    def view() -> str:
        core = get_session(flask.request.environ)
        named = get_session(flask.request, "session")
        return str(core is named is current.core and isinstance(core, Session))

    assert "True" == answer(view).text


def test_the_session_is_a_session_of_flask_and_a_view() -> None:
    seen = []
    answer(does(lambda: seen.append(current._get_current_object())))

    assert isinstance(seen[0], SessionMixin)
    assert isinstance(seen[0], SessionView)


@pytest.mark.parametrize(
    "empty",
    [
        clear,
        lambda: current.pop("user"),
        lambda: [*map(current.pop, [*current])],
        lambda: current.__delitem__("user"),
    ],
    ids=["clear", "pop", "pop each", "del"],
)
def test_a_session_that_was_emptied_is_ended(empty: Callable[[], object]) -> None:
    cookie, signature = sent(answer(does(empty), header({"user": 7})))

    assert f"session=; path=/; {GONE}; httponly" == cookie
    assert signature.startswith("session.sig=")


def test_clearing_sends_nothing_to_a_visitor_without_a_cookie() -> None:
    assert [] == sent(answer(does(clear)))


def test_clearing_ends_a_session_that_does_not_verify() -> None:
    response = answer(does(clear), header({"user": 7}, OTHER))

    assert 2 == len(sent(response))
    assert all(GONE in value for value in sent(response))


def test_reading_a_session_that_does_not_verify_sends_nothing() -> None:
    response = answer(lambda: repr(dict(current)), header({"user": 7}, OTHER))

    assert ("{}", []) == (response.text, sent(response))


def test_a_value_that_is_set_as_an_attribute_is_an_error() -> None:
    said: list[str] = []

    def view() -> str:
        with pytest.raises(AttributeError) as caught:
            current.user = 7
        said.append(str(caught.value))
        current.permanent = True
        return "done"

    assert 200 == answer(view).status_code
    assert ["user is not an attribute of a session; did you mean session['user']?"] == said


def test_a_session_that_was_cleared_and_filled_is_sent() -> None:
    def view() -> str:
        current.clear()
        current["user"] = "bob"
        return "hello"

    assert set_cookies({"user": "bob"}) == sent(answer(view, header({"user": "ada"})))


def test_flashes_are_shown_once() -> None:
    app = serving(lambda: str(flask.get_flashed_messages(with_categories=True)))
    app.add_url_rule("/flash", "flash", does(lambda: flask.flash("saved", "info")))
    client = app.test_client()
    client.get("/flash")

    assert ["[('info', 'saved')]", "[]"] == [
        client.get("/").text.replace("[[", "[(").replace("]]", ")]").replace('"', "'")
        for _ in range(2)
    ]


def test_flashes_that_the_view_has_read_are_shown_by_a_stream() -> None:
    template = "{% for message in get_flashed_messages() %}{{ message }}{% endfor %}"

    def view() -> Response:
        flask.flash("saved")
        flask.get_flashed_messages()
        return Response(flask.stream_template_string(template))

    response = answer(view)

    assert ("saved", []) == (response.text, sent(response))


# --- the attributes of Flask's sessions ------------------------------------------------------


@pytest.mark.parametrize(
    ("contents", "act", "expected"),
    [
        (None, lambda: None, False),
        (None, lambda: current.update(user=7), True),
        (None, clear, False),
        ({"cart": [1]}, lambda: current.get("cart"), False),
        ({"cart": [1]}, lambda: current["cart"].append(2), True),
        ({"cart": [1]}, clear, True),
        ({"cart": [1]}, lambda: current.pop("cart"), True),
        ({"cart": [1]}, lambda: setattr(current, "modified", True), True),
    ],
)
def test_modified_tells_whether_the_contents_changed(
    contents: Any, act: Callable[[], object], expected: object
) -> None:
    seen = []

    def view() -> str:
        act()
        seen.append(current.modified)
        return "seen"

    answer(view, None if contents is None else header(contents))

    assert [expected] == seen


def test_a_session_that_does_not_verify_is_not_modified() -> None:
    assert "False" == answer(lambda: str(current.modified), header({"user": 7}, OTHER)).text


def test_modified_sends_an_unchanged_session() -> None:
    response = answer(does(lambda: setattr(current, "modified", True)), header({"user": 7}))

    assert set_cookies({"user": 7}) == sent(response)


def test_a_changed_session_is_sent_although_modified_was_reset() -> None:
    seen = []

    def view() -> str:
        current["cart"] = [7]
        current.modified = False
        seen.append(current.modified)
        return "seen"

    assert set_cookies({"cart": [7]}) == sent(answer(view))
    assert [False] == seen


def test_modified_tells_of_changes_after_it_was_reset() -> None:
    def view() -> str:
        current["cart"] = [7]
        current.modified = False
        current["cart"].append(8)
        return str(current.modified)

    assert "True" == answer(view).text


def test_new_and_accessed_tell_about_the_session() -> None:
    def view() -> str:
        untouched = current.accessed
        is_new = current.new
        current.accessed = False
        return f"{untouched} {is_new} {current.accessed}"

    assert "False True True" == answer(view).text
    assert "False False True" == answer(view, header({"user": 7})).text


# --- lifetime and other settings -------------------------------------------------------------


def test_only_a_permanent_session_has_the_lifetime_of_flask() -> None:
    def view() -> str:
        current.permanent = True
        return str(current.permanent)

    config = {"PERMANENT_SESSION_LIFETIME": 60}
    permanent = answer(view, config=config, keys=KEYS, clock=lambda: 0)
    other = answer(does(lambda: current.update(user=7)), config=config)

    assert "True" == permanent.text
    assert all("; expires=Thu, 01 Jan 1970 00:01:00 GMT" in value for value in sent(permanent))
    assert not any("expires" in value for value in sent(other))


def test_the_attributes_come_from_the_settings_of_flask() -> None:
    config = {
        "SESSION_COOKIE_NAME": "shop",
        "SESSION_COOKIE_DOMAIN": ".example.com",
        "SESSION_COOKIE_PATH": "/shop",
        "SESSION_COOKIE_HTTPONLY": False,
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_SAMESITE": "None",
        "SESSION_COOKIE_PARTITIONED": True,
    }
    cookie, signature = sent(answer(does(lambda: current.update(user=7)), config=config))

    attributes = "; path=/shop; domain=example.com; samesite=none; secure; partitioned"
    assert ("shop=eyJ1c2VyIjo3fQ==" + attributes) == cookie
    assert signature.startswith("shop.sig=")
    assert signature.endswith(attributes)


def test_the_root_of_the_application_is_the_path() -> None:
    response = answer(does(lambda: current.update(user=7)), config={"APPLICATION_ROOT": "/shop"})

    assert all("; path=/shop;" in value for value in sent(response))


def test_options_win_over_settings_and_a_configuration_keeps_its_own() -> None:
    view = does(lambda: current.update(user=7))
    config = {"SESSION_COOKIE_NAME": "flask", "SESSION_COOKIE_SAMESITE": "Lax"}
    given = serving(view, config, keys=KEYS, name="shop")
    ready = serving(view, config, sessions=SESSIONS)

    assert given.session_interface.get_cookie_name(given) == "shop"
    assert [True, True] == ["; samesite=lax" in each for each in sent(given.test_client().get("/"))]
    assert set_cookies({"user": 7}) == sent(ready.test_client().get("/"))
    assert isinstance(ready.session_interface, CookieSessionInterface)
    assert ready.session_interface.sessions is SESSIONS


FORMAT = ToyFormat(KEYS, defaults={"same_site": "lax", "max_age": 600})


@pytest.mark.parametrize(
    ("config", "is_permanent", "expected"),
    [
        ({}, False, "; path=/; expires=Thu, 01 Jan 1970 00:10:00 GMT; samesite=lax; httponly"),
        ({}, True, "; path=/; expires=Thu, 01 Jan 1970 00:01:00 GMT; samesite=lax; httponly"),
        (
            {"SESSION_COOKIE_SAMESITE": "Strict"},
            False,
            "; path=/; expires=Thu, 01 Jan 1970 00:10:00 GMT; samesite=strict; httponly",
        ),
    ],
)
def test_another_format_keeps_its_attributes_unless_a_setting_says_otherwise(
    config: dict[str, Any], is_permanent: object, expected: str
) -> None:
    def view() -> str:
        current["user"] = 7
        if is_permanent:
            current.permanent = True
        return "done"

    config["PERMANENT_SESSION_LIFETIME"] = 60
    (line,) = sent(answer(view, config=config, format=FORMAT, clock=lambda: 0))

    assert line.endswith(expected)


@pytest.mark.parametrize(
    ("config", "options"),
    [
        ({}, {}),
        ({}, {"format": ToyFormat}),
        ({}, {"keys": [""]}),
        ({}, {"keys": KEYS, "maxAge": 60}),
        ({}, {"sessions": KEYS}),
        ({"SESSION_COOKIE_SAMESITE": "never"}, {"keys": KEYS}),
        ({"SESSION_COOKIE_DOMAIN": "a;b"}, {"keys": KEYS}),
        ({"PERMANENT_SESSION_LIFETIME": -1}, {"keys": KEYS}),
    ],
)
def test_a_wrong_configuration_fails_at_setup(config: Any, options: Any) -> None:
    app = Flask(__name__)
    app.config.update(config)

    with pytest.raises(ConfigurationError):
        setup(app, **options)


def test_a_lifetime_that_browsers_do_not_keep_is_warned_about_at_setup() -> None:
    app = Flask(__name__)
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=1000)

    with pytest.warns(CookieLifetimeWarning):
        setup(app, keys=KEYS)


def test_https_is_what_flask_says_also_behind_a_proxy_that_was_set_up_before() -> None:
    app = Flask(__name__)
    app.add_url_rule("/", "view", does(lambda: current.update(user=7)))
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    setup(app, keys=KEYS)
    told = app.test_client().get("/", headers={"X-Forwarded-Proto": "https"})

    assert [True, True] == ["; secure" in value for value in sent(told)]


# --- every response carries the session ------------------------------------------------------


def test_an_error_page_carries_the_session() -> None:
    def view() -> str:
        current["user"] = 7
        raise LookupError

    response = answer(view)

    assert (500, set_cookies({"user": 7})) == (response.status_code, sent(response))


def test_a_write_after_the_view_is_sent() -> None:
    app = serving(lambda: "hello")

    @app.after_request
    def count(response: Response) -> Response:
        current["views"] = 1
        return response

    assert set_cookies({"views": 1}) == sent(app.test_client().get("/"))


def test_cookies_of_the_application_keep_their_place_and_text() -> None:
    foreign = "theme=dark, light; Expires=Thu, 01 Jan 2099 00:00:00 GMT"

    def view() -> Response:
        current["user"] = 7
        return Response("ok", headers=[("Set-Cookie", foreign), ("Set-Cookie", "session=x")])

    assert [foreign, *set_cookies({"user": 7})] == sent(answer(view))


@pytest.mark.parametrize("wrong", [CANARY * 200, {1}], ids=["too large", "no JSON"])
def test_a_session_that_cannot_be_sent_meets_the_error_page_of_the_application(
    wrong: Any, logged: Callable[[], list[str]]
) -> None:
    app = serving(does(lambda: current.update(user=wrong)))
    app.register_error_handler(500, lambda error: (type(error.original_exception).__name__, 500))
    client = app.test_client()
    log_in(client, SESSIONS, {"user": "ada"})
    response = client.get("/")

    assert (500, []) == (response.status_code, sent(response))
    assert response.text in ("CookieTooLargeError", "SessionEncodeError")
    assert {"user": "ada"} == read(client, SESSIONS)
    assert 1 == len(logged())


# --- the test client -------------------------------------------------------------------------


def test_a_session_transaction_opens_and_saves_the_session_of_the_client() -> None:
    client = serving(lambda: dict(current)).test_client()
    with client.session_transaction() as transaction:
        transaction["cart"] = {"items": [1]}
    with client.session_transaction() as transaction:
        transaction["cart"]["items"].append(2)

    assert {"cart": {"items": [1, 2]}} == client.get("/").json

    with client.session_transaction() as transaction:
        transaction.clear()

    assert {} == client.get("/").json


def test_the_session_can_be_read_after_a_request_of_the_test_client() -> None:
    with serving(does(lambda: current.update(user=7))).test_client() as client:
        client.get("/")

        assert 7 == session["user"]
        with pytest.raises(SessionCommittedError):
            session["user"] = 8


def test_a_null_session_is_made_and_not_saved() -> None:
    app = serving(lambda: "hello")
    null = app.session_interface.make_null_session(app)

    assert app.session_interface.is_null_session(null)
    with pytest.raises(RuntimeError):
        null["user"] = 7


# --- the end of a request --------------------------------------------------------------------


def stream(*, keeps_context: bool, late: Callable[[Any], object]) -> Callable[[], Response]:
    """Return a view whose stream does something after its first chunk."""

    def view() -> Response:
        own = current._get_current_object()
        own["cart"] = [1]

        def chunks() -> Iterator[str]:
            yield "one"
            late(current if keeps_context else own)
            yield "two"

        body = chunks()
        return Response(flask.stream_with_context(body) if keeps_context else body)

    return view


def expect_an_error(late: Any) -> None:
    with pytest.raises(SessionCommittedError):
        late["user"] = 7


@pytest.mark.parametrize("keeps_context", [True, False], ids=["with context", "without context"])
def test_a_stream_carries_the_session_and_a_later_write_raises(
    *, keeps_context: bool, logged: Callable[[], list[str]]
) -> None:
    response = answer(stream(keeps_context=keeps_context, late=expect_an_error))

    assert ("onetwo", set_cookies({"cart": [1]})) == (response.text, sent(response))
    assert [] == logged()


@pytest.mark.parametrize("keeps_context", [True, False], ids=["with context", "without context"])
def test_a_change_inside_a_list_during_a_stream_is_logged(
    *, keeps_context: bool, logged: Callable[[], list[str]]
) -> None:
    answer(stream(keeps_context=keeps_context, late=lambda late: late["cart"].append(2)))

    (line,) = logged()
    assert "changed under 'cart' after the response headers" in line


def test_a_late_write_is_only_logged_on_request(logged: Callable[[], list[str]]) -> None:
    view = stream(keeps_context=True, late=lambda late: late.update(user=7))
    response = answer(view, keys=KEYS, late_writes="log")

    assert "onetwo" == response.text
    assert 1 == len(logged())


def test_a_write_during_the_stream_of_an_error_page_is_logged(
    logged: Callable[[], list[str]],
) -> None:
    view = stream(keeps_context=True, late=lambda late: late.update(user=7))

    def failing() -> Response:
        response = view()
        response.status_code = 503
        return response

    assert "onetwo" == answer(failing).text
    assert 1 == len(logged())


@pytest.mark.parametrize("error", [LookupError, SystemExit])
def test_a_write_is_reported_if_an_exception_leaves_the_application(
    error: type[BaseException], logged: Callable[[], list[str]]
) -> None:
    def view() -> str:
        current["user"] = 7
        raise error

    with pytest.raises(error):
        answer(view, config={"PROPAGATE_EXCEPTIONS": True})

    (line,) = logged()
    assert "an exception left the application" in line


def test_a_request_that_fails_before_its_session_is_opened_has_nothing_to_report(
    logged: Callable[[], list[str]],
) -> None:
    with pytest.raises(KeyError):
        serving(lambda: "hello")({}, start)

    assert [] == logged()


def test_a_write_is_reported_if_a_stream_fails_before_its_first_chunk(
    logged: Callable[[], list[str]],
) -> None:
    def view() -> Response:
        current["user"] = 7

        def chunks() -> Iterator[str]:
            yield from ()
            raise LookupError

        return Response(chunks())

    with pytest.raises(LookupError):
        answer(view)

    (line,) = logged()
    assert "an exception left the application" in line


def test_a_file_reaches_the_server_as_it_is() -> None:
    def view() -> BaseResponse:
        current["user"] = 7
        return flask.send_file(io.BytesIO(b"text"), "text/plain")

    class Wrapper:
        def __init__(self, file: Any, _: int = 0) -> None:
            self.file = file

    environ = EnvironBuilder("/").get_environ()
    environ["wsgi.file_wrapper"] = Wrapper
    body = serving(view)(environ, start)

    assert isinstance(body, Wrapper)


@pytest.mark.parametrize(
    ("view", "times"),
    [
        (lambda: "untouched", 0),
        (lambda: str(current.get("user")), 1),
        (stream(keeps_context=True, late=lambda late: late.get("user")), 1),
    ],
)
def test_observe_is_called_once_at_the_end_of_a_touched_request(
    view: Callable[[], Any], times: int
) -> None:
    seen: list[Written | None] = []
    answer(view, keys=KEYS, observe=lambda session: seen.append(session.written))

    assert times == len(seen)


LATE = {
    "SESSION_COOKIE_NAME": "shop",
    "SESSION_COOKIE_DOMAIN": "localhost",
    "SESSION_COOKIE_PATH": "/shop",
    "SESSION_COOKIE_HTTPONLY": False,
    "SESSION_COOKIE_SAMESITE": "Strict",
    "SESSION_COOKIE_PARTITIONED": True,
    "SESSION_COOKIE_SECURE": True,
}


@pytest.mark.parametrize("setting", LATE)
def test_a_setting_that_changes_after_setup_is_logged_once(
    setting: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = serving(lambda: "")
    app.config[setting] = LATE[setting]
    for _ in range(2):
        app.test_client().get("/")

    (line,) = caplog.messages
    assert f"the setting {setting} has changed since setup()" in line


OWN = {
    "keys": KEYS,
    "name": "own",
    "domain": None,
    "path": "/",
    "http_only": True,
    "same_site": "lax",
    "partitioned": False,
    "secure": None,
}


@pytest.mark.parametrize("options", [{"sessions": SESSIONS}, OWN])
def test_a_late_setting_beside_an_option_is_not_logged(
    options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    app = serving(lambda: "", **options)
    app.config.update(LATE, PERMANENT_SESSION_LIFETIME=timedelta(days=1))
    app.test_client().get("/")

    assert [] == caplog.messages


# --- layers ----------------------------------------------------------------------------------


def test_the_session_of_an_outer_layer_is_shared_and_ended_once() -> None:
    seen: list[Session] = []
    sessions = CookieSession(keys=KEYS, observe=seen.append)
    app = serving(does(lambda: current.update(user=7)), sessions=sessions)
    app.wsgi_app = CookieSessionMiddleware(app.wsgi_app, sessions)  # type: ignore[method-assign]

    assert set_cookies({"user": 7}) == sent(app.test_client().get("/", buffered=True))
    assert 1 == len(seen)


def test_the_session_of_a_layer_under_asgi_is_shared() -> None:
    outer = SESSIONS.open(None)
    environ = EnvironBuilder("/").get_environ()
    environ["asgi.scope"] = {session_key("session"): outer}  # as a2wsgi does
    app = serving(does(lambda: current.update(user=7)), sessions=SESSIONS)
    run_wsgi_app(app, environ, buffered=True)

    assert {"user": 7} == outer
    assert Written.SAVED is outer.written


def test_an_outer_layer_with_other_options_is_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = serving(lambda: "hello")
    outer = CookieSessionMiddleware(app.wsgi_app, keys=KEYS, max_age=60)
    app.wsgi_app = outer  # type: ignore[method-assign]

    assert 500 == app.test_client().get("/").status_code
    assert "different max_age" in caplog.text


def test_an_application_in_the_request_of_another_has_a_session_of_its_own() -> None:
    inner = serving(does(lambda: current.update(inner=1)), keys=KEYS, name="inner")

    def view() -> Response:
        current["outer"] = 1
        body, status, headers = run_wsgi_app(inner, flask.request.environ, buffered=True)
        return Response(body, status, headers)

    names = [value.partition("=")[0] for value in sent(answer(view))]

    assert ["inner", "inner.sig", "session", "session.sig"] == names

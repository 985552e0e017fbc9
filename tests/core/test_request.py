from __future__ import annotations

import copy
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from cookiesession_core import (
    SESSION_KEY,
    ConfigurationError,
    CookieSession,
    JSONCodec,
    Keygrip,
    Session,
    find_session,
    session_key,
    shared_session,
)
from tests.support.keys import KEYS
from tests.support.toy_format import ToyFormat

inner, outer = CookieSession(keys=KEYS).open(), CookieSession(keys=KEYS, name="outer").open()
REQUEST: dict[str, Any] = {
    SESSION_KEY: inner,
    session_key("session"): inner,
    session_key("outer"): outer,
}


def test_a_request_holds_each_session_under_its_name_and_the_innermost_under_no_name() -> None:
    assert inner is find_session(REQUEST, None, remedy="wrap it")
    assert inner is find_session(REQUEST, "session", remedy="wrap it")
    assert outer is find_session(REQUEST, "outer", remedy="wrap it")


@pytest.mark.parametrize("request_data", [{}, {SESSION_KEY: {"user": 7}}])
def test_a_request_without_a_session_is_an_error_that_names_the_remedy(
    request_data: dict[str, Any],
) -> None:
    with pytest.raises(ConfigurationError, match="no session here: wrap it"):
        find_session(request_data, None, remedy="wrap it")


def test_a_request_without_a_session_of_a_name_is_an_error_that_names_the_cookie() -> None:
    with pytest.raises(ConfigurationError, match=r"^no session here for the cookie 'a': wrap it$"):
        find_session({}, "a", remedy="wrap it")
    with pytest.raises(ConfigurationError, match=r"the request has one for 'outer', 'session'$"):
        find_session(REQUEST, "a", remedy="wrap it")


class FrameworkRequest:
    """A request that has a mapping under one or two names."""

    def __init__(self, **attributes: object) -> None:
        vars(self).update(attributes)


@pytest.mark.parametrize(
    "request_",
    [
        FrameworkRequest(environ=REQUEST, env={}),
        FrameworkRequest(env=REQUEST),
        FrameworkRequest(environ=None, env=REQUEST),
        MappingProxyType(REQUEST),
        REQUEST,
    ],
)
def test_the_request_of_a_framework_has_the_mapping_under_the_first_name_that_it_knows(
    request_: object,
) -> None:
    assert inner is find_session(request_, None, remedy="wrap it", at=["environ", "env"])


@pytest.mark.parametrize("request_", [None, "text", FrameworkRequest(), FrameworkRequest(env=[1])])
def test_an_object_without_a_mapping_is_an_error_that_says_what_is_expected(
    request_: object,
) -> None:
    kind = type(request_).__name__
    with pytest.raises(TypeError, match=f"expected the mapping of a request, got {kind}"):
        find_session(request_, None, remedy="wrap it", at=["environ", "env"])
    with pytest.raises(TypeError, match=f"expected an environ, got {kind}"):
        find_session(request_, None, remedy="wrap it", expected="an environ")


# --- one session for each name ---------------------------------------------------------------


def held(session: Session) -> dict[str, Any]:
    """Return the request's mapping, as an outer layer leaves it."""
    return {SESSION_KEY: session, session_key("session"): session}


def validate(_: object) -> bool:
    return True


class OwnCodec(JSONCodec):
    """A codec of an application."""

    def __init__(self, version: int) -> None:
        self.version = version


class OtherCodec(JSONCodec):
    """Another one."""


EQUAL_OPTIONS: list[dict[str, Any]] = [
    {},
    {"keys": [k.encode() for k in KEYS]},
    {"keys": Keygrip(KEYS)},
    {"codec": JSONCodec()},
    {"codec": OwnCodec(1)},
    {"signed": False},
    {"idle_timeout": 60},
    {"max_age": 60, "path": "/x", "same_site": "lax"},
    {"validate": validate},
]


@pytest.mark.parametrize("options", EQUAL_OPTIONS)
def test_layers_with_equal_options_share_a_session(options: dict[str, Any]) -> None:
    session = CookieSession(**{"keys": KEYS, **copy.copy(options)}).open()
    inner = CookieSession(**{"keys": [*KEYS], **copy.deepcopy(options)})

    assert session is shared_session(held(session), inner)


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ({"max_age": 60}, {"max_age": timedelta(minutes=1)}),
        ({"same_site": "Lax"}, {"same_site": "lax"}),
        ({"same_site": True}, {"same_site": "strict"}),
        ({"domain": ""}, {}),
        ({"path": None}, {"path": ""}),
    ],
)
def test_layers_that_write_the_same_attributes_share_a_session(
    outer: dict[str, Any], inner: dict[str, Any]
) -> None:
    session = CookieSession(**{"keys": KEYS, **outer}).open()

    assert session is shared_session(held(session), CookieSession(**{"keys": KEYS, **inner}))


def test_layers_with_the_same_configuration_share_a_session() -> None:
    sessions = CookieSession(keys=KEYS, validate=lambda _: True)
    session = sessions.open()

    assert session is shared_session(held(session), sessions)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"keys": KEYS[:1]}, "keys, codec or format"),
        ({"keys": KEYS[::-1]}, "keys, codec or format"),
        ({"keys": Keygrip(KEYS, "sha256")}, "keys, codec or format"),
        ({"keys": Keygrip(KEYS, encoding="hex")}, "keys, codec or format"),
        ({"codec": OtherCodec()}, "keys, codec or format"),
        ({"signed": False}, "keys, codec or format"),
        ({"format": ToyFormat(KEYS), "keys": None}, "keys, codec or format"),
        ({"max_age": 60}, "max_age"),
        ({"max_age": lambda _: 60}, "max_age"),
        ({"max_age": 60, "http_only": False}, "max_age, http_only"),
        ({"idle_timeout": 60}, "idle_timeout or absolute_timeout"),
        ({"validate": validate}, "validate"),
        ({"max_cookie_size": None}, "max_cookie_size"),
        ({"assume_https": True}, "assume_https"),
        ({"late_writes": "log"}, "late_writes"),
        ({"observe": print}, "observe"),
        ({"clock": lambda: 0}, "clock"),
    ],
)
def test_layers_with_different_options_are_an_error_that_names_them(
    options: dict[str, Any], named: str
) -> None:
    session = CookieSession(keys=KEYS).open()
    inner = CookieSession(**{"keys": KEYS, **options})

    expected = (
        "two layers of the application have sessions of the name 'session' with different "
        f"{named}: give one of them another name, or both the same CookieSession"
    )
    for _ in range(2):
        with pytest.raises(ConfigurationError) as caught:
            shared_session(held(session), inner)
        assert expected == str(caught.value)


def test_codecs_of_one_type_differ_by_their_attributes() -> None:
    session = CookieSession(keys=KEYS, codec=OwnCodec(1)).open()

    with pytest.raises(ConfigurationError, match="different keys, codec or format"):
        shared_session(held(session), CookieSession(keys=KEYS, codec=OwnCodec(2)))


def test_the_session_of_the_scope_that_a_bridge_hands_over_is_shared() -> None:
    sessions = CookieSession(keys=KEYS)
    under_asgi, under_wsgi = sessions.open(), sessions.open()

    assert under_asgi is shared_session({"asgi.scope": held(under_asgi)}, sessions)
    assert under_wsgi is shared_session(
        {"asgi.scope": held(under_asgi), **held(under_wsgi)}, sessions
    )
    assert shared_session({"asgi.scope": {}}, sessions) is None


def test_another_name_or_a_session_that_was_sent_is_not_shared() -> None:
    sessions = CookieSession(keys=KEYS)
    session = sessions.open()

    assert shared_session({}, sessions) is None
    assert shared_session({session_key("session"): {"user": 7}}, sessions) is None
    assert shared_session(held(session), CookieSession(keys=KEYS, name="other")) is None
    session.commit()
    assert shared_session(held(session), sessions) is None

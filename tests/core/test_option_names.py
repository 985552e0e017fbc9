from __future__ import annotations

from typing import Any

import pytest

from cookiesession_core import ConfigurationError, CookieOptions, CookieSession, SessionView
from tests.support.keys import KEYS

IN_SECONDS = "max_age (in seconds)"
MEANT = {
    # slips
    "Name": "name",
    "expire": "expires",
    "paths": "path",
    "secrets": "secret",
    "max_Age": IN_SECONDS,
    "samesite": "same_site",
    "partition": "partitioned",
    "idleTimeout": "idle_timeout (in seconds)",
    "maxCookieSize": "max_cookie_size",
    "absoluteTimeout": "absolute_timeout (in seconds)",
    "validator": "validate",
    # Express with cookie-session, and Koa
    "maxAge": IN_SECONDS,
    "httpOnly": "http_only",
    "sameSite": "same_site",
    "secureProxy": "assume_https",
    "key": "keys",
    "keygrip": "keys",
    "valid": "validate",
    "rolling": "idle_timeout (in seconds)",
    "renew": "idle_timeout (in seconds)",
    # Flask and Django
    "SECRET_KEY": "secret",
    "SECRET_KEY_FALLBACKS": "keys",
    "permanent": IN_SECONDS,
    "PERMANENT_SESSION_LIFETIME": IN_SECONDS,
    "SESSION_COOKIE_NAME": "name",
    "SESSION_COOKIE_HTTPONLY": "http_only",
    "SESSION_COOKIE_AGE": IN_SECONDS,
    "SESSION_REFRESH_EACH_REQUEST": "idle_timeout (in seconds)",
    # Starlette, Pyramid, aiohttp-session, itsdangerous
    "secret_key": "secret",
    "session_cookie": "name",
    "https_only": "secure",
    "cookie_name": "name",
    "secure_only": "secure",
    "timeout": "idle_timeout (in seconds)",
    "hashalg": "keys=Keygrip(keys, algorithm)",
    "serializer": "codec",
    "signer": "keys",
    "algorithm": "keys=Keygrip(keys, algorithm)",
    "session_name": "name",
    "encoding": "keys=Keygrip(keys, algorithm, encoding)",
    # iron-session
    "cookieName": "name",
}


@pytest.mark.parametrize(("option", "meant"), MEANT.items())
def test_an_unknown_option_is_refused_with_the_option_that_was_meant(
    option: str, meant: str
) -> None:
    said = f"{option} is not an option of CookieSession; did you mean {meant}?"

    assert said == refusal(CookieSession, option)


@pytest.mark.parametrize("option", ["user", "debug", "timezone", "security", "unset"])
def test_an_option_that_resembles_none_gets_no_hint(option: str) -> None:
    assert f"{option} is not an option of CookieSession" == refusal(CookieSession, option)


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("salt", "a signature is valid for one name only"),
        ("store", "in the cookie and needs no store"),
        ("SESSION_ENGINE", "in the cookie and needs no store"),
        ("autoCommit", "only if it has changed"),
        ("SESSION_EXPIRE_AT_BROWSER_CLOSE", "without max_age"),
        ("password", "format=IronSession(password)"),
        ("ttl", "max_age, or IronSession(password, ttl=...)"),
        ("resave", "only if it has changed"),
        ("saveUninitialized", "only if it holds something"),
        ("cookie", "such as max_age"),
        ("cookieOptions", "such as max_age"),
    ],
)
def test_an_option_without_a_counterpart_is_refused_with_the_reason(
    option: str, reason: str
) -> None:
    said = refusal(CookieSession, option)

    assert said.startswith(f"{option} is not an option of CookieSession: ")
    assert reason in said
    assert "did you mean" not in said


@pytest.mark.parametrize("make", [CookieSession, CookieOptions])
def test_all_options_that_are_not_ours_are_named_at_once(make: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(maxAge=86400000, path="/", httpOnly=True, priority="low", unset=True)

    owner = make.__name__
    assert str(caught.value).splitlines() == [
        f"maxAge is not an option of {owner}; did you mean {IN_SECONDS}?",
        f"httpOnly is not an option of {owner}; did you mean http_only?",
        f"unset is not an option of {owner}",
    ]


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("maxAge", f"; did you mean {IN_SECONDS}?"),
        ("httponly", "; did you mean http_only?"),
        ("secret_key", ""),
        ("idle_timeout", ""),
    ],
)
def test_only_attributes_are_suggested_for_the_attributes_of_a_cookie(
    option: str, hint: str
) -> None:
    said = f"{option} is not an option of CookieOptions{hint}"

    assert said == refusal(CookieOptions, option)
    for options in (CookieOptions(), CookieSession(keys=KEYS).open().options):
        with pytest.raises(AttributeError) as caught:
            setattr(options, option, 60)
        assert said == str(caught.value)


NODE_NAMES = {
    "isNew": "is_new",
    "isChanged": "is_changed",
    "isPopulated": "is_populated",
    "sessionOptions": "options",
    "toJSON": "dict(session)",
    "regenerate": "replace(contents)",
    "touch": "resend()",
    "save": "saved by itself",
}


@pytest.mark.parametrize(("name", "meant"), NODE_NAMES.items())
@pytest.mark.parametrize("kind", [lambda session: session, SessionView])
def test_a_name_of_a_session_in_node_is_refused_with_the_name_that_was_meant(
    kind: Any, name: str, meant: str
) -> None:
    session = kind(CookieSession(keys=KEYS).open())

    with pytest.raises(AttributeError, match=f"^{name} is not an attribute") as reading:
        getattr(session, name)
    with pytest.raises(AttributeError, match=f"^{name} is not an attribute") as writing:
        setattr(session, name, 7)

    assert meant in str(reading.value)
    assert str(reading.value) == str(writing.value)
    assert not hasattr(session, name)
    assert not hasattr(type(session), name)


def refusal(make: Any, option: str) -> str:
    options = {"keys": KEYS} if make is CookieSession else {}
    with pytest.raises(ConfigurationError) as caught:
        make(**options, **{option: 60})
    return str(caught.value)

from __future__ import annotations

from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
)
from tests.support.keys import KEYS


def test_attributes_are_equal_by_their_values() -> None:
    assert CookieOptions(path="/app") == CookieOptions(path="/app")
    assert CookieOptions(path="/app") != CookieOptions()
    assert CookieSession(keys=KEYS).options == CookieOptions()
    assert CookieOptions() != "; path=/; httponly"
    with pytest.raises(TypeError, match="unhashable"):
        hash(CookieOptions())


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(AttributeError):
        CookieOptions().maxAge = 60  # type: ignore[attr-defined]


def test_attributes_are_formatted_anew_after_a_change() -> None:
    options = CookieOptions()
    options.attributes(https=False, now=0)

    options.path = "/app"

    assert "; path=/app; httponly" == options.attributes(https=False, now=0)


REFUSED_BY_BROWSERS: list[tuple[dict[str, Any], str]] = [
    ({"same_site": "none"}, "same_site='none' needs secure=True"),
    ({"same_site": "None"}, "same_site='none' needs secure=True"),
    ({"partitioned": True}, "partitioned=True needs secure=True"),
    ({"name": "__Secure-s"}, "'__Secure-s' needs secure=True"),
    ({"name": "__host-s"}, "needs secure=True, path='/' and no domain"),
    ({"name": "__Host-s", "secure": True, "path": "/app"}, "path='/'"),
    ({"name": "__Host-s", "secure": True, "domain": "example.com"}, "no domain"),
    ({"name": "__Http-s"}, "'__Http-s' needs secure=True and http_only=True"),
    ({"name": "__http-s", "secure": True, "http_only": False}, "http_only=True"),
    ({"name": "__Host-Http-s", "secure": True, "path": "/app"}, "path='/'"),
    ({"name": "__Host-Http-s", "secure": True, "http_only": False}, "http_only=True"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED_BY_BROWSERS)
def test_attributes_that_browsers_refuse_are_refused_at_construction(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        CookieSession(keys=KEYS, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"same_site": "none", "secure": True},
        {"partitioned": True, "secure": True},
        {"name": "__Secure-s", "secure": True, "path": "/app"},
        {"name": "__Host-s", "secure": True},
        {"name": "__Host-s", "assume_https": True},
        {"name": "__Http-s", "secure": True, "path": "/app"},
        {"name": "__Host-Http-s", "secure": True},
        {"name": "__Host-Https", "secure": True, "http_only": False},
    ],
)
def test_attributes_that_browsers_accept_are_accepted(options: dict[str, Any]) -> None:
    session = CookieSession(keys=KEYS, **options).open(https=True)
    session["a"] = 1

    assert "; secure" in session.commit()[0]

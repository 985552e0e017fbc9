from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieLifetimeWarning,
    CookieOptions,
    CookieSession,
)
from tests.support.keys import KEYS

REFUSED = [
    ("max_age", 0, "positive number of seconds .*, got int: 0"),
    ("max_age", -1, "destroy"),
    ("max_age", float("nan"), "positive"),
    ("max_age", float("inf"), "positive"),
    ("max_age", 1e15, "positive"),
    ("max_age", 10**400, "positive"),
    ("max_age", True, "got bool"),
    ("max_age", "60", "number of seconds .*, got str that is something else$"),
    ("max_age", 10**400, "got int$"),
    ("max_age", timedelta(0), "got timedelta"),
    (
        "expires",
        datetime(2030, 1, 1),  # noqa: DTZ001
        "one with a time zone, got datetime: add tzinfo=timezone.utc$",
    ),
    ("expires", 1900000000, "got int"),
    ("expires", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), "years 1 to 9999"),
    ("path", "/a;b", "printable ASCII"),
    ("path", "/\n", "printable ASCII"),
    ("path", "/é", "printable ASCII"),
    ("path", "/" + "a" * 1024, "1024"),
    ("path", "/" + "a" * 5000, "at most 1024 bytes, got str that is something else$"),
    ("path", 5, "got int"),
    ("domain", "example.com; secure", "host name"),
    ("domain", "example.com:8000", "host name"),
    ("domain", "a_b.com", "host name"),
    ("domain", "[::1]", "host name"),
    ("domain", "example.com.", "host name"),
    ("domain", ".".join(["a" * 63] * 17), "host name"),
    ("domain", 5, "got int"),
    ("secure", "auto", "True, False or None"),
    ("http_only", None, "http_only must be True or False, got NoneType"),
    ("http_only", 1, "True or False"),
    ("same_site", "loose", r"None, 'lax', .* or True \(strict\), got str that is"),
    ("same_site", 1, "got int"),
    ("priority", "urgent", "must be None, 'low', 'medium' or 'high', got str that is"),
    ("priority", True, "got bool"),
    ("partitioned", "yes", "partitioned must be"),
    ("overwrite", 0, "overwrite must be"),
    ("expires", b"bytes", "got bytes"),
]


@pytest.mark.parametrize(("option", "value", "said"), REFUSED)
def test_a_wrong_value_is_refused_where_it_is_set(option: str, value: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        CookieOptions(**{option: value})
    assert str(caught.value).startswith(f"{option} must be ")
    assert f", got {type(value).__name__}" in str(caught.value)

    options = CookieOptions()
    with pytest.raises(ConfigurationError, match=said):
        setattr(options, option, value)
    assert CookieOptions() == options

    with pytest.raises(ConfigurationError, match=said):
        CookieSession(keys=KEYS, **{option: value})


def test_a_value_may_have_the_length_that_browsers_accept() -> None:
    longest_path, longest_domain = "/" + "a" * 1023, "." + ".".join(["a" * 63] * 16)

    options = CookieOptions(path=longest_path, domain=longest_domain)

    assert 1024 == len(longest_path) == len(longest_domain)
    assert f"; path={longest_path}; domain={longest_domain};" in options.attributes(
        https=False, now=0
    )


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


@pytest.mark.parametrize(
    "max_age", [14 * 24 * 3600 * 1000, 400 * 24 * 3600 + 1, timedelta(days=401)]
)
def test_a_max_age_beyond_the_limit_of_browsers_is_warned_of(max_age: float | timedelta) -> None:
    with pytest.warns(CookieLifetimeWarning, match="400 days.* milliseconds"):
        CookieSession(keys=KEYS, max_age=max_age)


def test_a_max_age_for_one_request_is_warned_of_too() -> None:
    options = CookieOptions(max_age=timedelta(days=400))

    with pytest.warns(CookieLifetimeWarning):
        options.max_age = timedelta(days=400, seconds=1)


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

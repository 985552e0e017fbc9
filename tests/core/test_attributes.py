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
    ("max_age", True, "got bool"),
    ("max_age", "60", "got str: '60'"),
    ("max_age", timedelta(0), "got timedelta"),
    ("expires", datetime(2030, 1, 1), "time zone"),  # noqa: DTZ001
    ("expires", 1900000000, "got int"),
    ("expires", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), "years 1 to 9999"),
    ("path", "/a;b", "printable ASCII"),
    ("path", "/\n", "printable ASCII"),
    ("path", "/é", "printable ASCII"),
    ("path", "/" + "a" * 1024, "1024"),
    ("path", "/" + "a" * 5000, "got str: '/a{78}…$"),
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
    ("same_site", "loose", "got str: 'loose'"),
    ("same_site", 1, "got int"),
    ("priority", "urgent", "priority must be"),
    ("priority", True, "got bool"),
    ("partitioned", "yes", "partitioned must be"),
    ("overwrite", 0, "overwrite must be"),
    ("expires", b"octets", "got bytes"),
]


@pytest.mark.parametrize(("option", "value", "said"), REFUSED)
def test_a_wrong_value_is_refused_where_it_is_set(option: str, value: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        CookieOptions(**{option: value})
    assert option in str(caught.value)

    options = CookieOptions()
    with pytest.raises(ConfigurationError, match=said):
        setattr(options, option, value)
    assert CookieOptions() == options

    with pytest.raises(ConfigurationError, match=said):
        CookieSession(keys=KEYS, **{option: value})


def test_there_is_no_other_option() -> None:
    with pytest.raises(AttributeError):
        CookieOptions().maxAge = 60  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "; path=/; httponly"),
        ({"path": None}, "; httponly"),
        ({"path": ""}, "; httponly"),
        ({"domain": ""}, "; path=/; httponly"),
        ({"domain": ".Example.com"}, "; path=/; domain=.Example.com; httponly"),
        ({"http_only": False}, "; path=/"),
        ({"same_site": True}, "; path=/; samesite=strict; httponly"),
        ({"same_site": "Lax"}, "; path=/; samesite=lax; httponly"),
        ({"same_site": False}, "; path=/; httponly"),
        ({"same_site": ""}, "; path=/; httponly"),
        ({"priority": "LOW"}, "; path=/; priority=low; httponly"),
        ({"priority": ""}, "; path=/; httponly"),
        ({"partitioned": True}, "; path=/; httponly; partitioned"),
        (
            {"max_age": timedelta(minutes=1)},
            "; path=/; expires=Thu, 01 Jan 1970 00:01:10 GMT; httponly",
        ),
        (
            {"expires": datetime(2030, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))},
            "; path=/; expires=Tue, 01 Jan 2030 00:00:00 GMT; httponly",
        ),
    ],
)
def test_attributes_are_written_as_node_writes_them(options: dict[str, Any], text: str) -> None:
    assert text == CookieOptions(**options).attributes(https=False, now=10)


@pytest.mark.parametrize(
    "max_age", [14 * 24 * 3600 * 1000, 400 * 24 * 3600 + 1, timedelta(days=401)]
)
def test_a_max_age_beyond_what_browsers_keep_is_warned_of(max_age: float | timedelta) -> None:
    with pytest.warns(CookieLifetimeWarning, match="400 days.* milliseconds"):
        CookieSession(keys=KEYS, max_age=max_age)


def test_a_max_age_for_one_request_is_warned_of_too() -> None:
    options = CookieOptions(max_age=timedelta(days=400))

    with pytest.warns(CookieLifetimeWarning):
        options.max_age = timedelta(days=400, seconds=1)


def test_max_age_has_precedence_over_expires() -> None:
    options = CookieOptions(max_age=60, expires=datetime(2030, 1, 1, tzinfo=timezone.utc))

    assert "1970 00:01:00" in options.attributes(https=False, now=0)


def test_a_change_shows_in_the_text_that_was_written_before() -> None:
    options = CookieOptions()
    options.attributes(https=False, now=0)

    options.path = "/app"

    assert "; path=/app; httponly" == options.attributes(https=False, now=0)


WHAT_BROWSERS_REFUSE: list[tuple[dict[str, Any], str]] = [
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


@pytest.mark.parametrize(("options", "said"), WHAT_BROWSERS_REFUSE)
def test_what_browsers_refuse_is_refused_at_construction(
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
def test_what_browsers_take_is_taken(options: dict[str, Any]) -> None:
    session = CookieSession(keys=KEYS, **options).open(https=True)
    session["a"] = 1

    assert "; secure" in session.commit()[0]

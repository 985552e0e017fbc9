from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    ConfigurationWarning,
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
        "a time zone: add tzinfo=timezone.utc, got ",
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


@pytest.mark.parametrize("path", ["app", "./", " /app"])
def test_a_path_that_browsers_ignore_is_warned_of(path: str) -> None:
    with pytest.warns(ConfigurationWarning, match="path does not begin with '/'.* '/app'"):
        sessions = CookieSession(keys=KEYS, path=path)

    assert path == sessions.options.path


def test_a_path_for_one_request_is_warned_of_too() -> None:
    session = CookieSession(keys=KEYS).open()

    with pytest.warns(ConfigurationWarning, match="path"):
        session.options.path = "app"


@pytest.mark.parametrize("path", [None, "", "/", "/app"])
def test_a_path_that_browsers_take_causes_no_warning(path: str | None) -> None:
    assert path == CookieSession(keys=KEYS, path=path).options.path

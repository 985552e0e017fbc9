"""The text of the attributes, for any options."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from cookiesession_core import CookieOptions


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


def test_max_age_has_precedence_over_expires() -> None:
    options = CookieOptions(max_age=60, expires=datetime(2030, 1, 1, tzinfo=timezone.utc))

    assert "1970 00:01:00" in options.attributes(https=False, now=0)


def test_a_fraction_of_a_second_is_cut_off_from_a_date() -> None:
    expires = datetime(9000, 1, 1, 0, 0, 0, 999_999, tzinfo=timezone.utc)

    assert " 9000 00:00:00 GMT" in CookieOptions(expires=expires).attributes(https=False, now=0)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no tzset()")
def test_the_local_time_zone_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as local:
            local.setenv("TZ", "EAST-14")  # 14 hours before UTC
            time.tzset()
            options = CookieOptions(expires=datetime(9999, 12, 31, 23, tzinfo=timezone.utc))
    finally:
        time.tzset()

    assert "31 Dec 9999 23:00:00 GMT" in options.attributes(https=False, now=0)

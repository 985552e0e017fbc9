from __future__ import annotations

from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieLifetimeWarning,
    CookieNameWarning,
    CookieOptions,
    CookieSession,
    format_set_cookie,
)
from tests.support.keys import KEYS

NOW = 1705321845.678


def formatted(name: str = "s", value: str | None = "v", **options: Any) -> str:
    https = options.pop("https", False)
    return format_set_cookie(name, value, CookieOptions(**options), https=https, now=NOW)


def test_attributes_stand_in_the_order_of_node() -> None:
    set_cookie = formatted(
        https=True,
        max_age=60,
        path="/a",
        domain="example.com",
        priority="high",
        same_site="none",
        secure=True,
        partitioned=True,
    )

    assert set_cookie == (
        "s=v; path=/a; expires=Mon, 15 Jan 2024 12:31:45 GMT; domain=example.com; priority=high; "
        "samesite=none; secure; httponly; partitioned"
    )


@pytest.mark.parametrize("value", ["", None])
def test_an_empty_value_expires_the_cookie(value: str | None) -> None:
    expected = "s=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly"

    assert expected == formatted(value=value, max_age=60)


def test_binary_fractions_do_not_cost_a_second() -> None:
    assert "expires=Mon, 15 Jan 2024 12:30:46 GMT" in formatted(max_age=0.322)
    assert "expires=Mon, 15 Jan 2024 12:30:45 GMT" in formatted(max_age=0.3219)


def test_a_date_after_the_year_9999_becomes_its_last_second() -> None:
    with pytest.warns(CookieLifetimeWarning):
        assert "expires=Fri, 31 Dec 9999 23:59:59 GMT" in formatted(max_age=253_402_300_799)


@pytest.mark.parametrize("name", ["", " s", "s ", "s\t", "a=b", "a;b", "é", "a\n", "a\x7f", b"s"])
def test_a_name_that_would_not_come_back_is_refused(name: Any) -> None:
    with pytest.raises(ConfigurationError, match="cookie name must be printable ASCII") as caught:
        formatted(name=name)

    # The name is not shown: somebody may give a whole cookie in its place.
    assert str(caught.value).endswith(("got str that is something else", "got bytes"))


SEPARATORS = '()<>@,:\\"/[]?{} '
"""The separators of RFC 2616, but for those that no cookie name can have, and the tab."""


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_name_that_is_no_token_is_used_with_a_warning_that_does_not_show_it(
    separator: str,
) -> None:
    name = f"shop{separator}cart"
    with pytest.warns(CookieNameWarning, match="not a token of RFC 6265") as caught:
        sessions = CookieSession(keys=KEYS, name=name)

    assert 1 == len(caught)
    assert name not in str(caught[0].message)
    assert {"a": 1} == sessions.decode(sessions.cookie_header({"a": 1}))


@pytest.mark.filterwarnings("error")
def test_a_name_of_all_characters_of_a_token_is_not_warned_of() -> None:
    CookieSession(keys=KEYS, name="!#$%&'*+-.^_`|~09azAZ")


@pytest.mark.parametrize("value", ["a;b", "a\r\nb", "\0", "\x7f", "☃", 5])
def test_a_value_that_no_header_can_carry_is_refused_without_showing_it(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="cookie value must be text") as caught:
        formatted(value=value)

    assert str(caught.value).endswith(f"got {type(value).__name__}")
    assert repr(value) not in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "value", "said"),
    [
        ("options", {}, "options must be CookieOptions, got dict"),
        ("https", 1, "https must be bool, got int"),
        ("now", "0", "now must be int or float, got str"),
    ],
)
def test_an_argument_of_a_wrong_type_is_refused(argument: str, value: Any, said: str) -> None:
    arguments: dict[str, Any] = {"options": CookieOptions(), "https": False, "now": 0}
    assert "s=v; path=/; httponly" == format_set_cookie("s", "v", **arguments)

    with pytest.raises(TypeError, match=rf"^{said}\Z"):
        format_set_cookie("s", "v", **{**arguments, argument: value})


def test_a_prefix_that_needs_https_is_checked_by_the_connection() -> None:
    assert "__Secure-s=v; path=/; secure; httponly" == formatted(name="__Secure-s", https=True)
    with pytest.raises(ConfigurationError, match="__Secure-"):
        formatted(name="__Secure-s")


def test_the_values_of_a_response_must_be_a_list_of_text() -> None:
    existing: Any = ["a=1", 5]

    with pytest.raises(TypeError, match=r"^the Set-Cookie values must be a list of str\Z"):
        CookieSession(keys=KEYS).open().commit(existing)


def test_a_secure_cookie_is_not_formatted_for_plain_http() -> None:
    with pytest.raises(ConfigurationError, match="plain HTTP"):
        formatted(secure=True)

    assert "s=v; path=/; secure; httponly" == formatted(secure=True, https=True)
    assert "s=v; path=/; secure; httponly" == formatted(https=True)
    assert "s=v; path=/; httponly" == formatted(secure=False, https=True)

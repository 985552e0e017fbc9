from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_core import (
    find_cookie,
    request_cookies,
)
from cookiesession_core.cookies import MappingCookies

NOW = 1705321845.678


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("session=x", "x"),
        ("a=1; session=x", "x"),
        ("a=1;session=x;b=2", "x"),
        ("a=1;    session=x", "x"),
        ("  session=x", "x"),
        ("session=; session=b", ""),
        ("a=1;session=; session=b", ""),
        ("session; session=b", "b"),
        ("session=first; session=second", "first"),
        ('session="x"', "x"),
        ('session="x', ""),
        ('session="', ""),
        ('a=1;session="xy"', "xy"),
        ('a="; session=x; b"', "x"),
        ("xsession=1; my session=2; session=3", "3"),
        ("Xsession=1; session=2", "2"),
        ("session =x", None),
        ("a=1;\tsession=x", None),
        ("a=1;\u00a0session=x", None),
        ("a=1,session=x", None),
        ("a=session=x", None),
        ("xsession=session=x", None),
        ("session=session=x", "session=x"),
        ("a=1; b session=x", None),
        ("Session=x", None),
        ("", None),
    ],
)
def test_finds_the_cookie_that_node_finds(header: str, value: str | None) -> None:
    assert value == find_cookie(header, "session")
    assert value == find_cookie(header.encode("latin-1"), "session")


def test_bytes_of_any_value_are_read_as_latin_1() -> None:
    assert "\xe9\xff" == find_cookie(b"session=\xe9\xff", "session")


class HeaderFields(dict[str, str]):
    """Header fields of a framework: the case of a name does not matter."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in map(str.lower, self)


@pytest.mark.parametrize("fields", [HeaderFields(Accept="*/*"), {"cookie": "a=1"}])
def test_header_fields_are_not_taken_for_a_mapping_of_cookies(fields: dict[str, str]) -> None:
    with pytest.raises(TypeError, match="got header fields: pass the Cookie header itself"):
        MappingCookies(fields)


@pytest.mark.parametrize(
    "cookies", [{"cookie": "a=1", "theme": "dark"}, {"cookie": "a"}, {"user": "1", "USER": "2"}, {}]
)
def test_cookies_may_have_the_names_of_header_fields(cookies: dict[str, str]) -> None:
    found = MappingCookies(cookies)

    assert cookies == {name: found.first(name) for name in cookies}


def test_the_cookies_of_a_request_read_like_a_mapping() -> None:
    header = ' a=1;b; =x;c="3"; a=2;é=4;  d=; Xe=5=6'
    cookies = request_cookies(header)

    assert ["a", "c", "é", "d", "Xe"] == list(cookies) == list(cookies.keys())
    assert {"a": "1", "c": "3", "é": "4", "d": "", "Xe": "5=6"} == dict(cookies)
    assert ("1", None, "none") == (cookies.get("a"), cookies.get("x"), cookies.get("x", "none"))
    assert "a" in cookies
    assert "b" not in cookies
    with pytest.raises(KeyError, match="x"):
        cookies["x"]
    assert dict(cookies) == dict(request_cookies(dict(cookies)))


def test_the_first_four_values_of_a_name_that_are_not_empty_are_candidates() -> None:
    header = "; ".join(f"a={value}" for value in ["", *range(1, 7)])

    assert ["1", "2", "3", "4"] == request_cookies(header).candidates("a")


@given(st.text(st.sampled_from('ab= ;"\t%'), max_size=30))
def test_each_name_of_a_header_has_a_value(header: str) -> None:
    cookies = request_cookies(header)

    assert [] == [name for name in cookies if cookies.first(name) is None]

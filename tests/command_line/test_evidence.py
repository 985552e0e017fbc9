from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.command_line.evidence import Evidence, Source, gather

COOKIE, SET_COOKIE, VALUE = Source.COOKIE, Source.SET_COOKIE, Source.VALUE

CURL = b"""\
*   Trying 127.0.0.1:8000...
* Connected to localhost (127.0.0.1) port 8000
> GET /views HTTP/1.1\r
> Host: localhost:8000\r
> Cookie: a=1; session=x; session.sig=y\r
> \r
< HTTP/1.1 200 OK\r
< Set-Cookie: session=z; path=/; httponly\r
< Date: Tue, 24 Nov 2026 21:00:00 GMT\r
< set-cookie: session.sig=w; path=/; httponly\r
< \r
{ [7 bytes data]
body: Cookie
"""


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("session=eyJ9; session.sig=abc", COOKIE),
        ("session=eyJ9", COOKIE),
        ("session=", COOKIE),
        ("session.sig=", COOKIE),
        ("session=eyJ9;", COOKIE),
        ("path=1; session=eyJ9; session.sig=abc", COOKIE),
        ("a=1; priority=2; session=eyJ9; session.sig=abc", COOKIE),
        ("hello world", COOKIE),
        ("session=eyJ9; path=/; httponly", SET_COOKIE),
        ("session=eyJ9;Secure", SET_COOKIE),
        ("session=eyJ9; EXPIRES = Thu, 01 Jan 1970 00:00:00 GMT; foo=bar", SET_COOKIE),
        ("eyJhIjoxfQ==", VALUE),
        ("eyJhIjoxfQ", VALUE),
        ("eyJhIjoxfQ%3D%3d", VALUE),
        ("  eyJhIjox_-\t", VALUE),
    ],
)
def test_what_was_pasted_is_known_by_its_look(text: str, source: Source) -> None:
    assert [Evidence(source, (text.strip(" \t"),))] == gather(text.encode(), "session")


@pytest.mark.parametrize(
    ("text", "source", "line"),
    [
        ("Cookie: session=x", COOKIE, "session=x"),
        ("cookie:session=x; path=/", COOKIE, "session=x; path=/"),
        ("Set-Cookie: session=x", SET_COOKIE, "session=x"),
        ("> Cookie: session=x", COOKIE, "session=x"),
        ("< set-cookie: session=x\r", SET_COOKIE, "session=x"),
        ("  Set-Cookie:  a; b ", SET_COOKIE, "a; b"),
    ],
)
def test_the_name_of_a_field_decides(text: str, source: Source, line: str) -> None:
    assert [Evidence(source, (line,))] == gather(text.encode(), "session")


def test_all_of_what_curl_prints_may_come_in() -> None:
    assert [
        Evidence(COOKIE, ("a=1; session=x; session.sig=y",)),
        Evidence(SET_COOKIE, ("session=z; path=/; httponly", "session.sig=w; path=/; httponly")),
    ] == gather(CURL, "session")


def test_lines_of_one_kind_belong_together() -> None:
    assert [Evidence(COOKIE, ("session=x", "session.sig=y"))] == gather(
        b"session=x\n\nsession.sig=y\n", "session"
    )


def test_nothing_is_nothing() -> None:
    assert [] == gather(b" \r\n\n", "session")


@given(st.binary())
def test_any_octets_will_do(octets: bytes) -> None:
    for each in gather(octets, "session"):
        assert each.lines

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.command_line.paste import Paste, Source, pastes

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
def test_the_source_of_a_text_is_recognised(text: str, source: Source) -> None:
    assert [Paste(source, (text.strip(" \t"),))] == pastes(text.encode(), "session")


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
def test_the_source_is_recognised_by_the_name_of_a_header_field(
    text: str, source: Source, line: str
) -> None:
    assert [Paste(source, (line,))] == pastes(text.encode(), "session")


def test_the_whole_output_of_curl_is_accepted() -> None:
    assert [
        Paste(COOKIE, ("a=1; session=x; session.sig=y",)),
        Paste(SET_COOKIE, ("session=z; path=/; httponly", "session.sig=w; path=/; httponly")),
    ] == pastes(CURL, "session")


def test_lines_of_one_kind_belong_together() -> None:
    assert [Paste(COOKIE, ("session=x", "session.sig=y"))] == pastes(
        b"session=x\n\nsession.sig=y\n", "session"
    )


def test_empty_input_has_no_pastes() -> None:
    assert [] == pastes(b" \r\n\n", "session")


@given(st.binary())
def test_any_bytes_are_accepted(text: bytes) -> None:
    for each in pastes(text, "session"):
        assert each.lines

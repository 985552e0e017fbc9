from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.command_line.terminal import DAY, HOUR, NOW, header, run, sessions, set_cookies
from tests.properties.strategies import CONTENTS
from tests.support.keys import OTHER

REFUSED, USAGE_ERROR, NOTHING_FOUND = 1, 2, 3


def test_encode_prints_the_cookie_header_of_a_visitor() -> None:
    result = run("encode", stdin='{"user": 7}')

    assert (0, "") == (result.status, result.err)
    assert f"{header({'user': 7})}\n" == result.out


def test_encode_with_json_prints_names_and_values() -> None:
    assert sessions().encode({"user": 7}) == run("encode", "--json", stdin='{"user": 7}').report


def test_decode_prints_the_session() -> None:
    result = run("decode", stdin=header({"user": 7, "name": "Zo\u00eb\x9b\ud800"}))

    assert (0, "") == (result.status, result.err)
    assert '{"user":7,"name":"Zo\u00eb\\u009b\\ud800"}\n' == result.out


@given(CONTENTS)
def test_decode_undoes_encode(contents: dict[str, Any]) -> None:
    result = run("decode", stdin=run("encode", stdin=json.dumps(contents)).out)

    assert 0 == result.status
    assert 1 == result.out.count("\n")
    # JSON has one kind of number: a float may come back as the int of the same digits.
    assert result.report == sessions().decode(header(contents))


@given(CONTENTS)
def test_encode_undoes_decode(contents: dict[str, Any]) -> None:
    cookies = header(contents)

    assert f"{cookies}\n" == run("encode", stdin=run("decode", stdin=cookies).out).out


OPTIONS = [
    ([], {}),
    (["--name", "sid"], {"name": "sid"}),
    (["--name", "__Host-sid"], {"name": "__Host-sid", "secure": True}),
    (["--name", "__Http-sid"], {"name": "__Http-sid", "secure": True}),
    (["--idle-timeout", "3600"], {"idle_timeout": HOUR}),
    (["--absolute-timeout", "3600"], {"absolute_timeout": HOUR}),
]


@pytest.mark.parametrize(("flags", "options"), OPTIONS)
def test_options_work_as_at_the_server(flags: list[str], options: dict[str, Any]) -> None:
    encoded = run("encode", *flags, stdin='{"user": 7}')
    decoded = run("decode", *flags, stdin=encoded.out)

    assert f"{header({'user': 7}, **options)}\n" == encoded.out
    assert {"user": 7} == decoded.report


@pytest.mark.parametrize(
    "flags", [["--algorithm", "sha256"], ["--encoding", "hex"], ["--algorithm", "md5"]]
)
def test_algorithm_and_encoding_can_be_chosen(flags: list[str]) -> None:
    encoded = run("encode", *flags, stdin="{}")

    assert {} == run("decode", *flags, stdin=encoded.out).report
    assert REFUSED == run("decode", stdin=encoded.out).status


def test_an_expired_session_is_not_decoded() -> None:
    cookies = header({"user": 7}, idle_timeout=HOUR)
    flags = ("--idle-timeout", "3600")
    result = run("decode", *flags, stdin=cookies, now=NOW + DAY)

    assert (REFUSED, "") == (result.status, result.out)
    assert "EXPIRED" in result.err


@pytest.mark.parametrize(
    ("stdin", "status", "reason"),
    [
        (header({}, OTHER), REFUSED, "DOES NOT VERIFY: none of the 2 keys made its signature"),
        (header({}).partition(";")[0], REFUSED, "there is no signature, session.sig, beside it"),
        ("a=1; b=2", NOTHING_FOUND, "NOTHING FOUND: there is no cookie of this name"),
        ("", NOTHING_FOUND, "nothing found: standard input is empty"),
    ],
)
def test_decode_prints_nothing_if_the_session_does_not_verify(
    stdin: str, status: int, reason: str
) -> None:
    result = run("decode", stdin=stdin)

    assert (status, "") == (result.status, result.out)
    assert 1 == result.err.count("\n")
    assert reason in result.err


def test_decode_prints_the_last_of_several_sessions() -> None:
    request = f"> Cookie: {header({'user': 7})}\n"
    response = "".join(f"< Set-Cookie: {line}\n" for line in set_cookies({"user": 8}))

    assert {"user": 8} == run("decode", stdin=request + response).report
    assert {"user": 7} == run("decode", stdin=request + "< Set-Cookie: a=1\n").report


@pytest.mark.parametrize("command", ["encode", "decode"])
@pytest.mark.parametrize("value", ["", " \t\n"])
def test_encode_and_decode_need_keys(command: str, value: str) -> None:
    result = run(command, stdin="{}", environ={"COOKIESESSION_KEYS": value})

    assert (USAGE_ERROR, "") == (result.status, result.out)
    assert (
        "cookiesession: error: no keys: set COOKIESESSION_KEYS, or give --keys-file FILE\n"
        == result.err
    )


@pytest.mark.parametrize(
    ("stdin", "reason"),
    [
        ("", "standard input is not JSON: line 1, column 1"),
        ('{"password": }', "standard input is not JSON: line 1, column 14"),
        ("[1]", "standard input is not a JSON object: a session is one, {...}"),
        ('"text"', "standard input is not a JSON object"),
        (b"\xff\xff\xff\xff", "standard input is not JSON that can be read"),
        ('{"a":' * 100_000, "standard input is not JSON that can be read"),
        (f'{{"a": {"1" * 5000}}}', "standard input is not JSON that can be read"),
        ('{"a": [NaN]}', "session['a'][0]: float is NaN or Infinity"),
        ('{"a": 1e999}', "session['a']: float is NaN or Infinity"),
    ],
)
def test_encode_refuses_wrong_input_in_one_line(stdin: str | bytes, reason: str) -> None:
    result = run("encode", stdin=stdin)

    assert (USAGE_ERROR, "") == (result.status, result.out)
    assert result.err.startswith(f"cookiesession: error: {reason}")
    assert 1 == result.err.count("\n")
    assert "password" not in result.err


def test_encode_refuses_keys_that_a_lifetime_needs() -> None:
    result = run("encode", "--idle-timeout", "60", stdin='{"_expire": 1}')

    assert USAGE_ERROR == result.status
    assert (
        "session['_expire']: int has a key that idle_timeout and absolute_timeout need"
        in result.err
    )


def test_encode_warns_of_a_cookie_that_is_too_large() -> None:
    result = run("encode", stdin=json.dumps({"text": "x" * 4000}))

    assert 0 == result.status
    assert "warning: the cookie has" in result.err
    assert "a Set-Cookie value may have 4093" in result.err

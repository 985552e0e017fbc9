from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from tests.command_line.terminal import DAY, HOUR, NOW, header, run, sessions, set_cookies
from tests.properties.strategies import CONTENTS
from tests.support.keys import OTHER

REFUSED, USAGE_ERROR, NOTHING_FOUND = 1, 2, 3


def test_encode_prints_the_header_that_a_visitor_sends() -> None:
    result = run("encode", stdin='{"user": 7}')

    assert (0, "") == (result.status, result.err)
    assert f"{header({'user': 7})}\n" == result.out


def test_encode_gives_names_and_values_apart() -> None:
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
    (["--idle-timeout", "3600"], {"idle_timeout": HOUR}),
    (["--absolute-timeout", "3600"], {"absolute_timeout": HOUR}),
]


@pytest.mark.parametrize(("flags", "options"), OPTIONS)
def test_the_options_are_those_of_the_server(flags: list[str], options: dict[str, Any]) -> None:
    encoded = run("encode", *flags, stdin='{"user": 7}')
    decoded = run("decode", *flags, stdin=encoded.out)

    assert f"{header({'user': 7}, **options)}\n" == encoded.out
    assert {"user": 7} == decoded.report


@pytest.mark.parametrize(
    "flags", [["--algorithm", "sha256"], ["--encoding", "hex"], ["--algorithm", "md5"]]
)
def test_the_way_to_sign_can_be_chosen(flags: list[str]) -> None:
    encoded = run("encode", *flags, stdin="{}")

    assert {} == run("decode", *flags, stdin=encoded.out).report
    assert REFUSED == run("decode", stdin=encoded.out).status


def test_a_session_that_is_over_is_not_decoded() -> None:
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
def test_nothing_is_printed_unless_it_verifies(stdin: str, status: int, reason: str) -> None:
    result = run("decode", stdin=stdin)

    assert (status, "") == (result.status, result.out)
    assert 1 == result.err.count("\n")
    assert reason in result.err


def test_of_a_whole_exchange_the_last_session_is_decoded() -> None:
    request = f"> Cookie: {header({'user': 7})}\n"
    response = "".join(f"< Set-Cookie: {line}\n" for line in set_cookies({"user": 8}))

    assert {"user": 8} == run("decode", stdin=request + response).report
    assert {"user": 7} == run("decode", stdin=request + "< Set-Cookie: a=1\n").report


@pytest.mark.parametrize("command", ["encode", "decode"])
@pytest.mark.parametrize("value", ["", " , \t"])
def test_both_need_keys(command: str, value: str) -> None:
    result = run(command, stdin="{}", environ={"COOKIESESSION_KEYS": value})

    assert (USAGE_ERROR, "") == (result.status, result.out)
    assert (
        "cookiesession: error: no keys: set COOKIESESSION_KEYS, or give --keys-file FILE\n"
        == result.err
    )


@pytest.mark.parametrize(
    ("stdin", "reason"),
    [
        ("", "standard input is no JSON: line 1, column 1"),
        ('{"password": }', "standard input is no JSON: line 1, column 14"),
        ("[1]", "standard input is no JSON object: a session is one, {...}"),
        ('"text"', "standard input is no JSON object"),
        (b"\xff\xff\xff\xff", "standard input is no JSON that can be read"),
        ('{"a":' * 100_000, "standard input is no JSON that can be read"),
        (f'{{"a": {"1" * 5000}}}', "standard input is no JSON that can be read"),
        ('{"a": [NaN]}', "session['a'][0]: float is NaN or Infinity"),
        ('{"a": 1e999}', "session['a']: float is NaN or Infinity"),
    ],
)
def test_what_is_no_session_is_refused_in_one_line(stdin: str | bytes, reason: str) -> None:
    result = run("encode", stdin=stdin)

    assert (USAGE_ERROR, "") == (result.status, result.out)
    assert result.err.startswith(f"cookiesession: error: {reason}")
    assert 1 == result.err.count("\n")
    assert "password" not in result.err


def test_names_of_the_lifetime_cannot_be_used_beside_one() -> None:
    result = run("encode", "--idle-timeout", "60", stdin='{"_expire": 1}')

    assert USAGE_ERROR == result.status
    assert "session['_expire']: int stands under a name" in result.err


def test_encode_warns_of_what_browsers_would_not_keep() -> None:
    result = run("encode", stdin=json.dumps({"text": "x" * 4000}))

    assert 0 == result.status
    assert "warning: the cookie has" in result.err
    assert "a Set-Cookie line may have 4093" in result.err

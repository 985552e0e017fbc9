from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_core import JSONCodec, Keygrip, parse_keys
from tests.command_line.terminal import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    WORDS,
    header,
    run,
    sessions,
    set_cookies,
)
from tests.properties.strategies import ANY_BYTES, CONTENTS, cookie_headers
from tests.support.cookies import signed
from tests.support.keys import NEWEST, OTHER

NEW, OLD = WORDS
LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"
NO_KEYS: dict[str, str] = {}
VERIFIED, REFUSED, NOTHING_FOUND, NOT_CHECKED = 0, 1, 3, 4


def value_of(contents: dict[str, Any]) -> str:
    return header(contents).partition(";")[0].partition("=")[2]


# --- whether it verifies ---------------------------------------------------------------------


def test_the_newest_key_verifies_a_session() -> None:
    result = run("inspect", stdin=header({"user": 7, "cart": ["tea"]}))

    assert VERIFIED == result.status
    assert "" == result.err
    assert result.out == (
        "session, from a Cookie header\n"
        "verified with the newest of 2 keys\n"
        "\n"
        "{\n"
        '  "user": 7,\n'
        '  "cart": [\n'
        '    "tea"\n'
        "  ]\n"
        "}\n"
        "\n"
        "size: 44 bytes; a Set-Cookie value may have 4093, attributes included\n"
    )


def test_a_session_of_an_older_key_will_be_signed_again() -> None:
    result = run("inspect", stdin=header({"user": 7}, OLD))

    assert VERIFIED == result.status
    assert (
        "verified with key 2 of 2, an older one; a server that reads the session signs it again "
        "with the newest" in result.words
    )


def test_the_only_key_verifies_a_session() -> None:
    result = run("inspect", stdin=header({}, NEW), environ={"COOKIESESSION_KEYS": NEW})

    assert "\nverified with the key\n\n{}\n" in result.out


def test_without_keys_the_contents_are_marked_as_not_verified() -> None:
    result = run("inspect", stdin=header({"user": 7}), environ=NO_KEYS)

    assert NOT_CHECKED == result.status
    assert "NOT VERIFIED: no keys were given, in COOKIESESSION_KEYS or by" in result.words
    assert '"user": 7' in result.out
    assert "hint" not in result.out


def test_other_keys_do_not_verify_a_session() -> None:
    result = run("inspect", stdin=header({"user": 7}, OTHER))

    assert REFUSED == result.status
    assert "DOES NOT VERIFY: none of the 2 keys made its signature" in result.words
    assert '"user": 7' in result.out
    assert "hint: other keys?" in result.out


def test_another_key_does_not_verify_a_session() -> None:
    result = run("inspect", stdin=header({}, OTHER), environ={"COOKIESESSION_KEYS": NEW})

    assert "DOES NOT VERIFY: the key did not make its signature" in result.words


def test_a_signature_may_be_missing() -> None:
    result = run("inspect", stdin=f"session={value_of({'user': 7})}; a=1")

    assert REFUSED == result.status
    assert "DOES NOT VERIFY: there is no signature, session.sig, beside it" in result.words
    assert "hint: did a server write it with signed=False" in result.words


def test_a_bare_value_shows_its_contents() -> None:
    result = run("inspect", stdin=value_of({"user": 7}))

    assert REFUSED == result.status
    assert "session, from a bare value DOES NOT VERIFY" in result.words
    assert '"user": 7' in result.out
    assert "hint: a value alone cannot be verified: give the whole Cookie header" in result.words


def test_a_value_that_verifies_may_hold_no_session() -> None:
    result = run("inspect", stdin=signed("AAAA", NEW))

    assert REFUSED == result.status
    assert (
        "NO SESSION: signed with the newest of 2 keys, but the value is not base64 of a JSON object"
        in result.words
    )


@pytest.mark.parametrize("given", ["session=", signed("", NEW)])
def test_an_empty_cookie_holds_nothing(given: str) -> None:
    result = run("inspect", stdin=given)

    assert NOTHING_FOUND == result.status
    assert "NOTHING FOUND: it is empty" in result.out
    assert "hint" not in result.out


def test_an_unsigned_value_may_hold_no_session() -> None:
    result = run("inspect", stdin="session=AAAA", environ=NO_KEYS)

    assert NOT_CHECKED == result.status
    assert "hint: the value is not base64 of a JSON object" in result.words


def test_standard_input_may_be_empty() -> None:
    result = run("inspect", stdin="\n")

    assert (NOTHING_FOUND, "") == (result.status, result.out)
    assert "cookiesession: nothing found: standard input is empty\n" == result.err


@pytest.mark.parametrize(
    ("stdin", "hint"),
    [
        (header({}, name="sid"), "sid has a signature: try --name sid"),
        ("theme=dark; lang=en; junk", "there are theme, lang"),
        ("; ".join(f"c{n}=" for n in range(10)), "there are c0, c1, c2, c3, c4, c5, c6, c7 and 2"),
        (f"{'n' * 50}=1; a=2", f"there are {'n' * 40}..., a"),
        ("session.sig=abc", "session.sig is there alone: the browser has refused session"),
        (
            "Set-Cookie: session.sig=abc; path=/",
            "session.sig is there alone: Node's cookie-session sends it alone",
        ),
        ("junk junk", None),
    ],
)
def test_other_cookies_are_named(stdin: str, hint: str | None) -> None:
    result = run("inspect", stdin=stdin)

    assert NOTHING_FOUND == result.status
    assert "NOTHING FOUND: there is no cookie of this name" in result.out
    assert (hint is None) == ("hint" not in result.out)
    assert (hint or "") in result.words
    assert "junk" not in result.out


@pytest.mark.parametrize(
    "stdin",
    [
        'fetch("https://shop.example.com/", {"headers": {"accept": "*/*"}, "method": "GET"});',
        "curl 'https://shop.example.com/?a=1' -H 'accept: text/html;q=0.9;v=b3' \\\n  --compressed",
        'Invoke-WebRequest -UseBasicParsing -Uri "https://shop.example.com/"',
        "GET / HTTP/1.1\nHost: shop.example.com\nAccept: */*",
        json.dumps(
            {"log": {"entries": [{"request": {"method": "GET", "headers": [], "cookies": []}}]}},
            indent=2,
        ),
    ],
)
def test_a_request_that_was_copied_without_its_cookies_is_told(stdin: str) -> None:
    result = run("inspect", stdin=stdin)

    assert NOTHING_FOUND == result.status
    assert "hint: this is a request without a Cookie header" in result.words


def test_a_line_of_a_log_with_other_cookies_is_no_request_without_cookies() -> None:
    result = run("inspect", stdin='127.0.0.1 "GET / HTTP/1.1" 200 10 theme=a; lang=en; q=1')

    assert NOTHING_FOUND == result.status
    assert "there are" in result.words
    assert "lang, q" in result.words
    assert "without a Cookie header" not in result.words


# --- why it may not verify -------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("encoding", ["base64", "hex"])
def test_another_algorithm_or_encoding_is_found(algorithm: str, encoding: str) -> None:
    value = value_of({"user": 7})
    key = NEW * 3  # long enough for all of them
    signature = Keygrip([key], algorithm, encoding).sign(f"session={value}")
    environ = {"COOKIESESSION_KEYS": key}
    given = f"session={value}; session.sig={signature}"
    right = ("--algorithm", algorithm, "--encoding", encoding)

    assert VERIFIED == run("inspect", *right, stdin=given, environ=environ).status
    wrong = run("inspect", "--algorithm", "sha224", stdin=given, environ=environ)
    assert REFUSED == wrong.status
    assert f"hint: it verifies with {' '.join(right)}\n" in wrong.out


@pytest.mark.parametrize("comma", [",", ", "])
@pytest.mark.parametrize(
    "lines",
    [
        ("theme=dark", "SESSION; SIGNATURE"),
        ("SESSION; SIGNATURE", "theme=dark"),
        ("SESSION", "SIGNATURE"),
        ("SESSION", "theme=dark; SIGNATURE"),
        ("a=1; SIGNATURE", "SESSION; b=2"),
        ("a=1", "b=2", "SESSION; SIGNATURE"),
    ],
)
@pytest.mark.parametrize(
    ("keys", "end"),
    [
        (",".join(WORDS), "With a semicolon in the place of the comma, it verifies"),
        (OTHER, "With a semicolon in the place of the comma, it does not verify either"),
        ("", "The client, or a proxy, must send one line"),
    ],
)
def test_two_cookie_lines_that_a_server_has_joined_are_found(
    lines: tuple[str, ...], comma: str, keys: str, end: str
) -> None:
    session, signature = header({"user": 7}).split("; ")
    given = comma.join(lines).replace("SESSION", session).replace("SIGNATURE", signature)
    result = run("inspect", stdin=given, environ={"COOKIESESSION_KEYS": keys} if keys else NO_KEYS)

    (hint,) = result.words.split("hint: ")[1:]
    assert hint.startswith("a comma stands between two cookies: most WSGI servers join")
    assert hint.rstrip().endswith(end)


@pytest.mark.parametrize("beside", ["theme=dark,blue", "sessions=a,b", "a=1,b=2"])
def test_a_comma_in_another_cookie_is_nothing_to_hint_at(beside: str) -> None:
    for cookies in (f"{beside}; {header({'user': 7})}", f"{header({}, OTHER)}; {beside}"):
        assert "comma" not in run("inspect", stdin=cookies).out


def test_a_comma_in_a_response_is_nothing_to_hint_at() -> None:
    values = "\n".join(set_cookies({"user": 7}, max_age=HOUR)).replace("sig=", "sig=x")

    assert ", " in values
    assert "comma" not in run("inspect", stdin=values).out


def test_percent_encoding_is_found() -> None:
    given = header({"user": 1}).replace("==", "%3D%3D")
    result = run("inspect", stdin=given)

    assert "%3D" in given
    assert VERIFIED == result.status
    assert f"size: {given.index(';')} bytes" in result.out
    assert "hint: it verifies once its percent-encoding is undone" in result.words
    assert "hint" not in run("inspect", stdin=header({"user": 1})).out


def test_percent_encoding_that_was_done_twice_is_found() -> None:
    given = header({"user": 1}).replace("==", "%253D%253D")
    result = run("inspect", stdin=given)

    assert REFUSED == result.status
    assert "hint: it verifies once its percent-encoding is undone twice" in result.words
    assert 1 == result.out.count("hint")


def test_a_percent_encoded_value_shows_its_contents() -> None:
    result = run("inspect", stdin=value_of({"user": 1}).replace("==", "%3D%3D"))

    assert '"user": 1' in result.out


def test_a_signature_of_another_length_is_found() -> None:
    result = run("inspect", stdin=header({"user": 7})[:-3])

    assert "hint: the signature has 24 characters, and sha1 in base64 has 27" in result.words


@pytest.mark.parametrize(
    "cut",
    [
        lambda value: value[: len(value) // 2],
        lambda value: f"{value[: len(value) // 2]}...",
        lambda value: f"{value[:30]}[...]",
        lambda value: value[:12].replace("J", "%4A"),
    ],
)
def test_a_value_that_was_cut_is_found(cut: Callable[[str], str]) -> None:
    value = value_of({"user": 7, "cart": ["tea", "milk", "sugar"]})
    whole = header({"user": 7, "cart": ["tea", "milk", "sugar"]})

    result = run("inspect", stdin=whole.replace(value, cut(value)))

    assert REFUSED == result.status
    assert "hint: the value begins like a session, and its end is missing" in result.words
    assert "other keys?" not in result.words


def test_a_renamed_cookie_does_not_verify() -> None:
    result = run("inspect", "--name", "sid", stdin=header({}).replace("session", "sid"))

    assert REFUSED == result.status
    assert "or renamed the cookie: its name is signed, too" in result.words


def test_the_cookie_that_verifies_is_shown() -> None:
    tossed = f"session={value_of({'user': 1})}; session.sig=forged"
    result = run("inspect", stdin=f"{tossed}; {header({'user': 7})}")

    assert VERIFIED == result.status
    assert '"user": 7' in result.out
    assert "hint: 2 cookies have this name" in result.out


def test_the_size_is_that_of_the_cookie_that_verifies() -> None:
    given = header({"user": 7, "cart": ["tea"]})
    result = run("inspect", stdin=f"session=x; session=; {given}; session.sig=forged")

    assert VERIFIED == result.status
    assert f"size: {given.index(';')} bytes" in result.out
    assert "hint: 3 cookies have this name" in result.out


@pytest.mark.parametrize("name", ["host", "cookie", "set-cookie", "path"])
def test_the_name_may_be_that_of_a_header_field_or_an_attribute(name: str) -> None:
    given = f"Cookie: {header({'user': 7}, name=name)}"

    assert VERIFIED == run("inspect", "--name", name, stdin=given).status
    assert {"user": 7} == run("decode", "--name", name, stdin=given).report


def test_a_session_that_is_too_large_has_a_hint() -> None:
    given = header({"text": "x" * 4000})
    result = run("inspect", stdin=given)

    assert VERIFIED == result.status
    assert f"size: {given.index(';')} bytes" in result.out
    assert (
        "hint: many browsers and proxies drop a Set-Cookie value of more than 4093 bytes"
        in result.words
    )


# --- its lifetime ----------------------------------------------------------------------------

LIMITS = {"idle_timeout": HOUR, "absolute_timeout": 8 * HOUR}


def test_the_timestamps_of_a_lifetime_are_shown_as_dates() -> None:
    result = run("inspect", stdin=header({"user": 7}, **LIMITS), now=NOW + 20 * MINUTE)

    assert VERIFIED == result.status
    assert (
        "began: 2023-11-14 22:13:20 UTC (20 minutes ago)\n"
        "written: 2023-11-14 22:13:20 UTC (20 minutes ago), valid for 1 hour from then\n"
        "ends: 2023-11-14 23:13:20 UTC (in 40 minutes)\n"
    ) in result.out


def test_an_expired_session_is_shown_as_expired() -> None:
    given = header({"user": 7}, **LIMITS)
    accepted = run("inspect", stdin=given, now=NOW + DAY)
    refused = run("inspect", "--idle-timeout", "3600", stdin=given, now=NOW + DAY)
    in_time = run("inspect", "--idle-timeout", "3600", stdin=given, now=NOW + HOUR + 1)

    assert (VERIFIED, REFUSED, VERIFIED) == (accepted.status, refused.status, in_time.status)
    assert "ends: 2023-11-14 23:13:20 UTC (23 hours ago)" in accepted.out
    assert "hint: its lifetime is over: Koa and servers with a timeout refuse it" in accepted.words
    assert "EXPIRED: signed with the newest of 2 keys, but its lifetime is over" in refused.words
    assert '"user": 7' in refused.out
    assert "hint" not in refused.out + in_time.out


def test_the_timestamps_of_koa_are_shown() -> None:
    contents = {"_expire": 1e15, "_maxAge": 1, "_session": True}
    result = run("inspect", stdin=header(contents))

    assert "ends: after the year 9999\nKoa keeps it until the browser is closed\n" in result.out


def test_timestamps_may_be_incomplete() -> None:
    result = run("inspect", stdin=header({"$start": NOW * 1000, "_expire": "soon"}))

    assert "began: 2023-11-14 22:13:20 UTC (now)\n" in result.out
    assert "ends" not in result.out


# --- Set-Cookie values -----------------------------------------------------------------------


def test_set_cookie_values_are_shown_with_the_effect_of_their_attributes() -> None:
    values = set_cookies({"user": 7}, max_age=HOUR, same_site="lax")
    result = run("inspect", stdin="\n".join(values))

    assert VERIFIED == result.status
    assert result.out.endswith(
        "a browser takes session (95 of 4093 bytes), and\n"
        "- keeps it until 2023-11-14 23:13:20 UTC (in 1 hour): Expires\n"
        "- sends it to the host that set it, and to no other\n"
        "- sends it with every path\n"
        "- sends it also over plain HTTP: no Secure\n"
        "- hides it from scripts: HttpOnly\n"
        "- sends it with requests of the same site, and when a user follows a link:\n"
        "  SameSite=Lax\n"
        "\n"
        "a browser takes session.sig (110 of 4093 bytes), likewise\n"
    )


def test_a_cookie_that_browsers_ignore_is_shown_as_ignored() -> None:
    values = [f"{value}; samesite=none" for value in set_cookies({"user": 7})]
    result = run("inspect", stdin="\n".join(values))

    assert VERIFIED == result.status
    assert (
        "a browser ignores session (57 of 4093 bytes):\n"
        "- SameSite=None needs Secure\n"
        "\n"
        "a browser ignores session.sig (72 of 4093 bytes), likewise\n"
    ) in result.out


def test_a_difference_between_session_and_signature_is_found() -> None:
    session, signature = set_cookies({"user": 7}, max_age=HOUR, domain="example.com")
    other = signature.replace("domain=example.com", f"expires={LONG_AGO}")
    result = run("inspect", stdin=f"{session}\n{other}")

    assert (
        "hint: the session and its signature differ in domain, what the browser does with them: "
        "a request may carry one without the other"
    ) in result.words


def test_a_log_out_is_shown_as_deleted() -> None:
    line = f"; path=/; expires={LONG_AGO}; httponly"
    result = run("inspect", stdin=f"session={line}\nsession.sig=x{line}")

    assert NOTHING_FOUND == result.status
    assert "deleted: these values tell the browser to drop the session" in result.words
    assert "- deletes it: Expires is in the past" in result.out


def test_a_request_is_shown_before_its_response() -> None:
    request = f"> Cookie: {header({'user': 7})}\n"
    response = "".join(f"< Set-Cookie: {line}\n" for line in set_cookies({"user": 8}))
    result = run("inspect", stdin=request + response)
    refused = run("inspect", stdin=request.replace("Cookie: ", "Cookie: x") + response)

    assert VERIFIED == result.status
    assert result.out.index('"user": 7') < result.out.index('"user": 8')
    assert "user" in refused.out
    assert "from a Cookie header" not in refused.out  # it has no session


def test_the_greatest_status_of_several_sessions_counts() -> None:
    bad, good = (f"Cookie: {header({}, key)}\n" for key in (OTHER, NEW))
    foreign = "Set-Cookie: a=1\n"

    assert REFUSED == run("inspect", stdin=bad + foreign + good).status
    assert VERIFIED == run("inspect", stdin=good + foreign + good).status


# --- as JSON ---------------------------------------------------------------------------------


def test_json_is_one_line() -> None:
    result = run("inspect", "--json", stdin=header({"user": 7}, **LIMITS))

    assert 1 == result.out.count("\n")
    assert result.report == {
        "source": "cookie",
        "name": "session",
        "format": "cookie-session",
        "status": 0,
        "verified": True,
        "outcome": "loaded",
        "key_index": 0,
        "keys": 2,
        "explanation": "verified with the newest of 2 keys",
        "hints": [],
        "contents": {
            "user": 7,
            "_expire": (NOW + HOUR) * 1000,
            "_maxAge": HOUR * 1000,
            "$start": NOW * 1000,
        },
        "bytes": 108,
        "lifetime": {
            "start": NOW,
            "written": NOW,
            "end": NOW + HOUR,
            "until_browser_closes": False,
        },
        "set_cookie": [],
    }


def test_json_says_what_browsers_do_and_why() -> None:
    line = set_cookies({"user": 7})[0]
    ignored, taken = (
        run("inspect", "--json", stdin=stdin, environ=NO_KEYS).report
        for stdin in (f"{line}; partitioned", line)
    )

    assert ("set_cookie", NOT_CHECKED, None) == (
        ignored["source"],
        ignored["status"],
        ignored["outcome"],
    )
    assert (None, False) == (ignored["lifetime"], ignored["verified"])
    assert ("ignores", ["Partitioned needs Secure"]) == (
        ignored["set_cookie"][0]["browser"],
        ignored["set_cookie"][0]["because"],
    )
    assert ("keeps", []) == (
        taken["set_cookie"][0]["browser"],
        taken["set_cookie"][0]["because"],
    )
    assert len(line) == taken["set_cookie"][0]["bytes"]


# --- any input ------------------------------------------------------------------------------


@given(
    ANY_BYTES
    | cookie_headers()
    | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from([b"", b"Cookie: ", b"Set-Cookie: session=", b"session=eyJ9; path=/;"]),
    st.booleans(),
)
def test_any_input_is_inspected(text: bytes, start: bytes, as_json: bool) -> None:  # noqa: FBT001
    flags = ["--json"] if as_json else []
    result = run("inspect", *flags, stdin=start + text)

    assert result.status in (REFUSED, NOTHING_FOUND)
    assert result.out or result.err
    assert result.out.replace("\n", "").isprintable()


@given(CONTENTS)
def test_any_session_is_shown(contents: dict[str, Any]) -> None:
    result = run("inspect", stdin=header(contents))

    assert VERIFIED == result.status
    assert result.out.replace("\n", "").isprintable()
    shown = run("inspect", "--json", stdin=header(contents)).report["contents"]
    assert shown == sessions().decode(header(contents))


@pytest.mark.parametrize("depth", [200, 300, 900, 5000, 100_000])
def test_deep_nesting_is_inspected(depth: int) -> None:
    text = '{"a":' * depth + "1" + "}" * depth
    given = signed(base64.b64encode(text.encode()).decode(), NEW)

    for flags in ([], ["--json"]):
        result = run("inspect", *flags, stdin=given)
        assert result.status in (VERIFIED, REFUSED)
    assert run("decode", stdin=given).status in (VERIFIED, REFUSED, 2)


def test_contents_too_deep_to_be_written_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    # The limits of reading and writing are nearly the same; here they are not.
    contents: dict[str, Any] = {}
    for _ in range(200_000):
        contents = {"a": contents}
    monkeypatch.setattr(JSONCodec, "from_base64", lambda *_: (contents, b""))
    cookie = signed("e30=", NEW)
    shown, report, decoded = (
        run(*argv, stdin=cookie) for argv in (["inspect"], ["inspect", "--json"], ["decode"])
    )

    assert "(contents that are nested too deeply to be shown)" in shown.out
    assert report.report["contents"] is None
    assert (VERIFIED, VERIFIED, 2) == (shown.status, report.status, decoded.status)
    assert "error: the session is nested too deeply to be written" in decoded.err


def test_commands_to_a_terminal_are_escaped() -> None:
    given = header({"a": "\x1b[31m \x9b31m \x7f \u202e \u00e9 \ud800"})
    result = run("inspect", stdin=given)

    assert '"a": "\\u001b[31m \\u009b31m \\u007f \\u202e \u00e9 \\ud800"' in result.out


@pytest.mark.parametrize("name", [b"\x1b]0;x", b"\x9bx", b"\xe2\x80\xaex"])
def test_names_are_escaped_too(name: bytes) -> None:
    result = run("inspect", stdin=name + b"=1; b=2")

    assert result.out.replace("\n", "").isprintable()


def test_signatures_are_not_printed() -> None:
    values = "\n".join(set_cookies({"a": 1}))
    for text in (header({"user": 7}), header({"user": 7}, OTHER), values):
        signature = re.findall(r"session\.sig=([\w-]+)", text)[0]
        for stdin in (text, signature, text.replace("; session.sig=", ", ")):
            for flags in ([], ["--json"]):
                result = run("inspect", *flags, stdin=stdin)
                assert signature not in result.out + result.err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    "text", [f"{OTHER}\n{NEWEST}", f"{OTHER}\r\n{NEWEST}\r\n", f"{NEW}, {OTHER}\n"]
)
def test_the_variable_and_a_file_list_keys_as_the_core_reads_them(
    text: str, encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "keys.txt"
    file.write_bytes(text.encode(encoding))
    stdin = header({}, parse_keys(text)[1])

    variable = run("inspect", stdin=stdin, environ={"COOKIESESSION_KEYS": text})
    assert "verified with key 2 of 2" in variable.out
    assert variable == run("inspect", "--keys-file", str(file), stdin=stdin)

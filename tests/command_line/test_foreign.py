"""Cookies of other libraries: the command names them, and reads two of their formats."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.fernet import Fernet
from django.core import signing
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from cookiesession_adapters.codecs.fernet import FernetCodec
from cookiesession_adapters.command_line import foreign, formats
from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_adapters.formats.react_router import ReactRouter
from cookiesession_core import CookieSession
from tests.command_line.terminal import DAY, HOUR, NOW, WORDS, header, run, set_cookies
from tests.support.keys import NEWEST, OTHER
from tests.support.work import check_linear

REFUSED, USAGE_ERROR, NOTHING_FOUND, NOT_CHECKED = 1, 2, 3, 4
SECRET = "a secret of another library, with 40 bytes"
NEW, OLD = WORDS
NO_KEYS: dict[str, str] = {}


def part(value: Any) -> str:
    """Return base64 of JSON, as JOSE has it."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def flask_session(contents: dict[str, Any]) -> str:
    app = Flask("shop")
    app.secret_key = SECRET
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps(contents))


def django_session(contents: dict[str, Any]) -> str:
    signer = signing.TimestampSigner(
        key=SECRET, fallback_keys=[], salt="django.contrib.sessions.backends.signed_cookies"
    )
    return str(signer.sign_object(contents, compress=True))


def iron_session(contents: dict[str, Any], password: Any, **options: Any) -> str:
    sessions = CookieSession(format=IronSession(password), clock=lambda: NOW, **options)
    return sessions.cookie_header(contents)


def react_router(contents: dict[str, Any], *secrets: str) -> str:
    return CookieSession(format=ReactRouter(secrets)).cookie_header(contents)


SEAL = iron_session({"user": 7}, SECRET).partition("=")[2]
JWT = ".".join([part({"alg": "HS256", "typ": "JWT"}), part({"sub": "7", "exp": NOW - DAY}), "c2ln"])
JWE = f"{part({'alg': 'dir', 'enc': 'A256CBC-HS512'})}..Mb-jfGi9OZcNZGKU1vbsgw.KmjGPb.IPz"
FOREIGN = {
    "a JWT (HS256)": JWT,
    "a JWT (none)": f"{part({'alg': 'none'})}.{part({})}.",
    "a JWE (dir)": JWE,
    "a JWE (dir) ": JWE.rpartition(".")[0],  # the first of several chunks
    "a seal of iron-session": SEAL[:-100],
    "a seal of h3": SEAL.replace("*1*", "**", 1),
    "a session of Flask": flask_session({"user": 7}),
    "a session of Flask ": flask_session({"text": "x" * 500}),
    "a session of Flask or Starlette": flask_session({"user": "four"}),
    "a session of Starlette": TimestampSigner(SECRET).sign(b"eyJ1c2VyIjogN30=").decode(),
    "a session of Django in a signed cookie": django_session({"user": 7}),
    "a session of Django in a signed cookie ": django_session({"user": "x" * 500}),
    "a cookie of Rails": quote(f"BAh7B0kiD3Nlc3Npb25faWQGOgZFVA==--{'0a' * 20}"),
    "a cookie of Rails ": quote("dGV4dA==--aXYgb2YgMTIgYnl0ZQ==--dGFnIG9mIDE2IGJ5dGVzLg=="),
    "a cookie of Laravel": base64.b64encode(b'{"iv":"eA==","value":"eA==","mac":"00"}').decode(),
    "a value that Express has signed": f"s%3A{'x' * 32}.{'y' * 43}",
    "a signed value": f"hello.{'y' * 43}",
    "a Fernet token": Fernet(Fernet.generate_key()).encrypt(b"{}" * 40).decode(),
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("form", ["session={}", "{}", "theme=dark; session={}", "session={}; a=1"])
def test_a_cookie_of_another_library_is_named(what: str, form: str) -> None:
    result = run("inspect", stdin=form.format(FOREIGN[what]))

    assert REFUSED == result.status
    assert f"DOES NOT VERIFY: it is {what.strip()}" in result.words
    assert f"hint: this looks like {what.strip()}: " in result.words
    assert 1 == result.out.count("hint: ")
    assert "\n{" not in result.out


@pytest.mark.parametrize("what", FOREIGN)
def test_another_cookie_of_another_library_is_named(what: str) -> None:
    result = run("inspect", stdin=f"theme=dark; other={FOREIGN[what]}")

    assert NOTHING_FOUND == result.status
    assert f"hint: other looks like {what.strip()}: " in result.words


@pytest.mark.parametrize("what", FOREIGN)
def test_without_keys_it_is_named_in_a_hint(what: str) -> None:
    result = run("inspect", stdin=f"session={FOREIGN[what]}", environ=NO_KEYS)

    assert NOT_CHECKED == result.status
    assert f"hint: this looks like {what.strip()}: " in result.words


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (JWT, "It has expired: 2023-11-13 22:13:20 UTC (1 day ago)"),
        (SEAL[:100], "it has 5 parts and not 8: it was cut, or it is one of several chunks"),
        (SEAL[:-20], "iron-session writes no such parts: it was cut, or changed on the way"),
        (flask_session({"user": 7}), "FlaskReader in legacy=[...] moves such sessions"),
        (flask_session({"user": "four"}), "FlaskReader or StarletteReader in legacy=[...]"),
        (FOREIGN["a value that Express has signed"], "the contents are in the store of the server"),
    ],
)
def test_a_hint_says_what_to_know(value: str, hint: str) -> None:
    assert hint in run("inspect", stdin=f"session={value}").words


def test_a_hint_says_when_a_seal_has_ended() -> None:
    late = run("inspect", "--format", "cookie-session", stdin=SEAL, now=NOW + 15 * DAY)

    assert "Its end was 2023-11-28 22:13:20 UTC (1 day ago)" in late.words


def test_a_token_that_has_not_expired_has_no_end() -> None:
    token = f"{part({'alg': 'HS256'})}.{part({'exp': NOW + DAY})}.c2ln"

    assert "expired" not in run("inspect", stdin=f"session={token}").out


@pytest.mark.parametrize(
    "value",
    [
        *(
            "eyJ1c2VyIjo3fQ==",
            "e30=",
            "a.b.c",
            f"{'a' * 5}.{'b' * 5}.{'c' * 5}",
            "a--b",
            "s",
            "a.b",
        ),
        *(
            "eyJpdiI6MX0=",
            "gAAAA",
            "a:b:c",
            f"{part({'typ': 'JWT'})}.e30.x",
            "\u00e9.b.c",
            "a.b.c.d.e",
        ),
    ],
)
def test_other_values_are_not_named(value: str) -> None:
    assert foreign.foreign(value, NOW) is None


def test_a_session_of_ours_that_begins_like_one_of_laravel_is_read() -> None:
    result = run("inspect", stdin=header({"iv": 1}))

    assert (0, {"iv": 1}) == (result.status, run("decode", stdin=header({"iv": 1})).report)
    assert "Laravel" not in run("inspect", stdin=header({"iv": 1}, OTHER)).out


def test_a_session_of_a_codec_that_encrypts_is_named() -> None:
    sessions = CookieSession(keys=WORDS, codec=FernetCodec([Fernet.generate_key()]))
    result = run("inspect", stdin=sessions.cookie_header({"user": "x" * 99}))

    assert "NO SESSION: it is a Fernet token" in result.words


@given(st.text() | st.text(st.sampled_from("eyJFe26.2*s:=%-_gA~"), max_size=60))
def test_any_value_is_looked_at(value: str) -> None:
    found = foreign.foreign(value, NOW)

    assert found is None or (found.what and found.advice)


@pytest.mark.parametrize(
    "text",
    ["Fe26.2*", "a.", ".", "s:", "-", "--", "%25", "eyJ", f"{part({'alg': 'x'})}.", "[" * 50],
)
def test_looking_takes_linear_time(text: str) -> None:
    def prepare(size: int) -> Any:
        value = text * 20 * size
        return lambda: foreign.foreign(value, NOW)

    check_linear(prepare)


# --- iron-session ----------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [(), ("--format", "iron-session")])
@pytest.mark.parametrize(
    ("password", "key", "again"),
    [
        (NEW, "the newest of 2 keys", ""),
        ({1: OLD}, "key 2 of 2, an older one", "; a server that reads the session seals it again"),
        ({7: OLD, 3: OTHER}, "key 2 of 2, an older one", "; a server that reads the session seals"),
        ({0: NEW}, "the newest of 2 keys", ""),
    ],
)
def test_a_session_of_iron_session_is_read(
    flags: tuple[str, ...], password: Any, key: str, again: str
) -> None:
    cookie = iron_session({"user": 7}, password)
    result = run("inspect", *flags, stdin=cookie)

    assert 0 == result.status
    assert (
        f"session of iron-session, from a Cookie header verified with {key}{again}" in result.words
    )
    assert '"user": 7' in result.out
    assert "ends: 2023-11-28 22:13:20 UTC (in 14 days)" in result.out
    assert "hint" not in result.out
    assert {"user": 7} == run("decode", *flags, stdin=cookie).report


def test_a_session_of_iron_session_is_reported_as_json() -> None:
    report = run("inspect", "--json", stdin=iron_session({"user": 7}, OLD)).report

    assert ("iron-session", 1, "loaded") == (
        report["format"],
        report["key_index"],
        report["outcome"],
    )
    assert NOW + 14 * DAY == report["lifetime"]["end"]


def test_chunks_of_iron_session_are_read() -> None:
    value = iron_session({"user": 7}, NEW).partition("=")[2]
    chunks = f"session.0={value[:200]}; session.1={value[200:]}"
    result = run("inspect", stdin=chunks)

    assert (0, {"user": 7}) == (result.status, run("decode", stdin=chunks).report)


@pytest.mark.parametrize("missing", range(3))
def test_a_chunk_that_is_missing_is_named(missing: int) -> None:
    value = iron_session({"user": 7}, NEW).partition("=")[2]
    chunks = [
        f"session.{n}={value[start : start + 80]}" for n, start in enumerate((0, 80, 160, 240))
    ]
    del chunks[missing]
    result = run("inspect", "--format", "iron-session", stdin="; ".join(chunks))

    assert result.status in (REFUSED, NOTHING_FOUND)
    assert (
        f"hint: session.{missing} is missing: the session is in several chunks, up to session.3, "
        "and it needs all of them"
    ) in result.words


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (SEAL, "sid looks like a seal of iron-session: try --name sid"),
        (JWE, "sid looks like a JWE (dir): Auth.js and NextAuth write such tokens."),
    ],
)
def test_a_session_in_chunks_is_recognised_under_another_name(value: str, hint: str) -> None:
    chunks = "; ".join(
        f"sid.{n}={value[start : start + 40]}" for n, start in enumerate(range(0, 400, 40))
    )

    assert f"hint: {hint}" in run("inspect", stdin=f"theme=dark; {chunks}").words


def test_the_whole_cookie_hides_its_chunks() -> None:
    value = iron_session({"user": 7}, OTHER).partition("=")[2]
    result = run("inspect", stdin=f"session={value}; session.0={value[:80]}; session.3=x")

    assert REFUSED == result.status
    assert "missing" not in result.words
    other = run("inspect", stdin=f"sid={value}; sid.0=x")
    assert "hint: sid looks like a seal of iron-session: try --name sid" in other.words


def test_a_seal_that_was_percent_encoded_twice_is_explained() -> None:
    cookie = iron_session({"user": 7}, NEW).replace("*", "%252A")

    assert (
        "it verifies once its percent-encoding is undone twice"
        in run("inspect", stdin=cookie).words
    )


def test_set_cookie_values_of_iron_session_are_judged() -> None:
    sessions = CookieSession(format=IronSession(NEW), clock=lambda: NOW)
    session = sessions.open(None, https=True)
    session["user"] = 7
    result = run("inspect", stdin="\n".join(session.commit()))

    assert 0 == result.status
    assert "a browser takes session" in result.out


@pytest.mark.parametrize(
    ("cookie", "now", "said"),
    [
        (iron_session({}, OTHER), NOW, "DOES NOT VERIFY: none of the 2 keys made this seal"),
        (iron_session({}, {"5": OTHER}), NOW, "DOES NOT VERIFY: none of the 2 keys made this seal"),
        (
            iron_session({"user": 7}, NEW),
            NOW + 15 * DAY,
            "EXPIRED: sealed with the newest of 2 keys, but its lifetime is over",
        ),
    ],
)
def test_a_seal_that_counts_no_more_is_explained(cookie: str, now: float, said: str) -> None:
    result = run("inspect", stdin=cookie, now=now)

    assert REFUSED == result.status
    assert said in result.words
    assert said in run("decode", stdin=cookie, now=now).err


def test_a_seal_without_a_session_is_explained() -> None:
    iron = IronSession(NEW).bound("session")
    seal = iron._ring.sealed(formats.Hidden(b"[]"), None)  # type: ignore[attr-defined]
    result = run("inspect", stdin=f"session={seal}")

    assert (
        "NO SESSION: sealed with the newest of 2 keys, but it holds no JSON object" in result.words
    )


def test_without_keys_a_seal_shows_nothing() -> None:
    result = run("inspect", stdin=iron_session({"user": 7}, NEW), environ=NO_KEYS)

    assert NOT_CHECKED == result.status
    assert "session of iron-session, from a Cookie header NOT VERIFIED: no keys" in result.words
    assert "hint: a seal is encrypted: give the password of iron-session" in result.words
    assert "user" not in result.out


def test_a_key_that_is_too_short_opens_no_seal() -> None:
    result = run(
        "inspect",
        stdin=iron_session({"user": 7}, NEW),
        environ={"COOKIESESSION_KEYS": "a-key-of-twenty-bytes"},
    )

    assert "DOES NOT VERIFY: it is a seal of iron-session" in result.words
    assert "the password of iron-session, of 32 characters or more" in result.words


def test_an_older_key_that_is_too_short_is_left_out() -> None:
    environ = {"COOKIESESSION_KEYS": f"{NEW},a-key-of-twenty-bytes,{OLD}"}
    result = run("inspect", stdin=iron_session({"user": 7}, OLD), environ=environ)

    assert "verified with key 3 of 3" in result.words


def test_encode_seals_and_decode_opens() -> None:
    flags = ("--format", "iron-session", "--idle-timeout", str(HOUR))
    encoded = run("encode", *flags, stdin='{"user": 7}').out

    assert encoded.startswith("session=Fe26.2*2*")
    assert {"user": 7} == run("decode", *flags, stdin=encoded).report
    assert REFUSED == run("decode", *flags, stdin=encoded, now=NOW + 2 * HOUR).status


def test_a_short_key_does_not_seal_and_no_message_shows_it() -> None:
    environ = {"COOKIESESSION_KEYS": "a-key-of-twenty-bytes"}
    result = run("encode", "--format", "iron-session", stdin="{}", environ=environ)

    assert USAGE_ERROR == result.status
    assert "error: password 1 must have at least 32 characters" in result.err
    assert "twenty" not in result.err


# --- React Router -----------------------------------------------------------------------------


@pytest.mark.parametrize("flags", [(), ("--format", "react-router")])
@pytest.mark.parametrize(
    ("secret", "said"),
    [(NEW, "the newest of 2 keys"), (OLD, "key 2 of 2, an older one; a server that reads")],
)
def test_a_session_of_react_router_is_read(flags: tuple[str, ...], secret: str, said: str) -> None:
    cookie = react_router({"user": 7}, secret)
    result = run("inspect", *flags, stdin=cookie)

    assert 0 == result.status
    assert f"session of react-router, from a Cookie header verified with {said}" in result.words
    assert "hint" not in result.out
    assert {"user": 7} == run("decode", *flags, stdin=cookie).report


def test_a_session_of_react_router_is_shown_without_keys() -> None:
    result = run("inspect", stdin=react_router({"user": 7}, NEWEST), environ=NO_KEYS)

    assert NOT_CHECKED == result.status
    assert '"user": 7' in result.out


def test_other_secrets_do_not_verify_a_session_of_react_router() -> None:
    result = run("inspect", stdin=react_router({"user": 7}, OTHER))

    assert REFUSED == result.status
    assert "DOES NOT VERIFY: none of the 2 keys made its signature" in result.words
    assert '"user": 7' in result.out
    assert "hint: other keys?" in result.out


def test_a_session_of_react_router_may_have_no_signature() -> None:
    result = run("inspect", "--format", "react-router", stdin="session=eyJ1c2VyIjo3fQ%3D%3D")

    assert REFUSED == result.status
    assert "DOES NOT VERIFY: there is no signature in it" in result.words
    assert "hint: did a server write it without secrets?" in result.words


def test_encode_writes_a_session_of_react_router() -> None:
    encoded = run("encode", "--format", "react-router", stdin='{"user": 7}').out

    assert f"{react_router({'user': 7}, NEW)}\n" == encoded


# --- which format ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sid", "__session"])
@pytest.mark.parametrize("writer", [iron_session, react_router])
def test_another_name_is_found(name: str, writer: Any) -> None:
    value = writer({"user": 7}, NEW).partition("=")[2]
    result = run("inspect", stdin=f"{name}={value}")

    assert NOTHING_FOUND == result.status
    assert f"{name} looks like a se" in result.words
    assert f": try --name {name}" in result.words


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_may_find_nothing(name: str) -> None:
    result = run("inspect", "--format", name, stdin="theme=dark")

    assert NOTHING_FOUND == result.status
    assert "hint: there are theme" in result.out


def test_a_format_that_was_chosen_is_not_guessed() -> None:
    result = run("inspect", "--format", "iron-session", stdin=header({"user": 7}))

    assert REFUSED == result.status
    assert "session of iron-session" in result.out
    pair = run("inspect", "--format", "cookie-session", stdin=iron_session({}, NEW))
    assert "DOES NOT VERIFY: it is a seal of iron-session" in pair.words


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    message = 'the package cryptography is not installed: pip install "cookiesession[iron-session]"'

    def import_module(_: str) -> None:
        raise ModuleNotFoundError(message)

    cookie = iron_session({"user": 7}, NEW)
    monkeypatch.setattr(formats, "import_module", import_module)

    chosen = run("inspect", "--format", "iron-session", stdin=cookie)
    assert (USAGE_ERROR, f"cookiesession: error: {message}\n") == (chosen.status, chosen.err)
    guessed = run("inspect", stdin=cookie)
    assert REFUSED == guessed.status
    assert 'this needs: pip install "cookiesession[iron-session]"' in guessed.words


def test_a_pair_beside_a_deleted_chunk_is_read(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    file.write_text("\n".join(WORDS))
    values = [*set_cookies({"user": 7}), "session.0=; path=/; max-age=0"]

    assert 0 == run("inspect", "--keys-file", str(file), stdin="\n".join(values)).status

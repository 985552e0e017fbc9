from __future__ import annotations

import copy
import json
import pickle
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.formats import authjs
from cookiesession_adapters.formats.authjs import MAX_CHUNKS, AuthJSReader, read_session
from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    LegacyReader,
    Outcome,
    request_cookies,
)
from tests.formats.authjs_tokens import (
    AUTHJS,
    CBC_HMAC,
    GCM,
    NEXT_AUTH,
    NOW,
    base64url,
    chunked,
    token,
)
from tests.properties.strategies import ANY_TEXT, CONTENTS, JSON_VALUES
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.work import check_linear

CLAIMS = {"sub": "7", "name": "Zoë", "roles": ["a", {"b": 1.5}]}
LARGE = {"sub": "7", "text": "x" * 9000}


def clock() -> float:
    return NOW


def read(cookies: Any, secrets: Any = (NEWEST,), **options: Any) -> dict[str, Any] | None:
    return read_session(cookies, secrets, clock=clock, **options)


# --- names and secrets -----------------------------------------------------------------------

DEFAULTS = {
    "authjs.session-token": 5,
    "__Secure-authjs.session-token": 5,
    "next-auth.session-token": 4,
    "__Secure-next-auth.session-token": 4,
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_usual_names_are_found_by_themselves(name: str) -> None:
    cookie = token(CLAIMS, NEWEST, name, version=DEFAULTS[name])  # type: ignore[arg-type]

    assert CLAIMS == read({name: cookie})
    assert CLAIMS == read({name: cookie}, name=name)
    assert CLAIMS == read({name: cookie}, version=DEFAULTS[name])
    assert read({name: cookie}, version=9 - DEFAULTS[name]) is None
    assert read({name: cookie}, version=9 - DEFAULTS[name], name=name) is None


@pytest.mark.parametrize("version", [4, 5])
def test_a_name_of_your_own_is_one_of_authjs_unless_the_version_says_otherwise(
    version: Any,
) -> None:
    cookies = {"mine": token(CLAIMS, NEWEST, "mine", version=version)}

    assert CLAIMS == read(cookies, name="mine", version=version)
    assert (CLAIMS if version == 5 else None) == read(cookies, name="mine")
    assert read(cookies) is None


def test_the_name_with_the_secure_prefix_is_read_first() -> None:
    cookies = {name: token({"by": name}, NEWEST, name) for name in list(DEFAULTS)[:2]}

    assert {"by": "__Secure-authjs.session-token"} == read(cookies)
    assert {"by": AUTHJS} == read(cookies, name=AUTHJS)


def test_a_token_of_authjs_is_bound_to_the_name_of_its_cookie() -> None:
    assert read({"other": token(CLAIMS, NEWEST)}, name="other") is None


@pytest.mark.parametrize("secret", [NEWEST, OLDER])
@pytest.mark.parametrize("encryption", [CBC_HMAC, GCM])
def test_after_a_rotation_the_kid_finds_the_secret(secret: str, encryption: str) -> None:
    cookies = {AUTHJS: token(CLAIMS, secret, encryption=encryption)}

    assert CLAIMS == read(cookies, [NEWEST, OLDER])
    assert read(cookies, [OTHER]) is None


def test_without_a_kid_only_the_newest_secret_counts_as_in_authjs() -> None:
    by_newest, by_older = (token(CLAIMS, secret, kid=None) for secret in (NEWEST, OLDER))

    assert CLAIMS == read({AUTHJS: by_newest}, [NEWEST, OLDER])
    assert read({AUTHJS: by_older}, [NEWEST, OLDER]) is None


@pytest.mark.parametrize("kid", ["", "x", 5, ["x"], {}])
def test_a_kid_of_no_secret_is_no_login(kid: object) -> None:
    assert read({AUTHJS: token(CLAIMS, NEWEST, kid=kid)}) is None


@pytest.mark.parametrize("secret", [NEWEST, OLDER])
def test_next_auth_has_no_kid_and_each_secret_is_tried(secret: str) -> None:
    cookies = {NEXT_AUTH: token(CLAIMS, secret, version=4)}

    assert CLAIMS == read(cookies, [NEWEST, OLDER])
    assert CLAIMS == read({NEXT_AUTH: token(CLAIMS, secret, version=4, kid="x")}, [secret])
    assert read(cookies, [OTHER]) is None


@pytest.mark.parametrize("secret", ["x", "Zoë's sécret", b"\xff\x00 bytes", "x" * 5000])
@pytest.mark.parametrize("version", [4, 5])
def test_a_secret_may_be_any_text_or_bytes(secret: Any, version: Any) -> None:
    assert CLAIMS == read(
        {"n": token(CLAIMS, secret, "n", version=version)}, [secret], name="n", version=version
    )


@pytest.mark.parametrize(
    "cookies",
    [
        f"theme=dark; {AUTHJS}={{}}",
        f"{AUTHJS}={{}}; theme=dark",
        {AUTHJS: "{}"},
        [f"a=b; {AUTHJS}={{}}"],
    ],
)
def test_the_cookies_are_of_any_type_that_servers_have(cookies: Any) -> None:
    text = token(CLAIMS, NEWEST)
    filled = json.loads(json.dumps(cookies).replace("{}", text))

    assert CLAIMS == read(filled)
    if isinstance(filled, str):
        assert CLAIMS == read(filled.encode())
        assert CLAIMS == read([(b"host", b"x"), (b"cookie", filled.encode())])
    assert CLAIMS == read(request_cookies(filled))


@pytest.mark.parametrize("cookies", [None, "", {}, "a=b", f"{AUTHJS}=", {AUTHJS: ""}])
def test_without_a_token_nobody_is_logged_in(cookies: Any) -> None:
    assert read(cookies) is None


def test_the_system_clock_is_the_default() -> None:
    assert {"exp": 2**40} == read_session({AUTHJS: token({"exp": 2**40}, NEWEST)}, [NEWEST])
    assert read_session({AUTHJS: token({"exp": 1}, NEWEST)}, [NEWEST]) is None


def test_a_key_is_derived_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def counting(*arguments: Any) -> HKDF:
        made.append(arguments)
        return HKDF(*arguments)

    monkeypatch.setattr(authjs, "HKDF", counting)
    secret = "a secret of this test alone, 32 b"
    cookies = {AUTHJS: token(CLAIMS, secret)}

    assert [CLAIMS] * 3 == [read(cookies, [secret]) for _ in range(3)]
    assert CLAIMS == AuthJSReader([secret], clock=clock).read(request_cookies(cookies))
    assert 1 == len(made)


# --- times -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "is_valid"),
    [
        ({"exp": 1_705_321_831}, True),
        ({"exp": 1_705_321_830}, False),
        ({"exp": 1_705_321_830.5}, True),
        ({"nbf": 1_705_321_860}, True),
        ({"nbf": 1_705_321_861}, False),
        ({"nbf": 1_705_321_860.5}, False),
        ({"iat": 1_705_399_999}, True),
        *(({name: value}, False) for name in ("exp", "nbf", "iat") for value in ("1", None, True)),
    ],
)
@pytest.mark.parametrize("version", [4, 5])
def test_the_clocks_of_two_servers_may_differ_by_15_seconds(
    claims: dict[str, Any],
    is_valid: bool,  # noqa: FBT001
    version: Any,
) -> None:
    cookies = {"n": token(claims, NEWEST, "n", version=version)}

    assert (claims if is_valid else None) == read(cookies, name="n", version=version)


# --- tokens that Auth.js does not write ------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"zip": "DEF"},
        {"crit": ["x"], "x": 1},
        {"iss": "x"},
        {"sub": "7"},
        {"aud": "x"},
        {"alg": "none"},
        {"alg": "A256KW"},
        {"alg": None},
        {"enc": "A128CBC-HS256"},
        {"enc": "a256gcm"},
        {"enc": None},
        {"enc": ["A256GCM"]},
        {"x": "x" * 600},
    ],
)
@pytest.mark.parametrize("version", [4, 5])
def test_a_header_that_authjs_would_not_write_is_refused(
    members: dict[str, Any], version: Any
) -> None:
    cookie = token(CLAIMS, NEWEST, "n", version=version, **members)

    assert read({"n": cookie}, name="n", version=version) is None


def test_a_member_of_the_header_without_a_meaning_is_ignored() -> None:
    assert CLAIMS == read({AUTHJS: token(CLAIMS, NEWEST, typ="JWT")})


@pytest.mark.parametrize(
    "plain",
    [
        *(b"", b"null", b"[]", b'"x"', b"{", b'{"a":NaN}', b'{"a":-Infinity}', b"{'a':1}"),
        *(b'{"exp":1e999}', b'{"a":' + b"[" * 600 + b"]" * 600 + b"}", b"[" * 50_000),
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.parametrize("encryption", [CBC_HMAC, GCM])
def test_claims_that_are_not_a_json_object_are_no_login(plain: bytes, encryption: str) -> None:
    assert read({AUTHJS: token(plain, NEWEST, encryption=encryption)}) is None


@pytest.mark.parametrize(
    ("plain", "claims"),
    [
        (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (b' {"a":1}\n', {"a": 1}),
        (b'{"a":12345678901234567}', {"a": 12345678901234567}),
    ],
)
def test_text_is_decoded_as_node_does_and_integers_stay_exact(
    plain: bytes, claims: dict[str, Any]
) -> None:
    assert claims == read({AUTHJS: token(plain, NEWEST)})


def test_wrong_utf_8_is_replaced_by_next_auth_and_refused_by_authjs() -> None:
    plain = b'{"a":"\xff"}'

    assert {"a": "\ufffd"} == read({NEXT_AUTH: token(plain, NEWEST, NEXT_AUTH, version=4)})
    assert read({AUTHJS: token(plain, NEWEST)}) is None
    assert read({AUTHJS: token(plain, NEWEST, encryption=GCM)}) is None


HEADERS = ["[" * 50_000, '{"a":' * 50_000, "[" * 380, "null", "[]", "5", "{}", "{", '{"alg":NaN}']


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_a_header_without_any_key_does_not_raise(header: str) -> None:
    text = base64url(header.encode())
    for name in DEFAULTS:
        assert read({name: f"{text}..AAAA.AAAA.AAAA"}) is None


def test_a_header_does_not_raise_where_the_stack_is_nearly_full() -> None:
    text = base64url(b"[" * 380)
    reader = AuthJSReader([NEWEST], clock=clock)
    cookies = request_cookies({AUTHJS: f"{text}..AAAA.AAAA.AAAA"})

    def deep(levels: int) -> object:
        return deep(levels - 1) if levels else reader.read(cookies)

    for levels in range(500, 900, 25):
        assert deep(levels) is None


@pytest.mark.parametrize("version", [4, 5])
def test_every_changed_character_is_noticed(version: Any) -> None:
    value = token({"sub": "7"}, NEWEST, "n", version=version)
    reader = AuthJSReader([NEWEST], name="n", version=version, clock=clock)

    changed = [
        value[:index] + other + value[index + 1 :]
        for index in range(len(value))
        for other in ("A", "B")
        if other != value[index]
    ]
    added = [value[:index] + each + value[index:] for index in (0, 5, -5) for each in "=. \n"]

    for each in (*changed, *added, f"{value}=", f"{value} ", f"{value}.", value[:-1]):
        assert reader.read(request_cookies({"n": each})) is None


@pytest.mark.parametrize("part", [2, 3, 4])
@pytest.mark.parametrize("length", [0, 1, 12, 15, 16, 17, 32, 64])
@pytest.mark.parametrize("encryption", [CBC_HMAC, GCM])
def test_parts_of_another_length_are_refused(part: int, length: int, encryption: str) -> None:
    parts = token(CLAIMS, NEWEST, encryption=encryption).split(".")
    parts[part] = base64url(bytes(length))

    assert read({AUTHJS: ".".join(parts)}) is None


@pytest.mark.parametrize("encryption", [CBC_HMAC, GCM])
def test_no_byte_can_move_from_one_part_to_the_next(encryption: str) -> None:
    parts = token(CLAIMS, NEWEST, encryption=encryption).split(".")
    decoded = [urlsafe_b64decode(f"{part}==") for part in parts]

    for left in (2, 3):
        both = decoded[left] + decoded[left + 1]
        for length in range(len(both) + 1):
            moved = [*parts]
            moved[left : left + 2] = map(base64url, (both[:length], both[length:]))
            expected = CLAIMS if moved == parts else None
            assert expected == read({AUTHJS: ".".join(moved)})


@given(st.text() | ANY_TEXT | st.text("eyJ.-_=A[{ "))
def test_no_text_raises(text: str) -> None:
    reader = AuthJSReader([NEWEST, OLDER], clock=clock)
    head = token(CLAIMS, NEWEST).partition(".")[0]

    for value in (text, f"{head}..{text}", f"{head}.{text}.{text}.{text}.{text}", f"{text}....x"):
        for name in (AUTHJS, f"{AUTHJS}.0", NEXT_AUTH):
            assert reader.read(request_cookies({name: value})) is None
        assert reader.read(request_cookies(f"{AUTHJS}={value}; {NEXT_AUTH}.1={value}")) is None


@given(st.binary() | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_the_owner_of_the_secret_writes_raises(plain: bytes) -> None:
    for encryption in (CBC_HMAC, GCM):
        claims = read({AUTHJS: token(plain, NEWEST, encryption=encryption)})

        assert claims is None or isinstance(claims, dict)


@given(CONTENTS, st.sampled_from([4, 5]))
def test_all_claims_come_back(contents: dict[str, Any], version: Any) -> None:
    claims = {key: value for key, value in contents.items() if key not in ("exp", "iat", "nbf")}
    cookies = {"n": token(claims, NEWEST, "n", version=version)}

    assert claims == read(cookies, name="n", version=version)


@pytest.mark.parametrize("name", [AUTHJS, f"{AUTHJS}.0"])
def test_the_work_of_reading_is_linear(name: str) -> None:
    def prepare(size: int) -> Callable[[], object]:
        text = token({"text": "x" * 100 * size}, NEWEST)
        reader = AuthJSReader([NEWEST], clock=clock)
        whole, cut, dots = (
            request_cookies({name: each}) for each in (text, text[:-1], "." * 100 * size)
        )

        def act() -> None:
            assert reader.read(whole) is not None
            assert reader.read(cut) is None
            assert reader.read(dots) is None

        return act

    check_linear(prepare)


# --- chunks and neighbours -------------------------------------------------------------------


@pytest.mark.parametrize("version", [4, 5])
def test_chunks_are_joined_in_the_order_of_their_numbers(version: Any) -> None:
    value = token(LARGE, NEWEST, "n", version=version)
    chunks = chunked(value, "n", size=-(-len(value) // 12))

    assert 12 == len(chunks)
    for cookies in (chunks, dict(reversed(chunks.items())), dict(sorted(chunks.items()))):
        header = "; ".join(f"{name}={part}" for name, part in cookies.items())
        assert LARGE == read(header, name="n", version=version)


def test_chunks_with_a_gap_or_with_one_too_many_are_no_login() -> None:
    chunks = chunked(token(LARGE, NEWEST))
    parts = chunks.values()

    assert LARGE == read(chunks)
    for missing in chunks:
        assert read({name: part for name, part in chunks.items() if name != missing}) is None
    assert read({f"{AUTHJS}.{2 * number}": part for number, part in enumerate(parts)}) is None
    assert read({**chunks, f"{AUTHJS}.{len(chunks)}": "x"}) is None
    assert read({**chunks, f"{AUTHJS}.{MAX_CHUNKS - 1}": "x"}) is None


def test_there_is_a_maximum_of_chunks() -> None:
    value = token(CLAIMS, NEWEST)

    most, too_many = (chunked(value, size=-(-len(value) // count)) for count in (16, 17))
    assert (16, 17) == (len(most), len(too_many))
    assert CLAIMS == read(most)
    assert read(too_many) is None


def test_a_whole_token_beside_chunks_is_no_login_because_one_is_out_of_date() -> None:
    whole, chunks = token(CLAIMS, NEWEST), chunked(token(LARGE, NEWEST))

    assert read({AUTHJS: whole, **chunks}) is None
    assert read({AUTHJS: whole, f"{AUTHJS}.1": "x"}) is None
    assert CLAIMS == read({AUTHJS: whole, f"{AUTHJS}.0": ""})
    assert LARGE == read({AUTHJS: "", **chunks})


@pytest.mark.parametrize("suffix", ["-other", ".", ".00", ".-1", ".x", ".0.0", "0", f".{10**6}"])
def test_a_cookie_of_a_neighbour_does_not_log_anybody_out(suffix: str) -> None:
    neighbour = {f"{AUTHJS}{suffix}": "x"}

    assert CLAIMS == read({AUTHJS: token(CLAIMS, NEWEST), **neighbour})
    assert LARGE == read({**chunked(token(LARGE, NEWEST)), **neighbour})


def test_of_several_cookies_of_one_name_the_first_that_verifies_counts() -> None:
    value = token(CLAIMS, NEWEST)

    assert CLAIMS == read(f"{AUTHJS}=x; {AUTHJS}={value}")
    assert read("; ".join([f"{AUTHJS}=x"] * 4 + [f"{AUTHJS}={value}"])) is None


# --- as a legacy reader ----------------------------------------------------------------------


@pytest.mark.parametrize("claims", [CLAIMS, LARGE])
@pytest.mark.parametrize("name", DEFAULTS)
def test_a_login_is_migrated_and_its_cookies_end(claims: dict[str, Any], name: str) -> None:
    value = token(claims, NEWEST, name, version=DEFAULTS[name])  # type: ignore[arg-type]
    cookies = {name: value} if len(value) < 3936 else chunked(value, name)
    options = CookieOptions(domain="example.com", path="/shop")
    reader: LegacyReader = AuthJSReader([NEWEST], options=options, clock=clock)
    sessions = CookieSession(keys=KEYS, legacy=[reader], max_cookie_size=None)
    session = sessions.open(cookies, https=True)

    assert (Outcome.LOADED, claims) == (session.outcome, session.copy())
    *ended, first, second = session.commit()
    assert claims == sessions.decode([first, second])
    expired = "; path=/shop; expires=Thu, 01 Jan 1970 00:00:00 GMT; domain=example.com; secure; "
    assert [f"{each}={expired}httponly" for each in cookies] == ended


def test_a_login_that_has_ended_is_not_migrated() -> None:
    sessions = CookieSession(keys=KEYS, legacy=[AuthJSReader([NEWEST])])

    assert Outcome.ABSENT is sessions.open({AUTHJS: token({"exp": 1}, NEWEST)}).outcome


def test_readers_are_equal_if_their_settings_are() -> None:
    reader = AuthJSReader([NEWEST, OLDER], name=AUTHJS)

    assert reader == AuthJSReader((NEWEST.encode(), OLDER), name=AUTHJS, version=5)
    assert hash(reader) == hash(AuthJSReader([NEWEST, OLDER], name=AUTHJS))
    for other in (
        AuthJSReader([NEWEST], name=AUTHJS),
        AuthJSReader([NEWEST, OTHER], name=AUTHJS),
        AuthJSReader([NEWEST, OLDER]),
        AuthJSReader([NEWEST, OLDER], name=AUTHJS, version=4),
        AuthJSReader([NEWEST, OLDER], name=AUTHJS, options=CookieOptions(path="/app")),
        AuthJSReader([NEWEST, OLDER], name=AUTHJS, clock=clock),
        "reader",
    ):
        assert reader != other


def test_a_reader_cannot_be_pickled_and_a_copy_is_the_reader_itself() -> None:
    reader = AuthJSReader([NEWEST])

    assert copy.copy(reader) is reader is copy.deepcopy(reader)
    with pytest.raises(TypeError, match="AuthJSReader cannot be pickled"):
        pickle.dumps(reader)


# --- wrong arguments -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"secrets": NEWEST}, "secrets must be a list of secrets, newest first, got str"),
        ({"secrets": NEWEST.encode()}, "got bytes (a single secret goes into a list)"),
        ({"secrets": {NEWEST}}, "got set"),
        ({"secrets": None}, "got NoneType"),
        ({"secrets": []}, "at least one secret, got an empty list"),
        ({"secrets": [NEWEST, ""]}, "the secrets must not hold an empty one"),
        ({"secrets": [b""]}, "the secrets must not hold an empty one"),
        ({"secrets": [None]}, "must be str or bytes, got NoneType: is the environment variable"),
        ({"secrets": [NEWEST, 5]}, "each of the secrets must be str or bytes, got int"),
        ({"secrets": [[NEWEST]]}, "each of the secrets must be str or bytes, got list"),
        ({"secrets": [f"{NEWEST}\ud800"]}, "must be text that UTF-8 can encode, or bytes"),
        ({"name": ""}, "name must be the name of a cookie"),
        ({"name": "a=b"}, "name must be the name of a cookie"),
        ({"name": "a\n"}, "name must be the name of a cookie"),
        ({"name": ["a"]}, "got list"),
        ({"version": 3}, "version must be 4 or 5, got int"),
        ({"version": "5"}, "version must be 4 or 5, got str"),
        ({"version": [5]}, "version must be 4 or 5, got list"),
        ({"clock": 5}, "clock must be a function, got int"),
    ],
)
@pytest.mark.parametrize("cookies", [None, "a=b"])
def test_a_wrong_argument_is_refused_at_once(
    arguments: dict[str, Any], said: str, cookies: Any
) -> None:
    options: dict[str, Any] = {"secrets": [NEWEST], **arguments}

    for act in (AuthJSReader, lambda **given: read_session(cookies, **given)):
        with pytest.raises(ConfigurationError) as caught:
            act(**options)
        assert said in str(caught.value)


def test_wrong_options_are_refused_at_once() -> None:
    with pytest.raises(ConfigurationError, match="options must be CookieOptions, got dict"):
        AuthJSReader([NEWEST], options={"path": "/"})  # type: ignore[arg-type]


@pytest.mark.parametrize("cookies", [[5], {"a": 5}])
def test_cookies_of_another_type_are_a_type_error(cookies: Any) -> None:
    with pytest.raises(TypeError, match="cookie"):
        read(cookies)


def test_the_repr_shows_no_secret() -> None:
    reader = AuthJSReader([NEWEST, OLDER])

    assert NEWEST not in repr(reader)
    assert NEWEST not in repr(vars(reader))

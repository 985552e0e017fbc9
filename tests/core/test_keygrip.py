from __future__ import annotations

import hashlib
import hmac
import pickle
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest

from cookiesession_core import ConfigurationError, Keygrip, WeakKeyWarning, parse_keys
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER

FIXED_LENGTH = sorted(
    name for name in hashlib.algorithms_guaranteed if not name.startswith("shake")
)


def hmac_by_the_standard_library(key: bytes, data: bytes, algorithm: str) -> str:
    digest = hmac.new(key, data, algorithm).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


class SecretStr:
    """As in pydantic: it hides a text."""

    def get_secret_value(self) -> None:
        """Never called: the application calls it."""


@pytest.mark.parametrize("algorithm", FIXED_LENGTH)
@pytest.mark.parametrize("length", [64, 200, 300])
def test_signatures_follow_rfc_2104_for_every_algorithm_and_key_length(
    algorithm: str, length: int
) -> None:
    key = b"k" * length

    expected = hmac_by_the_standard_library(key, b"data", algorithm)

    assert expected == Keygrip([key], algorithm).sign("data")


def test_the_first_key_signs_and_every_key_verifies() -> None:
    grip = Keygrip(KEYS)

    assert Keygrip([NEWEST]).sign("data") == grip.sign("data")
    assert 0 == grip.index("data", grip.sign("data"))
    assert 1 == grip.index("data", Keygrip([OLDER]).sign("data"))
    assert 1 == grip.index(b"data", Keygrip([OLDER]).sign("data"))
    assert -1 == grip.index("data", Keygrip([OTHER]).sign("data"))
    assert grip.verify("data", Keygrip([OLDER]).sign("data"))
    assert not grip.verify("other data", grip.sign("data"))


def test_text_and_its_bytes_in_utf8_have_the_same_signature() -> None:
    grip = Keygrip(KEYS)

    assert grip.sign("é🔑".encode()) == grip.sign("é🔑")
    assert grip.sign("🔑") == grip.sign("\ud83d\udd11")
    assert grip.sign("�") == grip.sign("\ud800")


def test_every_signature_has_the_length_of_its_hash() -> None:
    grip = Keygrip(["k" * 48], "sha384")

    assert {64} == {len(grip.sign(str(number))) for number in range(500)}


def test_signatures_can_be_hexadecimal() -> None:
    expected = hmac.new(NEWEST.encode(), b"data", "sha256").hexdigest()

    assert expected == Keygrip(KEYS, "sha256", "hex").sign("data")


@pytest.mark.parametrize("digest", ["", "é" * 27, "\ud800", "x", None, b"bytes", 5, [], object()])
@pytest.mark.parametrize("data", ["data", "é", b"data"])
def test_a_digest_of_another_kind_does_not_match(data: str | bytes, digest: Any) -> None:
    assert -1 == Keygrip(KEYS).index(data, digest)
    assert Keygrip(KEYS).verify(data, digest) is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((NEWEST,), "keys must be a list of keys, newest first, got str"),
        ((b"bytes",), "got bytes"),
        (({NEWEST},), "got set"),
        (([],), "at least one key"),
        (([NEWEST, None],), r"keys\[1\] must be str or bytes, got NoneType: is the env"),
        (([SecretStr()],), r"got SecretStr: give what its method get_secret_value\(\) returns"),
        (([""],), r"keys\[0\] is empty: anyone could sign with it"),
        (([NEWEST, b""],), r"keys\[1\] is empty"),
        ((KEYS, "no such hash"), "algorithm must be .* got str that is something else"),
        ((KEYS, 5), "algorithm must be .* got int"),
        ((KEYS, "shake_128"), "fixed-length"),
        ((KEYS, "sha1", "latin1"), r"encoding must be 'base64' or 'hex', got .* \(str\)"),
        ((KEYS, "sha1", 5), r"encoding must be .* \(int\)"),
    ],
)
def test_a_wrong_argument_fails_at_construction(arguments: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Keygrip(*arguments)


@pytest.mark.parametrize(
    ("key", "algorithm", "said"),
    [
        ("k" * 19, "sha1", "has 19 bytes, 20 are the minimum for sha1"),
        ("k" * 31, "sha256", "32 are the minimum"),
        ("keyboard cat", "md5", "has 12 bytes, 16"),
        ("key1", "sha1", "public documentation"),
    ],
)
def test_a_weak_key_is_warned_of_without_showing_it(key: str, algorithm: str, said: str) -> None:
    expected = "public documentation" if key == "keyboard cat" else said
    with pytest.warns(WeakKeyWarning, match=expected) as caught:
        Keygrip([key], algorithm)

    assert key not in str(caught[0].message)


@pytest.mark.parametrize(
    "key",
    [
        "$(cat /etc/shop/keys.txt)",
        "${COOKIESESSION_KEYS_OF_THE_SHOP}",
        "$COOKIESESSION_KEYS_OF_THE_SHOP",
        "{{resolve:secretsmanager:shop/keys}}",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-keys-AbCdEf",
        "projects/1234/secrets/shop-keys/versions/latest",
        "@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/keys)",
        "op://servers/shop/cookiesession-keys",
        "/run/secrets/cookiesession_keys",
        f'{{"keys": "{NEWEST}"}}',
        f'["{NEWEST}", "{OLDER}"]',
        f'"{NEWEST}"',
        f"'{NEWEST}'",
    ],
)
def test_a_key_that_looks_like_the_place_of_one_is_warned_of_without_showing_it(key: str) -> None:
    with pytest.warns(WeakKeyWarning, match="give the value of the key alone") as caught:
        Keygrip([key])

    assert key not in str(caught[0].message)
    assert NEWEST not in str(caught[0].message)


@pytest.mark.parametrize(
    "key",
    [
        "/9j+4AAQ/SkZJRg/ABAQEAYABgAAD/2wBDAAI=",
        "a sentence about /run/secrets and $HOME",
        '"quoted" is one word of this key',
        "[hard to guess, but in brackets]",
        "$Dollars in front of a pass phrase",
    ],
)
def test_other_keys_of_any_characters_are_not_warned_of(key: str) -> None:
    assert Keygrip([key]).verify("data", Keygrip([key]).sign("data"))


def test_the_warning_of_a_weak_key_ends_with_a_command_that_makes_a_better_one() -> None:
    with pytest.warns(WeakKeyWarning) as caught:
        Keygrip(["weak"])

    told = str(caught[0].message).partition("make one with: ")[2]
    made = subprocess.check_output([sys.executable, "-m", *told.split()], text=True)
    Keygrip([made.strip()], "sha256")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((NEWEST, OLDER, OTHER), "keys must be a list"),
        (([NEWEST], OLDER, OTHER), "encoding must be"),
        (([NEWEST], OLDER), "algorithm must be"),
    ],
)
def test_a_key_in_the_place_of_another_argument_is_not_shown(
    arguments: tuple[Any, ...], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        Keygrip(*arguments)

    assert [] == [key for key in (NEWEST, OLDER, OTHER) if key in str(caught.value)]


@pytest.mark.parametrize("data", [None, 5, [NEWEST], {"a": 1}, bytearray(b"a"), object()])
@pytest.mark.parametrize(
    "act",
    [
        lambda data: Keygrip(KEYS).sign(data),
        lambda data: Keygrip(KEYS).verify(data, "digest"),
        lambda data: Keygrip(KEYS).index(data, "digest"),
    ],
    ids=["sign", "verify", "index"],
)
def test_data_of_another_type_is_a_type_error(act: Callable[[Any], object], data: Any) -> None:
    with pytest.raises(TypeError) as caught:
        act(data)

    said = f"the signed data must be str or bytes, got {type(data).__name__}"
    assert said == str(caught.value)


@pytest.mark.parametrize("encoding", ["base64", "hex", None])
def test_it_tells_its_algorithm(encoding: str | None) -> None:
    assert "sha256" == Keygrip([OTHER], "sha256", encoding).algorithm
    assert "sha1" == Keygrip([OTHER], None, encoding).algorithm


def test_its_representation_shows_no_key() -> None:
    assert "<Keygrip sha1, 2 keys>" == repr(Keygrip(KEYS))


def test_it_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="a Keygrip cannot be pickled"):
        pickle.dumps(Keygrip(KEYS))


# --- a list of keys in one text --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("only", ["only"]),
        ("newest,older", ["newest", "older"]),
        (" newest , older\t,oldest\n", ["newest", "older", "oldest"]),
        ("newest key, older key", ["newest key", "older key"]),
        ("newest\nolder", ["newest", "older"]),
        ("\n newest, with a comma \r\nolder\r\n", ["newest, with a comma", "older"]),
        ("newest\rolder, with a comma", ["newest", "older, with a comma"]),
        ("newest,older\r\n", ["newest", "older"]),
        ("newest\x0bolder", ["newest\x0bolder"]),
        ("same,same", ["same", "same"]),
    ],
)
def test_a_text_lists_keys_by_lines_or_else_by_commas(text: str, keys: list[str]) -> None:
    assert keys == parse_keys(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there are no keys: set the environment variable .* COOKIESESSION_KEYS"),
        (" \r\n\t", "there are no keys"),
        (None, "there are no keys: .* a key from `cookiesession keygen`. Keep the key"),
        (f"{NEWEST},", r"is empty \(key 3 of 3\): is there a comma or an empty line too many\?"),
        (f", {OLDER}", r"keys\[0\] is empty \(key 1 of 3\)"),
        (f"{NEWEST}\n \n{OLDER}", r"keys\[1\] is empty \(key 2 of 3\)"),
        (NEWEST.encode(), "keys must be listed in one str, got bytes"),
        (SecretStr(), "one str, got SecretStr: give what its method get_secret_value"),
        (KEYS, "got list"),
    ],
)
def test_a_text_with_an_empty_key_is_refused_without_showing_it(text: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        parse_keys(text)

    assert [] == [key for key in KEYS if key in str(caught.value)]


def test_a_line_that_looks_like_a_list_of_keys_is_warned_of_without_showing_it() -> None:
    one, two, three = (letter * 32 for letter in "abc")
    with pytest.warns(WeakKeyWarning, match=r"keys\[1\] has a comma in it") as caught:
        keys = parse_keys(f"{one}\n{two},{three}\n{two},{three}")

    assert [one, f"{two},{three}", f"{two},{three}"] == keys
    assert [] == [key for key in (one, two, three) if key in str(caught[0].message)]
    assert 1 == len(caught)


def test_a_line_with_a_comma_beside_a_few_characters_is_a_key() -> None:
    line = f"{'a' * 32},{'b' * 31}"

    assert [line, OLDER] == parse_keys(f"{line}\n{OLDER}")


# --- equality --------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"algorithm": "sha256"}, {"encoding": "hex"}])
def test_signers_are_equal_if_they_sign_and_verify_alike(options: dict[str, str]) -> None:
    signer = Keygrip([KEYS[0], KEYS[1]], **options)

    assert signer == Keygrip([KEYS[0].encode(), KEYS[1]], **options)
    assert hash(signer) == hash(Keygrip([KEYS[0].encode(), KEYS[1]], **options))


@pytest.mark.parametrize(
    "other",
    [
        Keygrip([KEYS[0]]),
        Keygrip([KEYS[1], KEYS[0]]),
        Keygrip(KEYS, "sha256"),
        Keygrip(KEYS, encoding="hex"),
        "keys",
    ],
)
def test_other_keys_another_order_and_another_algorithm_are_not_equal(other: object) -> None:
    assert Keygrip(KEYS) != other

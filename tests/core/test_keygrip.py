from __future__ import annotations

import hashlib
import hmac
import pickle
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest

from cookiesession_core import ConfigurationError, Keygrip
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER, SecretStr

FIXED_LENGTH = sorted(
    name for name in hashlib.algorithms_guaranteed if not name.startswith("shake")
)


def hmac_by_the_standard_library(key: bytes, data: bytes, algorithm: str) -> str:
    digest = hmac.new(key, data, algorithm).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


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

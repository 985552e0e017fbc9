from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from cookiesession_core import ConfigurationError, Keygrip, WeakKeyWarning, parse_keys
from tests.support.keys import KEYS, NEWEST, OLDER, SecretStr


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


# --- keys that are a mistake


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

from __future__ import annotations

from typing import Any

import attrs
import pytest

from cookiesession_core import ConfigurationError, CookieSession, Keygrip, WeakKeyWarning
from tests.support.keys import KEYS, NEWEST, OLDER


def test_a_secret_is_a_list_of_one_key() -> None:
    expected = CookieSession(keys=[NEWEST]).encode({"a": 1})

    assert expected == CookieSession(secret=NEWEST).encode({"a": 1})
    assert expected == CookieSession(secret=NEWEST.encode()).encode({"a": 1})
    assert expected == CookieSession(keys=[NEWEST], secret=OLDER).encode({"a": 1})


def test_a_keygrip_may_stand_in_the_place_of_keys() -> None:
    strong = CookieSession(keys=Keygrip(KEYS, "sha256"))

    assert 43 == len(strong.encode({"a": 1})["session.sig"])
    assert {"a": 1} == strong.decode(strong.encode({"a": 1}))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "is required to sign"),
        ({"keys": None, "secret": ""}, "is required"),
        ({"keys": []}, "at least one key"),
        ({"keys": [], "secret": NEWEST}, "at least one key"),
        ({"keys": [], "signed": False}, "at least one key"),
        ({"keys": NEWEST}, "keys must be a list, newest first, got str: use secret="),
        ({"keys": b"octets"}, "got bytes"),
        ({"keys": [""]}, "empty key"),
        ({"keys": [NEWEST, b""]}, "empty key"),
        ({"keys": [NEWEST, 5]}, r"keys\[1\] must be str or bytes, got int"),
        ({"keys": object()}, "keys must have sign and index, got object"),
        ({"keys": {NEWEST}}, "keys must have sign and index, got set"),
        ({"secret": 5}, "secret must be str or bytes, got int"),
        ({"keys": KEYS, "name": ""}, "cookie name"),
        ({"keys": KEYS, "name": None}, "cookie name .* got NoneType"),
        ({"keys": KEYS, "name": "a=b"}, "cookie name"),
        ({"keys": KEYS, "name": "session.sig"}, "must not end in '.sig'"),
        ({"keys": KEYS, "signed": None}, "signed must be True or False, got NoneType"),
        ({"keys": KEYS, "assume_https": 1}, "assume_https must be"),
        ({"keys": KEYS, "max_cookie_size": 0}, "max_cookie_size must be a positive"),
        ({"keys": KEYS, "max_cookie_size": True}, "got bool"),
        ({"keys": KEYS, "max_cookie_size": 4093.5}, "got float"),
        ({"keys": KEYS, "codec": object()}, "codec must have encode and decode, got object"),
        ({"keys": KEYS, "clock": 5}, "clock must have __call__, got int"),
    ],
)
def test_bad_configuration_fails_at_construction(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        CookieSession(**options)


def test_weak_keys_are_warned_of() -> None:
    with pytest.warns(WeakKeyWarning, match="has 5 octets"):
        CookieSession(keys=["short"])


def test_it_is_immutable_and_shows_no_key() -> None:
    sessions = CookieSession(keys=KEYS)

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        sessions.name = "other"  # type: ignore[misc]
    assert "CookieSession(name='session')" == repr(sessions)


def test_later_changes_of_the_list_of_keys_change_nothing() -> None:
    keys = [NEWEST]
    sessions = CookieSession(keys=keys)
    before = sessions.encode({"a": 1})

    keys[0] = OLDER

    assert before == sessions.encode({"a": 1})


def test_encode_and_decode_are_the_two_sides_of_a_client() -> None:
    sessions = CookieSession(keys=KEYS)
    cookies = sessions.encode({"views": 1})

    assert {"session", "session.sig"} == set(cookies)
    assert "eyJ2aWV3cyI6MX0=" == cookies["session"]
    assert {"views": 1} == sessions.decode(cookies)
    assert sessions.decode({"session": cookies["session"]}) is None
    assert sessions.decode({"session": cookies["session"], "session.sig": "bad"}) is None
    assert sessions.decode({}) is None
    assert sessions.decode(None) is None


def test_decode_reads_the_set_cookie_values_of_a_response() -> None:
    sessions = CookieSession(
        keys=KEYS, max_age=60, domain="example.com", secure=True, same_site="lax"
    )
    session = sessions.open(https=True)
    session["views"] = 1

    assert {"views": 1} == sessions.decode(["theme=dark; path=/", *session.commit()])


def test_decode_reads_nothing_from_a_response_that_ends_the_session() -> None:
    sessions = CookieSession(keys=KEYS)
    session = sessions.open()
    session.destroy()

    values = session.commit()

    assert values
    assert sessions.decode(values) is None

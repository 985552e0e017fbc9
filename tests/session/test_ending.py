"""`destroy` and `replace`."""

from __future__ import annotations

from typing import Any

import pytest

from cookiesession_core import CookieSession, Keygrip, Written
from tests.support.cookies import GONE, header, set_cookies
from tests.support.keys import KEYS, NEWEST

sessions = CookieSession(keys=KEYS)


def test_destroy_expires_both_cookies_with_the_attributes_of_the_write() -> None:
    scoped = CookieSession(keys=KEYS, path="/app", domain="example.com", max_age=60)
    session = scoped.open()

    session.destroy()

    attributes = f"; path=/app; {GONE}; domain=example.com; httponly"
    signature = Keygrip([NEWEST]).sign("session=")
    assert [f"session={attributes}", f"session.sig={signature}{attributes}"] == session.commit()
    assert Written.EXPIRED is session.written


def test_a_destroyed_session_is_empty_and_a_write_starts_a_fresh_one() -> None:
    session = sessions.open(header({"user": 7}))

    session.destroy()
    assert {} == dict(session)
    assert session.is_new
    session["flash"] = "bye"

    assert set_cookies({"flash": "bye"}) == session.commit()


def test_destroyed_rewritten_and_emptied_is_still_a_log_out() -> None:
    session = sessions.open(header({"user": 7}))

    session.destroy()
    session["flash"] = "bye"
    del session["flash"]

    session.commit()
    assert Written.EXPIRED is session.written


def test_replace_drops_everything_that_was_there() -> None:
    session = sessions.open(header({"user": 7, "cart": [1]}))

    session.replace({"user": 8})

    assert {"user": 8} == dict(session)
    assert session.is_new
    assert set_cookies({"user": 8}) == session.commit()


def test_replace_copies_so_that_the_source_stays_the_applications() -> None:
    source = {"user": 8}
    session = sessions.open()

    session.replace(source)
    source["user"] = 9

    assert 8 == session["user"]


@pytest.mark.parametrize("touch", [True, False])
def test_replacing_by_nothing_destroys_what_the_client_has(touch: bool) -> None:  # noqa: FBT001
    session = sessions.open(header({"user": 7}))
    if touch:
        session.get("user")

    session.replace({})

    session.commit()
    assert Written.EXPIRED is session.written


def test_replacing_by_nothing_says_nothing_to_a_client_without_a_session() -> None:
    session = sessions.open("other=1")

    session.replace({})

    assert [] == session.commit()
    assert Written.NOTHING is session.written


@pytest.mark.parametrize("contents", [None, [1], "text", 5])
def test_only_a_mapping_replaces_a_session(contents: Any) -> None:
    session = sessions.open(header({"user": 7}))

    with pytest.raises(TypeError, match=f"replaced by a mapping, got {type(contents).__name__}"):
        session.replace(contents)

    assert {"user": 7} == dict(session)

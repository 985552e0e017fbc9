"""What a session says of the cookies that came with the request."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from cookiesession_core import CookieSession, Keygrip, Outcome, Written
from tests.support.cookies import GONE, header, signed
from tests.support.keys import KEYS, OTHER

sessions = CookieSession(keys=KEYS)


def test_an_untouched_session_reads_nothing_and_sends_nothing() -> None:
    class Untouchable(str):
        __slots__ = ()

        def find(self, *_: Any) -> int:
            raise AssertionError

    session = sessions.open(Untouchable("session=x"))

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.NOTHING is session.written
    assert not session.accessed


@pytest.mark.parametrize(
    "cookies",
    [
        header({"user": 7}),
        header({"user": 7}).encode(),
        header({"user": 7}).split("; "),
        [part.encode() for part in header({"user": 7}).split("; ")],
    ],
)
def test_a_header_may_be_text_octets_or_several_of_either(cookies: Any) -> None:
    session = sessions.open(cookies)

    assert {"user": 7} == dict(session)
    assert {"user": 7} == sessions.decode(cookies)
    assert (Outcome.LOADED, 0) == (session.outcome, session.key_index)
    assert (False, False, True) == (session.is_new, session.is_changed, session.is_populated)
    assert [] == session.commit()
    assert session.accessed


@pytest.mark.parametrize("kind", [tuple, list])
@pytest.mark.parametrize("split", [False, True])
def test_all_header_fields_of_a_request_serve_as_well(kind: Any, split: bool) -> None:  # noqa: FBT001
    octets = header({"user": 7}).encode()
    cookies = [b"theme=\xff", *(octets.split(b"; ") if split else [octets])]
    fields = [kind((b"host", b"session=x")), *(kind((b"cookie", each)) for each in cookies)]

    assert {"user": 7} == dict(sessions.open(fields))
    assert {"user": 7} == dict(sessions.open(iter(fields)))
    assert Outcome.ABSENT is sessions.open(fields[:1]).outcome


VALUE, SIGNATURE = sessions.encode({"user": 7}).values()
EMPTY_SIGNED, NOT_JSON = signed(""), signed("bogus")


@pytest.mark.parametrize(
    ("cookies", "outcome"),
    [
        (None, Outcome.ABSENT),
        ("", Outcome.ABSENT),
        ("other=1", Outcome.ABSENT),
        (f"session.sig={SIGNATURE}", Outcome.ABSENT),
        (f"session={VALUE}", Outcome.UNSIGNED),
        (f"session={VALUE}; session.sig=", Outcome.UNSIGNED),
        (f'session={VALUE}; session.sig=""', Outcome.UNSIGNED),
        (f"session={VALUE}; session.sig=; session.sig=", Outcome.UNSIGNED),
        (EMPTY_SIGNED, Outcome.MALFORMED),
        (NOT_JSON, Outcome.MALFORMED),
    ],
)
def test_what_cannot_be_used_is_a_new_session_and_leaves_the_cookies_alone(
    cookies: str | None, outcome: Outcome
) -> None:
    session = sessions.open(cookies)

    assert outcome is session.outcome
    assert (True, True, False) == (session.is_new, session.is_changed, session.is_populated)
    assert [] == session.commit()
    assert Written.NOTHING is session.written
    assert sessions.decode(cookies) is None


def test_a_signed_cookie_that_holds_no_session_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cookiesession"):
        assert sessions.open(NOT_JSON).is_new

    noted = "session cookie 'session' is malformed: JSONDecodeError"
    assert [("cookiesession", logging.INFO, noted)] == caplog.record_tuples


@pytest.mark.parametrize(
    "signature",
    [
        SIGNATURE + "A",
        SIGNATURE + "=",
        SIGNATURE[:-1],
        SIGNATURE.swapcase(),
        Keygrip([OTHER]).sign(f"session={VALUE}"),
        Keygrip(KEYS).sign(f"other={VALUE}"),
        "é",
    ],
)
def test_a_signature_that_no_key_made_is_expired(signature: str) -> None:
    session = sessions.open(f"session={VALUE}; session.sig={signature}")

    assert {} == dict(session)
    assert Outcome.BAD_SIGNATURE is session.outcome
    assert [f"session.sig=; path=/; {GONE}; httponly"] == session.commit()
    assert Written.REPAIRED is session.written


def test_a_repair_has_the_configured_scope() -> None:
    scoped = CookieSession(
        keys=KEYS, path="/app", domain="example.com", secure=True, same_site="none",
        partitioned=True, priority="high", max_age=60,
    )  # fmt: skip
    session = scoped.open("session=x; session.sig=bad", https=True)
    session.get("a")

    scope = f"path=/app; {GONE}; domain=example.com; samesite=none; secure; httponly; partitioned"
    assert [f"session.sig=; {scope}"] == session.commit()


def test_an_unsigned_session_takes_what_the_client_says() -> None:
    unsigned = CookieSession(signed=False)
    session = unsigned.open(f"session={VALUE}; session.sig=whatever")

    session["user"] += 1

    assert 8 == session["user"]
    assert session.key_index is None
    assert ["session=eyJ1c2VyIjo4fQ==; path=/; httponly"] == session.commit()
    assert {"session": VALUE} == unsigned.encode({"user": 7})
    assert {"user": 7} == unsigned.decode({"session": VALUE})


def test_its_representation_shows_no_contents() -> None:
    session = sessions.open(header({"user": "secret name"}))
    session.get("user")

    assert "<Session 'session' loaded>" == repr(session)

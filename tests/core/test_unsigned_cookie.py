"""A session in one cookie without a signature."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from cookiesession_core import CookieSession, JSONCodec, Outcome
from cookiesession_core.unsigned_cookie import UnsignedCookie
from tests.support.keys import KEYS


def test_a_client_changes_its_session_at_will() -> None:
    sessions = CookieSession(signed=False)
    assert {"session": "eyJhZG1pbiI6dHJ1ZX0="} == sessions.encode({"admin": True})

    assert {"admin": True} == sessions.decode("session=eyJhZG1pbiI6dHJ1ZX0=")


def test_a_signature_is_neither_read_nor_written() -> None:
    sessions = CookieSession(signed=False)
    session = sessions.open(CookieSession(keys=KEYS).cookie_header({"user": 7}))

    assert Outcome.LOADED is session.outcome
    assert session.key_index is None
    session["user"] = 8
    assert ["session=eyJ1c2VyIjo4fQ==; path=/; httponly"] == session.commit()


@pytest.mark.parametrize("cookies", [None, "session=", "other=e30="])
def test_a_request_without_a_value_has_no_session(cookies: str | None) -> None:
    assert Outcome.ABSENT is CookieSession(signed=False).open(cookies).outcome


class Codec:
    """A codec of an application."""

    def encode(self, contents: Any) -> str:
        return f"v{contents['user']}"

    def decode(self, text: str) -> dict[str, Any]:
        return {"user": int(text[1:])}


def test_formats_are_equal_if_name_and_codec_are_equal() -> None:
    codec = Codec()

    assert UnsignedCookie("a", JSONCodec()) == UnsignedCookie("a", JSONCodec())
    assert hash(UnsignedCookie("a", JSONCodec())) == hash(UnsignedCookie("a", JSONCodec()))
    assert UnsignedCookie("a", codec) == UnsignedCookie("a", codec)
    assert UnsignedCookie("a", JSONCodec()) != UnsignedCookie("b", JSONCodec())
    assert UnsignedCookie("a", Codec()) != UnsignedCookie("a", Codec())
    assert UnsignedCookie("a", JSONCodec()) != "a"


# --- values of other libraries ----------------------------------------------------------------

SIGNED = "x" * 27
FLASK = f"eyJhIjoxfQ.awd3KQ.{SIGNED}"
LOOKS = {
    FLASK: "a session of Flask or Starlette",
    f".eJyrVipJ.awd3KQ.{SIGNED}": "a session of Flask or Starlette",
    f"eyJhIjoxfQ:1xWMwr:{SIGNED}": "a session of Django",
    f".eJyrVipJ:1xWMwr:{SIGNED}": "a session of Django",
    f"eyJhIjoxfQ.eyJhIjoxfQ.{SIGNED}": "a JWT",
    f"x.eyJhIjoxfQ.{SIGNED}": "a session of Flask or Starlette",
}
"""What values look like. tests/legacy has cookies of the real libraries."""
OTHERS = [
    "e30=",
    "junk",
    "1.2.3",
    f"eyJhIjoxfQ.awd3KQ.{SIGNED}.{SIGNED}",
    f"eyJhIjoxfQ.{SIGNED}",
    f".awd3KQ.{SIGNED}",
    f"eyJhIjoxfQ..{SIGNED}",
    f"eyJhIjoxfQ.awd3KQ.{SIGNED[1:]}",
    f"a:b.c:{SIGNED}.d:e",
]
"""Values that look like none of these."""


@pytest.fixture(autouse=True)
def _log_all(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "cookiesession")


def reason(caplog: pytest.LogCaptureFixture) -> str:
    """Return what follows the outcome in the only log line."""
    (record,) = caplog.records
    return record.getMessage().partition("was not loaded: ")[2]


@pytest.mark.parametrize(("value", "look"), LOOKS.items())
def test_the_log_says_what_a_value_that_is_not_ours_looks_like(
    value: str, look: str, caplog: pytest.LogCaptureFixture
) -> None:
    CookieSession(keys=KEYS).open(f"session={value}").get("user")

    assert f"UNSIGNED: the value looks like {look}" == reason(caplog)


@pytest.mark.parametrize("value", OTHERS)
def test_the_log_says_nothing_of_a_value_that_looks_like_no_known_library(
    value: str, caplog: pytest.LogCaptureFixture
) -> None:
    CookieSession(keys=KEYS).open(f"session={value}").get("user")

    assert "UNSIGNED" == reason(caplog)


def test_one_of_several_values_is_enough(caplog: pytest.LogCaptureFixture) -> None:
    CookieSession(keys=KEYS).open(f"session=junk; session={FLASK}").get("user")

    assert "UNSIGNED: the value looks like a session of Flask or Starlette" == reason(caplog)


def test_a_signature_of_ours_beside_the_value_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    CookieSession(keys=KEYS).open(f"session={FLASK}; session.sig=left").get("user")

    assert "BAD_SIGNATURE: the value looks like a session of Flask or Starlette" == reason(caplog)


def test_the_look_follows_the_error_of_the_codec(caplog: pytest.LogCaptureFixture) -> None:
    CookieSession(signed=False).open(f"session={FLASK}").get("user")

    found = reason(caplog)
    assert found.startswith("MALFORMED: ")
    assert found.endswith("Error; the value looks like a session of Flask or Starlette")


def test_the_look_of_a_signed_value_that_is_no_session_is_said_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Foreign(JSONCodec):
        def encode(self, _: object, /) -> str:
            return FLASK

    header = CookieSession(keys=KEYS, codec=Foreign()).cookie_header({})
    session = CookieSession(keys=KEYS).open(header)

    assert 0 == session.key_index
    assert reason(caplog).endswith("the value looks like a session of Flask or Starlette")


def test_no_part_of_the_value_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    for value in LOOKS:
        CookieSession(keys=KEYS).open(f"session={value}").get("user")

    assert len(LOOKS) == len(caplog.records)
    assert not any(part in caplog.text for part in ("eyJ", "eJy", "awd", "1xW", SIGNED[:8]))

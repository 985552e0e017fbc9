"""A session in one cookie without a signature."""

from __future__ import annotations

from typing import Any

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

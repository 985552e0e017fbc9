"""The two cookies: their signature, and codecs and signers of the application's own."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from cookiesession_core import ConfigurationError, CookieSession, JSONCodec, Outcome, Written
from tests.support.cookies import cookie_header, header, signed
from tests.support.keys import KEYS, OLDER
from tests.support.user_agent import CookieJar

sessions = CookieSession(keys=KEYS)
VALUE, SIGNATURE = sessions.encode({"user": 7}).values()


def test_a_tossed_cookie_does_not_log_the_visitor_out() -> None:
    tossed = f"session=evil; session.sig=bad; session={VALUE}; session.sig={SIGNATURE}"

    session = sessions.open(tossed)

    assert {"user": 7} == dict(session)
    assert [] == session.commit()


def test_with_keys_an_unsigned_cookie_is_an_absent_one() -> None:
    assert sessions.decode(CookieSession(signed=False).encode({"user": 7})) is None


def test_signatures_bind_the_name_so_cookies_cannot_be_swapped() -> None:
    value, signature = CookieSession(keys=KEYS, name="other").encode({"user": 7}).values()

    assert sessions.decode({"session": value, "session.sig": signature}) is None


# --- codecs of the application's own ---------------------------------------------------------


class Verbatim:
    """A codec that writes a text as it is."""

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return str(contents["text"])

    def decode(self, text: str, /) -> Any:
        return {"text": text} if text != "list" else ["no", "dict"]


@pytest.mark.parametrize(
    "text", ["a;b", "a\r\nb", "\0", "☃", "", " a", "a ", "\ta", "a\t", '"a"', '"']
)
def test_a_codec_cannot_write_what_breaks_the_header_or_would_not_come_back(text: str) -> None:
    session = CookieSession(keys=KEYS, codec=Verbatim()).open()
    session["text"] = text

    with pytest.raises(ConfigurationError, match=r"cookie value (must be text|that would not)"):
        session.commit()


def test_a_codec_whose_value_would_not_come_back_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"Verbatim\.encode returned .* come back: empty"):
        CookieSession(keys=KEYS, codec=Verbatim()).encode({"text": ""})


@pytest.mark.parametrize("text", ["XX", "a b", 'a"b', "a,b", "é", "a\\b", "%22", "a=b"])
def test_a_codecs_value_that_a_browser_carries_comes_back(text: str) -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())
    session = own.open()
    session["text"] = text
    jar = CookieJar()
    for line in session.commit():
        jar.store(line, "http://example.com/", now=0)

    assert {"text": text} == dict(own.open(jar.header("http://example.com/", now=0)))


def test_a_codec_that_fails_on_input_makes_a_new_session() -> None:
    class Failing(Verbatim):
        def decode(self, text: str, /) -> Any:
            raise ZeroDivisionError(text)

    cookies = header({"text": "x"}, codec=Verbatim())

    session = CookieSession(keys=KEYS, codec=Failing()).open(cookies)

    assert Outcome.MALFORMED is session.outcome


class Numbered:
    """A codec that never writes the same text, as one that encrypts."""

    def __init__(self) -> None:
        self._numbers = count()

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return f"{next(self._numbers)}.{self.canonical(contents)}"

    def decode(self, text: str, /) -> dict[str, Any]:
        return JSONCodec().decode(text.partition(".")[2])

    def canonical(self, contents: Mapping[str, Any], /) -> str:
        return JSONCodec().encode(contents)


def test_a_codec_that_never_writes_the_same_text_says_otherwise_what_changed() -> None:
    own = CookieSession(keys=KEYS, codec=Numbered())
    cookies = cookie_header(own.encode({"list": []}))
    same, changed = own.open(cookies), own.open(cookies)

    same["list"].extend([])
    changed["list"].append(1)

    assert [] == same.commit()
    assert {"list": [1]} == own.decode(changed.commit())


def test_a_codec_that_returns_no_dict_makes_a_new_session() -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())

    assert Outcome.MALFORMED is own.open(cookie_header(own.encode({"text": "list"}))).outcome


def test_a_value_that_no_codec_of_ours_wrote_is_not_sent_again() -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())
    value = "tab\there \x01"
    session = own.open(signed(value, OLDER))

    assert value == session["text"]
    assert [] == session.commit()
    assert Written.REFUSED is session.written


# --- signers of the application's own --------------------------------------------------------


class Reversing:
    """A signer that is no Keygrip."""

    def sign(self, data: str | bytes) -> str:
        return "".join(reversed(str(data))).replace("=", "_")

    def index(self, data: str | bytes, digest: str) -> int:
        return 0 if digest == self.sign(data) else -1


def test_any_object_that_signs_and_finds_the_key_will_do() -> None:
    own = CookieSession(keys=Reversing())

    assert {"user": 7} == own.decode(own.encode({"user": 7}))
    assert {"session": "e30=", "session.sig": "_03e_noisses"} == own.encode({})


def test_a_signer_cannot_write_what_breaks_the_header() -> None:
    class Breaking(Reversing):
        def sign(self, data: str | bytes) -> str:
            return f"{super().sign(data)}\r\nSet-Cookie: a=b"

    with pytest.raises(ConfigurationError, match="cookie value"):
        CookieSession(keys=Breaking()).encode({"user": 7})


def test_a_signer_is_asked_once_about_each_signature_and_about_nothing_else() -> None:
    asked: list[str] = []

    class Asked(Reversing):
        def index(self, data: str | bytes, digest: str) -> int:
            asked.append(digest)
            return super().index(data, digest)

    own = CookieSession(keys=Asked())

    assert own.decode({"session": VALUE, "session.sig": ""}) is None
    assert own.decode(f"session={VALUE}") is None
    assert own.decode(f"session={VALUE}; session.sig=a; session.sig=; session.sig=b") is None
    assert own.decode(f"session={VALUE}; session.sig=; session.sig=c") is None
    assert ["a", "b", "c"] == asked

"""Input that is meant to cost a server time, memory or a crash.

The tests count work and measure no time: characters that are searched or copied, bytes that are
hashed.
"""

from __future__ import annotations

import base64
import inspect
import json
import sys
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from cookiesession_core import CookieSession, JSONCodec, Keygrip, Outcome, Session, Written
from tests.support.cookies import signed
from tests.support.keys import KEYS

KB = 1024
LIMIT = 16 * KB
"""The maximum of a header field at most servers; some allow four times as much."""

unsigned = CookieSession(signed=False, max_cookie_size=None)


class Counting(str):
    """Text that counts the characters that are searched or copied."""

    work = 0
    __slots__ = ()

    def find(self, *arguments: Any) -> int:
        found = super().find(*arguments)
        start = arguments[1] if len(arguments) > 1 else 0
        Counting.work += (len(self) if found < 0 else found) - start + 1
        return found

    def rfind(self, *arguments: Any) -> int:
        Counting.work += arguments[2] - arguments[1]
        return super().rfind(*arguments)

    def __getitem__(self, index: Any) -> str:
        part = Counting(super().__getitem__(index))
        Counting.work += len(part)
        return part

    def strip(self, *arguments: Any) -> str:
        Counting.work += len(self)
        return super().strip(*arguments)


@attrs.define
class CountingSigner:
    """Signs as Keygrip does, and counts the signatures and the bytes that it verifies."""

    grip: Keygrip = attrs.field(factory=lambda: Keygrip(KEYS))
    calls: int = 0
    hashed: int = 0

    def sign(self, data: str | bytes) -> str:
        return self.grip.sign(data)

    def index(self, data: str | bytes, digest: str) -> int:
        self.calls += 1
        self.hashed += len(data)
        return self.grip.index(data, digest)


def repeated(unit: str) -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit))


def few_large(values: int, signatures: int, unit: str = "A") -> Callable[[int], str]:
    def header(size: int) -> str:
        filling = repeated(unit)(size // (values + signatures) - len("session.sig=; "))
        return "; ".join([f"session={filling}"] * values + [f"session.sig={filling}"] * signatures)

    return header


HOSTILE: dict[str, Callable[[int], str]] = {
    **{
        unit: repeated(unit)
        for unit in (
            *(
                ";",
                "; ",
                " ",
                "  ;",
                "=",
                '"',
                "\\",
                ",",
                "\0",
                "\t",
                "\xa0",
                "\xe2\x80\x80",
                "a=b; ",
            ),
            *(
                "session",
                "xsession=",
                " session=",
                ";session=",
                "session=;",
                "; session=",
                "session==",
            ),
            *('session="', "session=x; ", "session.sig=y; ", "session=x; session.sig=y; "),
            *("a session=x;", "session.sig.sig=; ", "\xa0session=x; ", "session=session.sig=; "),
            *("%", "session=%41; ", "session=%; session.sig=%; ", "session=%2; session.sig=%zz; "),
        )
    },
    "one value": few_large(1, 0),
    "one signature": few_large(0, 1),
    "one of each": few_large(1, 1),
    "four of each": few_large(4, 4),
    "a hundred of each": few_large(100, 100),
    "four of each, percent-encoded": few_large(4, 4, "%41"),
    "four of each, of percent signs": few_large(4, 4, "%"),
    "four of each, percent-encoded twice": few_large(4, 4, "%2541"),
    "names behind spaces": lambda size: " " * (size // 2) + repeated(" session=;")(size // 2),
    "names behind no separator": lambda size: (
        ";" + " " * (size // 2) + "x" + "session=" * (size // 16)
    ),
}


@pytest.mark.parametrize("header", HOSTILE.values(), ids=[repr(name) for name in HOSTILE])
def test_the_work_on_a_hostile_header_is_linear_and_bounded(header: Callable[[int], str]) -> None:
    def work(size: int) -> tuple[int, int]:
        Counting.work, signer = 0, CountingSigner()
        text = Counting(header(size))
        session = CookieSession(keys=signer).open(text)
        assert session.is_new
        session.commit()
        assert session.written is Written.NOTHING
        # Each of four values is hashed once for each of four signatures, and once more if one of
        # them may be percent-encoded.
        rounds = 2 if "%" in text else 1
        assert signer.calls <= 16 * rounds
        assert signer.hashed <= (4 * len(text) + 16 * len("session=")) * rounds
        return Counting.work, signer.hashed

    searched, hashed = work(LIMIT)
    assert searched <= 10 * LIMIT
    much_searched, much_hashed = work(4 * LIMIT)
    assert much_searched <= 4.2 * searched + KB
    assert much_hashed <= 4.2 * hashed + KB


@pytest.mark.parametrize(("value", "tries"), [("x", 16), ("x%20", 32)])
def test_several_fields_are_as_bounded_as_one(value: str, tries: int) -> None:
    signer = CountingSigner()

    session = CookieSession(keys=signer).open([f"session={value}", b"session.sig=y"] * 1000)

    assert session.is_new
    assert tries == signer.calls


@pytest.mark.parametrize(("value", "tries"), [("x", 16), ("x%20", 32)])
def test_a_keygrip_tries_no_pair_twice(
    value: str, tries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[tuple[str | bytes, str]] = []

    def index(_: Keygrip, data: str | bytes, digest: str) -> int:
        tried.append((data, digest))
        return -1

    monkeypatch.setattr(Keygrip, "index", index)
    header = "; ".join(f"session={value}{n}; session.sig={n}" for n in range(9))

    assert CookieSession(keys=KEYS).open(header).is_new
    assert tries == len(tried) == len(set(tried))


def test_only_text_that_verified_is_decoded() -> None:
    class Untouchable(JSONCodec):
        def decode(self, text: str, /) -> dict[str, Any]:
            raise AssertionError(len(text))

    configured = CookieSession(keys=KEYS, codec=Untouchable())
    for header in HOSTILE.values():
        assert configured.open(header(LIMIT)).outcome is not Outcome.MALFORMED
        assert configured.decode(header(LIMIT)) is None


def wrapped(json_bytes: bytes) -> str:
    return base64.b64encode(b'{"a":' + json_bytes + b"}").decode()


MANY_KEYS = {f"key {n * (2**61 - 1)}": n for n in range(1500)}
BOMBS = {
    "nested lists": (wrapped(b"[" * 20_000 + b"]" * 20_000), Outcome.MALFORMED),
    "nested objects": (wrapped(b'{"a":' * 9000 + b"1" + b"}" * 9000), Outcome.MALFORMED),
    "lists without an end": (wrapped(b"[" * 40_000), Outcome.MALFORMED),
    "nested just deep enough": (wrapped(b"[" * 499 + b'"1.0"' + b"]" * 499), Outcome.LOADED),
    "nested one level more": (wrapped(b"[" * 500 + b'"1.0"' + b"]" * 500), Outcome.MALFORMED),
    "a huge integer": (wrapped(b"9" * 40_000), Outcome.MALFORMED),
    "an integer with all digits that are allowed": (wrapped(b"9" * 4300), Outcome.LOADED),
    "a huge exponent": (wrapped(b"1e999999999"), Outcome.LOADED),
    "a huge fraction": (wrapped(b"0." + b"1" * 40_000), Outcome.LOADED),
    "a tiny number": (wrapped(b"1e-999999999"), Outcome.LOADED),
    "NaN": (wrapped(b"NaN"), Outcome.MALFORMED),
    "a byte order mark": (base64.b64encode(b"\xef\xbb\xbf{}").decode(), Outcome.MALFORMED),
    "UTF-16": (base64.b64encode('{"a":1}'.encode("utf-16")).decode(), Outcome.MALFORMED),
    "bytes that are not UTF-8": (wrapped(b'"\xff\xc0\x80\xed\xa0\x80"'), Outcome.LOADED),
    "lone surrogates": (wrapped(b'["\\ud800", "\\udfff", {"\\ud800": 1}]'), Outcome.LOADED),
    "one key, again and again": (
        base64.b64encode(b"{" + b'"a":[],' * 5000 + b'"a":1}').decode(),
        Outcome.LOADED,
    ),
    # As integers, all these would fall into one slot; text is hashed with a secret of the process.
    "many keys": (wrapped(json.dumps(MANY_KEYS).encode()), Outcome.LOADED),
    "many names that are integers": (
        wrapped(json.dumps(dict.fromkeys(range(3000, 0, -1), 0)).encode()),
        Outcome.LOADED,
    ),
    "escapes": (wrapped(b'"' + b"\\u0000" * 7000 + b'"'), Outcome.LOADED),
    "white space": (base64.b64encode(b" " * 40_000 + b"{}").decode(), Outcome.LOADED),
    "no base64 at all": ("\xff" * 40_000, Outcome.MALFORMED),
    "padding": ("=" * 40_000, Outcome.MALFORMED),
    "nothing": ("", Outcome.ABSENT),
}


@pytest.mark.parametrize(("value", "outcome"), BOMBS.values(), ids=BOMBS)
def test_reading_a_harmful_payload_never_fails(value: str, outcome: Outcome) -> None:
    for configured in (unsigned, CookieSession(keys=KEYS)):
        session = configured.open(signed(value))
        assert outcome is session.outcome
        look_at(session)
        assert [] == session.commit()
        assert Written.NOTHING is session.written


def called_deep(frames: int, act: Callable[[], object]) -> object:
    return called_deep(frames - 1, act) if frames > 0 else act()


@pytest.mark.parametrize("value", [b"1", b"1.0", b'"\\ud800"'])
def test_what_is_read_can_be_written_however_deep_the_stack_is(value: bytes) -> None:
    header = signed(wrapped(b"[" * 499 + value + b"]" * 499))
    free = sys.getrecursionlimit() - len(inspect.stack(0))

    def read_and_commit() -> None:
        session = unsigned.open(header)
        assert Outcome.MALFORMED is session.outcome or list is type(session["a"])
        session.commit()

    for left in [*range(100, 480, 20), *range(480, 540)]:
        called_deep(free - left, read_and_commit)


def look_at(session: Session) -> None:
    """Take everything out of a session, as an application that reads it would."""
    repr(session)
    for key in session:
        session.get(key)
        session[key]
    assert not session.is_changed or session.is_new


@pytest.mark.parametrize(
    "value", [value for value, outcome in BOMBS.values() if outcome is Outcome.LOADED]
)
def test_a_loaded_session_can_be_written_again(value: str) -> None:
    session = unsigned.open(f"session={value}")
    look_at(session)

    session["more"] = 1

    (set_cookie,) = session.commit()
    assert {"more"} <= unsigned.open(set_cookie.partition(";")[0]).keys()

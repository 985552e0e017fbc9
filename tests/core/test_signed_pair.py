"""The two cookies: their signature, and codecs and signers of the application's own."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    JSONCodec,
    Keygrip,
    Outcome,
    Reading,
    SessionEncodeError,
    SignedPair,
    Timestamps,
    Written,
)
from cookiesession_core.cookies import MAX_CANDIDATES, HeaderCookies, MappingCookies
from cookiesession_core.format import Contents
from cookiesession_core.lifetime import RESERVED
from cookiesession_core.signed_pair import BoundPair, FastPair
from tests.properties.strategies import ANY_TEXT, CONTENTS
from tests.support.cookies import cookie_header, header, set_cookies, signed
from tests.support.keys import KEYS, OLDER, OTHER
from tests.support.user_agent import CookieJar

sessions = CookieSession(keys=KEYS)
VALUE, SIGNATURE = sessions.encode({"user": 7}).values()


def test_a_tossed_cookie_does_not_end_the_session() -> None:
    tossed = f"session=evil; session.sig=bad; session={VALUE}; session.sig={SIGNATURE}"

    session = sessions.open(tossed)

    assert {"user": 7} == dict(session)
    assert [] == session.commit()


def test_with_keys_an_unsigned_cookie_does_not_count() -> None:
    assert sessions.decode(CookieSession(signed=False).encode({"user": 7})) is None


def test_signatures_bind_the_name_so_cookies_cannot_be_swapped() -> None:
    value, signature = CookieSession(keys=KEYS, name="other").encode({"user": 7}).values()

    assert sessions.decode({"session": value, "session.sig": signature}) is None


def header_of(values: Sequence[str], signatures: Sequence[str]) -> str:
    pairs = [f"session={value}" for value in values]
    return "; ".join(pairs + [f"session.sig={signature}" for signature in signatures])


@pytest.mark.parametrize("values", [1, 2, 4, 5])
@pytest.mark.parametrize("signatures", [1, 2, 4, 5])
def test_four_values_and_four_signatures_are_tried(values: int, signatures: int) -> None:
    """The last ones of so many are right."""
    cookies = header_of(
        [*map(str, range(values - 1)), VALUE], [*map(str, range(signatures - 1)), SIGNATURE]
    )

    is_tried = values <= MAX_CANDIDATES and signatures <= MAX_CANDIDATES

    assert is_tried == (sessions.decode(cookies) == {"user": 7})


def test_empty_values_and_signatures_are_skipped() -> None:
    cookies = header_of(["", "", VALUE], ["", "", SIGNATURE])

    assert {"user": 7} == sessions.decode(cookies)


# --- percent-encoded pairs -------------------------------------------------------------------

ENCODED = VALUE.replace("=", "%3D")


@pytest.mark.parametrize(
    "cookies",
    [
        header_of([ENCODED], [SIGNATURE]),
        header_of([VALUE.replace("=", "%3d")], [SIGNATURE]),
        header_of([VALUE], [SIGNATURE.replace("-", "%2D").replace("_", "%5F")]),
        header_of(["".join(f"%{ord(letter):02X}" for letter in VALUE)], [SIGNATURE]),
        header_of([ENCODED], ["".join(f"%{ord(letter):02x}" for letter in SIGNATURE)]),
        header_of(["tossed", ENCODED], ["bad", SIGNATURE]),
        header_of(["%", "%%", "%3", ENCODED], ["%zz", SIGNATURE]),
    ],
)
def test_a_percent_encoded_pair_is_loaded_and_not_sent_again(cookies: str) -> None:
    session = sessions.open(cookies)

    assert {"user": 7} == dict(session)
    assert (Outcome.LOADED, 0) == (session.outcome, session.key_index)
    assert {"user": 7} == sessions.decode(cookies)
    assert [] == session.commit()


def test_a_percent_encoded_pair_of_an_older_key_is_signed_again() -> None:
    value, signature = CookieSession(keys=[OLDER]).encode({"user": 7}).values()
    session = sessions.open(header_of([value.replace("=", "%3D")], [signature]))

    assert 1 == session.key_index
    assert set_cookies({"user": 7}) == session.commit()


@pytest.mark.parametrize(
    "cookies",
    [
        header_of([ENCODED.replace("%", "%25")], [SIGNATURE]),
        header_of([ENCODED], [SIGNATURE[:-1]]),
        header_of([ENCODED], [SIGNATURE[::-1]]),
        header_of([VALUE.replace("=", "%3")], [SIGNATURE]),
        header_of([VALUE.replace("=", "%u003D")], [SIGNATURE]),
    ],
)
def test_a_percent_encoded_pair_needs_its_signature_and_is_decoded_once(cookies: str) -> None:
    assert Outcome.BAD_SIGNATURE is sessions.open(cookies).outcome


def test_a_pair_that_was_signed_with_percent_signs_is_loaded_as_it_is() -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())

    assert {"text": "100%25"} == own.decode(own.encode({"text": "100%25"}))


def test_a_value_that_holds_no_session_after_decoding_is_malformed() -> None:
    signature = signed("bogus=").partition("session.sig=")[2]

    assert Outcome.MALFORMED is sessions.open(header_of(["bogus%3D"], [signature])).outcome


@pytest.mark.parametrize(("values", "count"), [(["a", "b", "c", "d"], 16), (["a", "%"], 16)])
def test_more_signatures_are_made_only_for_a_percent_sign(values: list[str], count: int) -> None:
    asked: list[str] = []

    class Asked(Reversing):
        def index(self, data: str | bytes, digest: str) -> int:
            asked.append(f"{data!s} {digest}")
            return -1

    own = CookieSession(keys=Asked())

    assert own.decode(header_of(values, ["1", "2", "3", "4"])) is None
    assert count == len(asked)


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
def test_a_codec_cannot_write_a_value_that_breaks_the_header_or_would_not_come_back(
    text: str,
) -> None:
    session = CookieSession(keys=KEYS, codec=Verbatim()).open()
    session["text"] = text

    with pytest.raises(ConfigurationError, match=r"cookie value (must be text|that would not)"):
        session.commit()


def test_a_codec_whose_value_would_not_come_back_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"Verbatim\.encode returned .* come back.* empty"):
        CookieSession(keys=KEYS, codec=Verbatim()).encode({"text": ""})


@pytest.mark.parametrize("text", ["XX", "a b", 'a"b', "a,b", "é", "a\\b", "%22", "a=b"])
def test_a_codecs_value_that_a_browser_carries_comes_back(text: str) -> None:
    own = CookieSession(keys=KEYS, codec=Verbatim())
    session = own.open()
    session["text"] = text
    jar = CookieJar()
    for value in session.commit():
        jar.store(value, "http://example.com/", now=0)

    assert {"text": text} == dict(own.open(jar.header("http://example.com/", now=0)))


def test_a_codec_that_fails_on_input_makes_a_new_session() -> None:
    class Failing(Verbatim):
        def decode(self, text: str, /) -> Any:
            raise ZeroDivisionError(text)

    cookies = header({"text": "x"}, codec=Verbatim())

    session = CookieSession(keys=KEYS, codec=Failing()).open(cookies)

    assert Outcome.MALFORMED is session.outcome


def test_contents_that_are_not_a_dict_are_malformed_and_the_reason_names_their_type() -> None:
    cookies = CookieSession(keys=[OLDER], codec=Verbatim()).encode({"text": "list"})

    reading = SignedPair(KEYS, Verbatim()).bound("session").read(MappingCookies(cookies), time.time)

    assert Outcome.MALFORMED is reading.outcome
    assert "list in the place of a dict" == reading.reason
    assert 1 == reading.key_index


class Encrypting:
    """A codec with two methods that never writes the same text, like one that encrypts."""

    def __init__(self) -> None:
        self._numbers = count()

    def encode(self, contents: Mapping[str, Any], /) -> str:
        return f"{next(self._numbers)}.{JSONCodec().encode(contents)}"

    def decode(self, text: str, /) -> dict[str, Any]:
        return JSONCodec().decode(text.partition(".")[2])


ENCRYPTING: list[dict[str, Any]] = [
    {},
    {"idle_timeout": 3600},
    {"idle_timeout": 3600, "absolute_timeout": 7200},
]


@pytest.mark.parametrize("options", ENCRYPTING)
@pytest.mark.parametrize(
    "read",
    [
        lambda s: s["list"],
        lambda s: s["list"].extend([]),
        lambda s: s.update(s.copy()),
        lambda s: s.__setitem__("pair", (1, 2)),
        lambda s: s.__setitem__("inner", {"a": 1, "b": [True, None]}),
        lambda s: s["inner"]["b"].append(s["inner"]["b"].pop()),
        lambda s: s["inner"].update(a=1.0),  # JSON has 1 for it
        lambda s: s["list"].append(1) or s.__setitem__("list", []),
    ],
)
def test_reading_sends_nothing_if_the_codec_never_writes_the_same_text(
    options: dict[str, Any], read: Any
) -> None:
    own = CookieSession(keys=KEYS, codec=Encrypting(), **options)
    contents = {"list": [], "pair": [1, 2], "inner": {"a": 1, "b": [True, None]}}
    session = own.open(own.cookie_header(contents))

    read(session)

    assert not session.is_changed
    assert [] == session.commit()


@pytest.mark.parametrize("options", ENCRYPTING)
@pytest.mark.parametrize(
    ("write", "contents"),
    [
        (lambda s: s["list"].append(1), {"list": [1], "inner": {"a": 1, "b": 2}}),
        (lambda s: s["inner"].pop("a"), {"list": [], "inner": {"b": 2}}),
        (lambda s: s["inner"].update(a=True), {"list": [], "inner": {"a": True, "b": 2}}),
        (lambda s: s["inner"].update(a=1.5), {"list": [], "inner": {"a": 1.5, "b": 2}}),
        (
            lambda s: s["inner"].update(a=s["inner"].pop("a")),
            {"list": [], "inner": {"b": 2, "a": 1}},
        ),
        (lambda s: s.update(list={}), {"list": {}, "inner": {"a": 1, "b": 2}}),
        (lambda s: s.update(list=s.pop("list")), {"inner": {"a": 1, "b": 2}, "list": []}),
    ],
)
def test_a_change_is_sent_if_the_codec_never_writes_the_same_text(
    options: dict[str, Any], write: Any, contents: dict[str, Any]
) -> None:
    own = CookieSession(keys=KEYS, codec=Encrypting(), **options)
    session = own.open(own.cookie_header({"list": [], "inner": {"a": 1, "b": 2}}))

    write(session)

    assert session.is_changed
    saved = own.decode(session.commit())
    assert json.dumps(contents) == json.dumps(saved)
    assert Written.SAVED is session.written


def test_the_session_counts_as_changed_if_the_codec_cannot_read_twice() -> None:
    class Once(Encrypting):
        def __init__(self) -> None:
            super().__init__()
            self.has_read = False

        def decode(self, text: str, /) -> dict[str, Any]:
            if self.has_read:
                raise LookupError
            self.has_read = True
            return super().decode(text)

    own = CookieSession(keys=KEYS, codec=Once())
    session = own.open(own.cookie_header({"list": []}))

    session["list"]

    session.commit()
    assert Written.SAVED is session.written


class KeepingTuples(JSONCodec):
    """Writes a tuple as an object, and reads it as a tuple."""

    def to_json(self, contents: dict[str, Any], /) -> bytes:
        return super().to_json({key: self._with_mark(value) for key, value in contents.items()})

    def from_json(self, json_bytes: bytes, /) -> dict[str, Any]:
        contents = super().from_json(json_bytes)
        return {key: self._without_mark(value) for key, value in contents.items()}

    def from_base64(self, text: str, /) -> tuple[dict[str, Any], bytes]:
        _, json_bytes = super().from_base64(text)
        return self.from_json(json_bytes), json_bytes

    @staticmethod
    def _with_mark(value: Any) -> Any:
        return {"tuple": value} if isinstance(value, tuple) else value

    @staticmethod
    def _without_mark(value: Any) -> Any:
        return tuple(value["tuple"]) if isinstance(value, dict) else value


@pytest.mark.parametrize("options", ENCRYPTING)
@pytest.mark.parametrize(("before", "after"), [([1], (1,)), ((1,), [1])])
def test_a_list_in_the_place_of_a_tuple_is_sent_if_the_codec_keeps_both(
    options: dict[str, Any], before: Any, after: Any
) -> None:
    own = CookieSession(keys=KEYS, codec=KeepingTuples(), **options)
    session = own.open(own.cookie_header({"a": before, "b": before}))
    session["a"] = after

    saved = own.decode(session.commit())

    assert {"a": after, "b": before} == saved


class Counting(JSONCodec):
    """Counts how often contents are encoded."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class CountingEncode(Counting):
    """Goes the plain way, because it has a method of its own."""

    __slots__ = ()

    def encode(self, contents: Mapping[str, Any], /) -> str:
        self.count += 1
        return super().encode(contents)


class CountingJSON(Counting):
    """Goes the fast way."""

    __slots__ = ()

    def to_json(self, contents: dict[str, Any], /) -> bytes:
        self.count += 1
        return super().to_json(contents)


@pytest.mark.parametrize("options", ENCRYPTING)
@pytest.mark.parametrize("codec", [CountingEncode, CountingJSON])
def test_a_session_that_was_only_read_is_encoded_once_before_the_headers(
    codec: type[Counting], options: dict[str, Any]
) -> None:
    counting = codec()
    own = CookieSession(keys=KEYS, codec=counting, **options)
    cookies = own.cookie_header({"cart": [1, 2], "user": {"id": 7}})

    for read, expected in (
        (lambda s: s.get("missing"), 0),
        (lambda s: s["cart"], 1),
        (lambda s: [s["cart"], s["user"], dict(s)], 1),
    ):
        counting.count = 0
        session = own.open(cookies)
        read(session)
        assert [] == session.commit()
        assert expected == counting.count


@pytest.mark.parametrize("options", ENCRYPTING)
def test_a_session_that_was_written_is_encoded_once_on_the_fast_way(
    options: dict[str, Any],
) -> None:
    counting = CountingJSON()
    own = CookieSession(keys=KEYS, codec=counting, **options)
    cookies = own.cookie_header({"cart": [1, 2], "views": 1})

    counting.count = 0
    session = own.open(cookies)
    session["views"] += 1
    session["cart"].append(3)
    assert session.commit()

    assert 1 == counting.count


def test_a_codec_that_returns_something_else_than_a_dict_makes_a_new_session() -> None:
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
    """A signer that is not a Keygrip."""

    def sign(self, data: str | bytes) -> str:
        return "".join(reversed(str(data))).replace("=", "_")

    def index(self, data: str | bytes, digest: str) -> int:
        return 0 if digest == self.sign(data) else -1


def test_any_object_with_sign_and_index_is_a_signer() -> None:
    own = CookieSession(keys=Reversing())

    assert {"user": 7} == own.decode(own.encode({"user": 7}))
    assert {"session": "e30=", "session.sig": "_03e_noisses"} == own.encode({})


def test_a_signer_cannot_write_a_signature_that_breaks_the_header() -> None:
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


# --- the plain way and the fast way answer alike ---------------------------------------------

RECORDED = json.loads(
    (Path(__file__).parents[1] / "node" / "vectors" / "data" / "session.json").read_text("utf-8")
)
KEYGRIP = Keygrip(KEYS)
PLAIN, FAST = BoundPair("session", JSONCodec(), KEYGRIP), FastPair("session", JSONCodec(), KEYGRIP)
TIMESTAMPS = [
    None,
    Timestamps(),
    Timestamps(written=1_700_000_000_000, end=1_700_003_600_000),
    Timestamps(1_700_000_000_000, 1_700_000_000_001, 1_700_003_600_000, until_browser_closes=True),
    Timestamps(start=1_700_000_000_000.0),
]


def recorded_headers() -> list[str]:
    """Return the Cookie headers of the recorded cases, and their values signed by our keys."""
    headers = []
    for case in RECORDED["cases"]:
        if isinstance(case["cookie"], str):
            value = HeaderCookies(case["cookie"]).first("session")
            headers += [case["cookie"], signed(value or ""), signed(value or "", OLDER)]
    return headers


HEADERS = [
    "",
    "session=; session.sig=x",
    f"session={VALUE}",
    f"session={VALUE}; session.sig={SIGNATURE}",
    f'session="{VALUE}"; session.sig="{SIGNATURE}"',
    f"session=evil; session.sig=bad; session={VALUE}; session.sig={SIGNATURE}",
    header_of([ENCODED], [SIGNATURE]),
    header_of(["", VALUE], ["", SIGNATURE]),
    signed("bogus"),
    signed(""),
    header({"user": 7}, OLDER),
    header({"user": 7}, OTHER),
    "session=\u2603; session.sig=\xe9",
]


def told(reading: Reading) -> tuple[Any, ...]:
    """Return everything of a reading but the payload, whose type differs between the two ways."""
    contents = json.dumps(reading.contents)
    return (
        *(reading.outcome, reading.reason, contents, reading.key_index, reading.is_stale),
        reading.timestamps,
    )


def answer(call: Callable[[], Any]) -> Any:
    """Return the result of a call, or a description of its error."""
    try:
        return call()
    except SessionEncodeError as error:
        return error.path, error.type_name, error.reason


def unchanged(bound: BoundPair, cookies: str, contents: dict[str, Any]) -> Any:
    reading = bound.read(HeaderCookies(cookies), lambda: 0)
    if reading.outcome is not Outcome.LOADED:
        return None
    return answer(lambda: bound.unchanged(reading, bound.payload(Contents(contents))))


def same_in_the_end(contents: dict[str, Any]) -> list[dict[str, Any]]:
    """Return contents that look alike; some of them count as equal."""
    return [
        contents,
        dict(reversed(contents.items())),
        {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in contents.items()
        },
        {key: int(value) if value is True else value for key, value in contents.items()},
        {**contents, "one more": None},
        {},
    ]


@pytest.mark.parametrize("cookies", [*HEADERS, *recorded_headers()])
def test_both_ways_read_alike_and_find_the_same_changes(cookies: str) -> None:
    plain = PLAIN.read(HeaderCookies(cookies), lambda: 0)
    fast = FAST.read(HeaderCookies(cookies), lambda: 0)

    assert told(plain) == told(fast)
    for contents in same_in_the_end(plain.contents):
        assert unchanged(PLAIN, cookies, contents) == unchanged(FAST, cookies, contents)


def seal(
    bound: BoundPair, contents: dict[str, Any], timestamps: Timestamps | None
) -> tuple[str, ...]:
    return bound.seal(bound.payload(Contents(contents)), timestamps)


def check_writing(contents: dict[str, Any]) -> None:
    for timestamps in TIMESTAMPS:
        plain, fast = (
            answer(partial(seal, bound, contents, timestamps)) for bound in (PLAIN, FAST)
        )
        assert plain == fast
        if isinstance(plain[0], str) and len(plain) == len(PLAIN.names):
            cookies = "; ".join(
                f"{name}={value}" for name, value in zip(PLAIN.names, plain, strict=True)
            )
            loaded = [
                told(bound.read(HeaderCookies(cookies), lambda: 0)) for bound in (PLAIN, FAST)
            ]
            assert loaded[0] == loaded[1]


@pytest.mark.parametrize(
    "contents",
    [
        {},
        {"user": 7, "name": "Zoë"},
        {"2": 1, "1": 2, "a": 3},
        {"n": 1.0, "big": 10**30, "small": 1e-7},
        {"list": [1, (2, 3)], "inner": {"a": None}},
        {"wrong": {1}},
        {1: "x"},
        {"_expire": 1},
        {"$start": "mine", "a": 1},
    ],
)
def test_both_ways_write_alike(contents: dict[str, Any]) -> None:
    check_writing(contents)


def test_both_ways_expire_alike() -> None:
    assert PLAIN.expired() == FAST.expired()


@given(CONTENTS, CONTENTS)
def test_both_ways_answer_alike_to_any_contents(
    contents: dict[str, Any], other: dict[str, Any]
) -> None:
    check_writing(contents)
    cookies = header(contents)
    assert told(PLAIN.read(HeaderCookies(cookies), lambda: 0)) == told(
        FAST.read(HeaderCookies(cookies), lambda: 0)
    )
    for compared in (*same_in_the_end(contents), other):
        assert unchanged(PLAIN, cookies, compared) == unchanged(FAST, cookies, compared)


@given(ANY_TEXT, ANY_TEXT)
def test_both_ways_answer_alike_to_any_cookies(value: str, signature: str) -> None:
    for cookies in (
        f"session={value}; session.sig={signature}",
        signed(value.replace(";", "").replace('"', "")),
    ):
        plain, fast = (
            told(bound.read(HeaderCookies(cookies), lambda: 0)) for bound in (PLAIN, FAST)
        )
        assert plain == fast


@pytest.mark.parametrize("idle", [None, 3600])
@given(contents=CONTENTS)
def test_both_ways_find_timestamps_alike(idle: int | None, contents: dict[str, Any]) -> None:
    """Timestamps do not count as a change, whoever wrote them."""
    options: dict[str, Any] = {"idle_timeout": idle, "absolute_timeout": 7200}
    fast = CookieSession(keys=KEYS, **options)
    plain = CookieSession(keys=KEYS, codec=CountingEncode(), **options)
    own = {key: value for key, value in contents.items() if key not in RESERVED}
    cookies = fast.cookie_header(own)

    for sessions in (fast, plain):
        session = sessions.open(cookies)
        session.copy()
        assert not session.is_changed
        session["one more"] = None
        assert session.is_changed


def test_the_fast_way_is_for_our_json_and_our_signer_alone() -> None:
    def way(keys: Any, codec: Any = None) -> type:
        return type(SignedPair(keys, codec).bound("session"))

    assert FastPair is way(KEYS) is way(Keygrip(KEYS), CountingJSON())
    assert BoundPair is way(KEYS, CountingEncode()) is way(Reversing()) is way(KEYS, Verbatim())


# --- the format itself -----------------------------------------------------------------------


def test_it_shows_no_key() -> None:
    assert "<SignedPair, JSONCodec, <Keygrip sha1, 2 keys>>" == repr(SignedPair(KEYS))
    assert "<SignedPair, JSONCodec, None>" == repr(SignedPair(None))


def test_it_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="a SignedPair cannot be pickled"):
        pickle.dumps(SignedPair(KEYS))


def test_it_can_be_bound_to_several_names() -> None:
    pair = SignedPair(KEYS)
    site, shop = CookieSession(format=pair, name="site"), CookieSession(format=pair, name="shop")

    assert ("site", "site.sig") == site.cookie_names
    assert {"user": 7} == site.decode(site.encode({"user": 7}))
    assert shop.decode(site.encode({"user": 7})) is None


def test_the_timestamps_also_stand_in_a_cookie_without_a_signature() -> None:
    bound = SignedPair(None).bound("session")

    (value,) = bound.seal(bound.payload(Contents({"user": 7})), Timestamps(end=2))

    assert {"user": 7, "_expire": 2} == JSONCodec().decode(value)

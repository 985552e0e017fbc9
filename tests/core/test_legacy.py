"""Sessions of another library. A reader of the test stands for that library."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    JSONCodec,
    Keygrip,
    LegacyReader,
    Outcome,
    RequestCookies,
    Session,
    SessionCommittedError,
    Written,
)
from tests.support.cookies import GONE, header, set_cookies
from tests.support.keys import KEYS, OLDER, OTHER
from tests.support.toy_format import ToyFormat
from tests.support.user_agent import CookieJar

NOW = 1_700_000_000.0
URL = "http://127.0.0.1/"


class Plain:
    """Reads ``valid.`` and JSON. The tests of real libraries are in tests/legacy."""

    def __init__(self, name: str = "old", **options: Any) -> None:
        self.names = [name]
        self.options = CookieOptions(**options)
        self.asked: list[str] = []

    def read(self, cookies: RequestCookies, /) -> Mapping[str, Any] | None:
        for value in self.values(cookies):
            self.asked.append(value)
            mark, _, text = value.partition(".")
            if mark == "valid":
                contents: Mapping[str, Any] = json.loads(text)
                return contents
        return None

    def values(self, cookies: RequestCookies) -> Iterable[str]:
        return cookies.candidates(self.names[0])


def legacy_value(contents: Any) -> str:
    return f"valid.{json.dumps(contents, separators=(',', ':'))}"


def opened(cookies: str, *readers: LegacyReader, https: bool = False, **options: Any) -> Session:
    return CookieSession(keys=KEYS, legacy=readers, **options).open(cookies, https=https)


LEGACY = f"old={legacy_value({'user': 7})}"
END = f"old=; path=/; {GONE}; httponly"
OURS = header({"user": 8})
VALUE, SIGNATURE = OURS.split("; ")


# --- migrated --------------------------------------------------------------------------------


def test_a_session_of_the_legacy_library_is_loaded() -> None:
    session = opened(LEGACY, Plain())

    assert {"user": 7} == session
    assert (Outcome.LOADED, None) == (session.outcome, session.key_index)
    assert (False, False, True) == (session.is_new, session.is_changed, session.is_populated)


def test_reading_alone_migrates_the_session() -> None:
    session = opened(LEGACY, Plain())

    assert 7 == session["user"]
    assert [END, *set_cookies({"user": 7})] == session.commit()
    assert Written.RESIGNED is session.written


def test_a_session_that_our_own_format_cannot_write_is_not_migrated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Unable:
        def sign(self, data: str | bytes, /) -> str:  # noqa: ARG002 - a Signer's
            raise ConfigurationError

        def index(self, data: str | bytes, digest: str, /) -> int:  # noqa: ARG002 - a Signer's
            return -1

    session = CookieSession(keys=Unable(), legacy=[Plain()]).open(LEGACY)

    assert Outcome.ABSENT is session.outcome
    assert "was not migrated from the legacy cookie 'old'" in caplog.text


def test_a_change_is_saved_in_our_format() -> None:
    session = opened(LEGACY, Plain())
    session["views"] = 1

    assert [END, *set_cookies({"user": 7, "views": 1})] == session.commit()
    assert Written.SAVED is session.written


def test_a_nested_change_is_saved_in_our_format() -> None:
    session = opened(f"old={legacy_value({'cart': ['tea']})}", Plain())
    session["cart"].append("milk")

    assert [END, *set_cookies({"cart": ["tea", "milk"]})] == session.commit()
    assert Written.SAVED is session.written


def test_an_emptied_session_is_saved_empty() -> None:
    session = opened(LEGACY, Plain())
    del session["user"]

    assert [END, *set_cookies({})] == session.commit()


def test_an_untouched_session_asks_no_reader_and_sends_nothing() -> None:
    reader = Plain()
    session = opened(LEGACY, reader)

    assert [] == session.commit()
    assert (Written.NOTHING, []) == (session.written, reader.asked)
    assert 7 == session["user"]
    assert not session.is_new


def test_committing_twice_sends_the_same_once() -> None:
    session = opened(LEGACY, Plain())
    session["views"] = 1
    sent = session.commit(["a=1"])

    assert ["a=1", END, *set_cookies({"user": 7, "views": 1})] == sent
    assert sent == session.commit(sent)
    assert sent == session.commit(["a=1"])
    with pytest.raises(SessionCommittedError):
        session["views"] = 2


@pytest.mark.parametrize("contents", [{}, {"n": 1.0}, {"ä": ["€", None]}, {"2": 1, "1": 2}])
def test_migrated_contents_equal_those_of_our_own_cookie(contents: dict[str, Any]) -> None:
    session = opened(f"old={legacy_value(contents)}", Plain())

    assert contents == session
    assert session.copy() == contents
    assert not session.is_changed
    assert [END, *set_cookies(contents)] == session.commit()


# --- when readers are asked ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "outcome"),
    [
        (OURS, Outcome.LOADED),
        (header({"user": 8}, OLDER), Outcome.LOADED),
        (header({"user": 8}, OTHER), Outcome.BAD_SIGNATURE),
        (f"{VALUE}; session.sig=junk", Outcome.BAD_SIGNATURE),
    ],
)
def test_no_reader_is_asked_beside_a_pair_of_ours(ours: str, outcome: Outcome) -> None:
    reader = Plain()
    for received in (f"{LEGACY}; {ours}", f"{ours}; {LEGACY}"):
        session = opened(received, reader)

        assert outcome is session.outcome
        assert session.get("user") != 7
    assert [] == reader.asked


def test_no_reader_is_asked_for_a_pair_of_ours_that_is_malformed_expired_or_refused() -> None:
    reader = Plain()
    clock = [NOW]
    sessions = CookieSession(
        keys=KEYS,
        legacy=[reader],
        idle_timeout=60,
        validate=lambda contents: "refused" not in contents,
        clock=lambda: clock[0],
    )
    fresh, refused = (sessions.encode(contents) for contents in ({"a": 1}, {"refused": 1}))
    malformed = {"session": "x", "session.sig": Keygrip(KEYS).sign("session=x")}
    clock[0] += 3600
    outcomes = [
        sessions.open([LEGACY, *(f"{name}={value}" for name, value in pair.items())]).outcome
        for pair in (fresh, malformed)
    ]
    clock[0] -= 3600
    last = sessions.open([LEGACY, *(f"{name}={value}" for name, value in refused.items())]).outcome

    assert [Outcome.EXPIRED, Outcome.MALFORMED, Outcome.REFUSED] == [*outcomes, last]
    assert [] == reader.asked


@pytest.mark.parametrize("ours", ["", "; session.sig=x", f"; {VALUE}", f"; {VALUE}; session.sig="])
def test_half_a_pair_of_ours_does_not_count(ours: str) -> None:
    assert {"user": 7} == opened(LEGACY + ours, Plain())


@pytest.mark.parametrize(
    ("ours", "outcome"),
    [("", Outcome.ABSENT), (f"; {VALUE}", Outcome.UNSIGNED)],
)
def test_a_legacy_cookie_that_no_reader_verifies_does_not_change_the_outcome(
    ours: str, outcome: Outcome
) -> None:
    session = opened(f"old=invalid.{{}}{ours}", Plain())

    assert outcome is session.outcome
    assert session.is_new
    assert [] == session.commit()


def test_readers_are_asked_in_order_until_one_verifies() -> None:
    first, second, third = Plain("a"), Plain("b"), Plain("c")
    session = opened('a=no; c=valid.{"n":3}; b=no; b=valid.{"n":2}', first, second, third)

    assert {"n": 2} == session
    assert (["no"], ["no", 'valid.{"n":2}'], []) == (first.asked, second.asked, third.asked)


def test_at_most_four_cookies_of_a_name_are_tried() -> None:
    reader = Plain()
    junk = "; ".join(f"old={number}" for number in range(9))

    assert Outcome.ABSENT is opened(f"{junk}; {LEGACY}", reader).outcome
    assert ["0", "1", "2", "3"] == reader.asked
    assert {"user": 7} == opened(f"old=1; old=2; old=3; {LEGACY}", reader)


def test_decode_reads_our_format_alone() -> None:
    sessions = CookieSession(keys=KEYS, legacy=[Plain(), Plain("session")])

    assert sessions.decode(LEGACY) is None
    assert sessions.decode({"session": legacy_value({"user": 7})}) is None


# --- beyond the signature --------------------------------------------------------------------


def test_validate_is_asked() -> None:
    def is_allowed(contents: Mapping[str, Any]) -> bool:
        return contents.get("user") in (8, 9)

    session = opened(LEGACY, Plain(), validate=is_allowed)

    assert (Outcome.REFUSED, {}) == (session.outcome, session.copy())
    assert [] == session.commit()
    assert {"user": 9} == opened(f"old={legacy_value({'user': 9})}", Plain(), validate=is_allowed)


def test_a_lifetime_begins_when_the_session_is_migrated() -> None:
    clock = [NOW]
    sessions = CookieSession(
        keys=KEYS, legacy=[Plain()], absolute_timeout=3600, clock=lambda: clock[0]
    )
    session = sessions.open(LEGACY)
    assert 7 == session["user"]
    sent = session.commit()

    assert (END, Written.REFRESHED) == (sent[0], session.written)
    assert {"user": 7} == sessions.decode(sent)
    clock[0] += 2 * 3600
    assert sessions.decode(sent) is None


# --- expired cookies -------------------------------------------------------------------------


def test_destroy_ends_the_legacy_cookie_too() -> None:
    for touch in (False, True):
        session = opened(LEGACY, Plain())
        if touch:
            assert 7 == session["user"]
        session.destroy()
        sent = session.commit()

        assert END == sent[0]
        assert [f"session=; path=/; {GONE}; httponly"] == sent[1:2]
        assert Written.EXPIRED is session.written


def test_replace_ends_the_legacy_cookie_and_migrates_nothing() -> None:
    reader = Plain()
    session = opened(LEGACY, reader)
    session.replace({"user": 9})

    assert [END, *set_cookies({"user": 9})] == session.commit()
    assert [] == reader.asked


def test_replacing_by_nothing_ends_a_session_of_the_legacy_library() -> None:
    session = opened(LEGACY, Plain())
    session.replace({})

    assert END == session.commit()[0]
    assert Written.EXPIRED is session.written


def test_a_legacy_cookie_beside_ours_ends_with_the_next_save_of_ours() -> None:
    reading, writing, leaving = (opened(f"{LEGACY}; {OURS}", Plain()) for _ in range(3))
    assert 8 == reading["user"]
    writing["views"] = 1
    leaving.destroy()

    assert [] == reading.commit()
    assert [END, *set_cookies({"user": 8, "views": 1})] == writing.commit()
    assert END == leaving.commit()[0]


def test_a_legacy_cookie_that_does_not_verify_ends_as_well() -> None:
    session = opened("old=junk", Plain())
    session["user"] = 9

    assert [END, *set_cookies({"user": 9})] == session.commit()


def test_all_legacy_cookies_of_the_request_end_and_no_others() -> None:
    readers = [Plain("a", path="/shop"), Plain("b", domain="example.com"), Plain("c"), Plain("a")]
    session = opened('a=valid.{"n":1}; b=valid.{"n":2}', *readers)
    assert 1 == session["n"]

    assert [
        f"a=; path=/shop; {GONE}; httponly",
        f"b=; path=/; {GONE}; domain=example.com; httponly",
        f"a=; path=/; {GONE}; httponly",
        *set_cookies({"n": 1}),
    ] == session.commit()


def test_two_readers_of_one_cookie_end_it_once() -> None:
    session = opened(LEGACY, Plain(), Plain())
    assert 7 == session["user"]

    assert [END, *set_cookies({"user": 7})] == session.commit()


def test_a_legacy_cookie_is_expired_with_its_own_attributes() -> None:
    reader = Plain("__Secure-old", secure=True, same_site="none", partitioned=True, max_age=60)
    session = opened('__Secure-old=valid.{"n":1}', reader, https=True)
    assert 1 == session["n"]

    end = f"__Secure-old=; path=/; {GONE}; samesite=none; secure; httponly; partitioned"
    assert end == session.commit()[0]


def test_a_legacy_cookie_follows_the_connection_when_it_is_expired() -> None:
    session = opened('__Secure-old=valid.{"n":1}', Plain("__Secure-old"), https=True)
    assert 1 == session["n"]

    assert f"__Secure-old=; path=/; {GONE}; secure; httponly" == session.commit()[0]


def test_a_secure_legacy_cookie_is_not_expired_over_plain_http() -> None:
    session = opened(LEGACY, Plain(secure=True))
    assert 7 == session["user"]

    assert set_cookies({"user": 7}) == session.commit()


def test_a_secure_legacy_cookie_is_expired_if_its_configuration_counts_all_as_https() -> None:
    """TLS ends at a proxy that does not say so; else the visitor could not log out."""
    for assume_https in (True, False):
        old = CookieSession(keys=[OTHER], name="old", secure=True, assume_https=assume_https)
        session = CookieSession(keys=KEYS, legacy=[old]).open(old.cookie_header({"user": 7}))
        session.destroy()

        ended = [value for value in session.commit() if value.startswith("old")]
        names = ["old", "old.sig"] if assume_https else []
        assert [f"{name}=; path=/; {GONE}; secure; httponly" for name in names] == ended


def test_a_legacy_cookie_is_expired_as_over_https_if_its_configuration_counts_all_as_https() -> (
    None
):
    old = CookieSession(keys=[OTHER], name="old", assume_https=True)
    session = CookieSession(keys=KEYS, legacy=[old]).open(old.cookie_header({"user": 7}))
    session.destroy()

    assert f"old=; path=/; {GONE}; secure; httponly" == session.commit()[0]


def test_no_legacy_cookie_is_expired_if_ours_cannot_be_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = opened(LEGACY, Plain(), secure=True)
    assert 7 == session["user"]

    assert [] == session.commit()
    assert Written.REFUSED is session.written
    assert "secure=True over plain HTTP" in caplog.text


def test_a_session_too_large_for_our_format_stays_in_the_legacy_cookie(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = opened(f"old={legacy_value({'text': 'x' * 4000})}", Plain())

    assert "x" * 4000 == session["text"]
    assert [] == session.commit()
    assert Written.REFUSED is session.written
    assert "was not sent again" in caplog.text


def test_reading_a_bad_signature_leaves_the_legacy_cookie_alone() -> None:
    session = opened(f"{LEGACY}; {VALUE}; session.sig=junk", Plain())
    assert not session

    assert [] == session.commit()


def test_a_header_that_can_be_read_once_is_read_once() -> None:
    parts = iter([LEGACY])
    session = CookieSession(keys=KEYS, legacy=[Plain()]).open(parts)
    assert 7 == session["user"]

    assert [END, *set_cookies({"user": 7})] == session.commit()


# --- under the name of ours ------------------------------------------------------------------

SAME = f"session={legacy_value({'user': 7})}"


def test_our_cookie_replaces_one_of_the_same_name_and_scope() -> None:
    session = opened(SAME, Plain("session"))

    assert (Outcome.LOADED, {"user": 7}) == (session.outcome, session.copy())
    assert set_cookies({"user": 7}) == session.commit()


def test_after_a_log_out_nothing_of_the_same_name_is_left() -> None:
    session = opened(SAME, Plain("session"))
    session.destroy()

    assert ["session=", "session.sig="] == [
        value[: value.index("=") + 1] for value in session.commit()
    ]


def test_no_reader_is_asked_beside_a_signature_of_ours_under_the_same_name() -> None:
    reader = Plain("session")
    for received in (f"{SAME}; {SIGNATURE}", f"{SAME}; {OURS}", f"{OURS}; {SAME}"):
        assert opened(received, reader).get("user") in (None, 8)
    assert [] == reader.asked


@pytest.mark.parametrize(
    ("legacy", "ours"),
    [
        ({"path": "/shop"}, {}),
        ({"domain": "example.com"}, {}),
        ({}, {"domain": "example.com"}),
        ({"path": "/"}, {"path": None}),
        ({"domain": ".example.com"}, {"domain": "example.com"}),
        ({}, {}),
    ],
)
def test_a_browser_keeps_one_session_in_every_combination_of_scopes(
    legacy: dict[str, Any], ours: dict[str, Any]
) -> None:
    url, jar = "https://www.example.com/shop/cart", CookieJar()
    reader = Plain("session", **legacy)
    sessions = CookieSession(keys=KEYS, legacy=[reader], **ours)
    jar.store(f"{SAME}{reader.options.attributes(https=True, now=NOW)}", url, now=NOW)

    def request(change: str = "") -> Session:
        session = sessions.open(jar.header(url, now=NOW), https=True)
        if change == "write":
            session["views"] = session.get("views", 0) + 1
        elif change == "destroy":
            session.destroy()
        session.get("user")
        for value in session.commit():
            assert jar.store(value, url, now=NOW)
        return session

    assert {"user": 7} == request()
    assert ["session", "session.sig"] == sorted(cookie.name for cookie in jar.cookies(NOW))
    assert {"user": 7, "views": 1} == request("write")
    request("destroy")
    assert [] == jar.cookies(NOW)
    assert Outcome.ABSENT is request().outcome


# --- hostile and faulty ----------------------------------------------------------------------


class Faulty:
    names = ("old",)
    options = None

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def read(self, _: RequestCookies, /) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("answer", [None, False, [1], [["user", 7]], "user", 7, object()])
def test_an_answer_that_is_not_a_mapping_is_not_a_session(answer: Any) -> None:
    assert Outcome.ABSENT is opened("old=x", Faulty(answer)).outcome


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ValueError("secret"), "ValueError: from its reader or the codec"),
        (RecursionError("secret"), "RecursionError: from its reader or the codec"),
        ({"at": {"secret"}}, "SessionEncodeError: session['at']: set is not a JSON type"),
        ({"at": float("nan")}, "session['at']"),
        ({7: "secret"}, "SessionEncodeError: session"),
    ],
)
def test_a_session_that_cannot_be_migrated_is_logged(
    answer: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = opened("old=c00kie", Faulty(answer))

    assert Outcome.ABSENT is session.outcome
    assert [] == session.commit()
    (record,) = caplog.records
    assert (logging.WARNING, "cookiesession") == (record.levelno, record.name)
    assert "a session was not migrated from the legacy cookie 'old': " in caplog.text
    assert said in caplog.text
    assert "secret" not in caplog.text
    assert "c00kie" not in caplog.text


def test_contents_that_our_own_codec_cannot_read_back_are_not_migrated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Forgetting(JSONCodec):
        def decode(self, _: str, /) -> dict[str, Any]:
            raise ValueError

    session = opened(LEGACY, Plain(), codec=Forgetting())

    assert Outcome.ABSENT is session.outcome
    assert [] == session.commit()
    assert "a session was not migrated from the legacy cookie 'old': ValueError" in caplog.text


def test_after_a_faulty_reader_the_next_one_is_asked() -> None:
    assert {"user": 7} == opened(LEGACY, Faulty(ValueError()), Plain())


def test_tuples_become_lists_as_they_would_when_saved() -> None:
    session = opened("old=x", Faulty({"pair": (1, 2)}))

    assert [1, 2] == session["pair"]
    assert not session.is_changed


def test_the_contents_are_not_shared_with_the_reader() -> None:
    kept = {"cart": ["tea"]}
    session = opened("old=x", Faulty(kept))
    session["cart"].append("milk")

    assert {"cart": ["tea"]} == kept


# --- chunks ----------------------------------------------------------------------------------


class Chunked(Plain):
    """Reads a session that may be in the cookies ``old.0``, ``old.1`` and so on."""

    def __init__(self) -> None:
        super().__init__()
        self.names += [f"old.{number}" for number in range(4)]

    def values(self, cookies: RequestCookies) -> Iterable[str]:
        yield from super().values(cookies)
        yield "".join(cookies.get(name, "") for name in self.names[1:])


def chunked(contents: Any, name: str = "old") -> str:
    value = legacy_value(contents)
    return f"{name}.1={value[5:]}; {name}.0={value[:5]}"


def test_a_session_in_chunks_is_loaded() -> None:
    reader = Chunked()
    session = opened(chunked({"user": 7}), reader)

    assert {"user": 7} == session
    assert [legacy_value({"user": 7})] == reader.asked


def test_a_session_in_one_cookie_comes_before_chunks() -> None:
    reader = Chunked()

    assert {"user": 7} == opened(f"{chunked({'user': 8})}; {LEGACY}", reader)
    assert {"user": 8} == opened(f"old=stale; {chunked({'user': 8})}", reader)


def test_all_chunks_of_the_request_end_with_the_legacy_cookie() -> None:
    def end(name: str) -> str:
        return f"{name}=; path=/; {GONE}; httponly"

    migrated = opened(chunked({"user": 7}), Chunked())
    assert 7 == migrated["user"]
    assert [end("old.0"), end("old.1"), *set_cookies({"user": 7})] == migrated.commit()

    leaving = opened(f"old=stale; {chunked({'user': 7})}", Chunked())
    leaving.destroy(only_if_sent=True)
    assert [end("old"), end("old.0"), end("old.1")] == leaving.commit()[:3]


def test_a_migration_gives_way_to_a_response_that_deletes_a_chunk() -> None:
    session = opened(chunked({"user": 7}), Chunked())
    assert 7 == session["user"]

    assert ["old.1=; Max-Age=0"] == session.commit(["old.1=; Max-Age=0"])


@pytest.mark.parametrize("cookies", ["old.0=a; old.1=b", "old-0=a; old-1=b"])
def test_the_log_says_that_a_reader_cannot_read_chunks(
    cookies: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "cookiesession"):
        assert Outcome.ABSENT is opened(cookies, Plain()).outcome

    text = "the legacy cookie 'old' is in several chunks, and its reader does not have their names"
    assert [("cookiesession", logging.INFO, text)] == caplog.record_tuples


@pytest.mark.parametrize(
    ("cookies", "reader"),
    [
        ("old.1=b", Plain()),
        ("old_0=a", Plain()),
        (f"{LEGACY}; old.0=a", Plain()),
        ("old.0=a", Chunked()),
        (f"{OURS}; old.0=a", Plain()),
    ],
)
def test_the_log_says_nothing_of_chunks_otherwise(
    cookies: str, reader: Plain, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cookiesession")

    opened(cookies, reader).get("user")

    assert [] == caplog.records


# --- the log ---------------------------------------------------------------------------------


class Dated(Plain):
    """Reads contents that JSON cannot hold, or fails."""

    def read(self, cookies: RequestCookies, /) -> Mapping[str, Any]:
        value = cookies[self.names[0]]
        if value == "junk":
            raise LookupError
        return {value: {1}}


def test_a_session_that_is_not_migrated_is_warned_of_once_for_each_kind_of_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sessions = CookieSession(keys=KEYS, legacy=[Dated("a"), Dated("b")])
    for cookies in ("a=x", "a=y", "a=junk", "a=junk", "b=x", "a=x; b=junk", "b=junk"):
        sessions.open(cookies).get("user")

    assert [
        ("a", "SessionEncodeError"),
        ("a", "LookupError"),
        ("b", "SessionEncodeError"),
        ("b", "LookupError"),
    ] == [re.findall(r"'(\w)': (\w+)", record.getMessage())[0] for record in caplog.records]


def test_a_session_that_does_not_fit_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    sessions = CookieSession(keys=KEYS, legacy=[Plain()])
    for length in (4000, 5000, 4000):
        session = sessions.open(f"old={legacy_value({'text': 'x' * length})}")
        session.get("text")

        assert [] == session.commit()
        assert Written.REFUSED is session.written

    (record,) = caplog.records
    assert "CookieTooLargeError" in record.getMessage()


@pytest.mark.parametrize(
    "options", [{"secure": True}, {"expires": datetime.fromtimestamp(NOW + 60, timezone.utc)}]
)
def test_a_migration_that_is_refused_is_logged_once_and_a_write_each_time(
    options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    clock = [NOW]
    sessions = CookieSession(keys=KEYS, legacy=[Plain()], clock=lambda: clock[0], **options)
    clock[0] += 3600
    for write, lines in ((False, 1), (False, 1), (True, 2), (True, 3)):
        session = sessions.open(LEGACY)
        session.get("user")
        if write:
            session["user"] = 8

        assert [] == session.commit()
        assert lines == len(caplog.records)


# --- configuration ---------------------------------------------------------------------------


class Reader:
    """A reader with any attributes."""

    def __init__(self, **attributes: Any) -> None:
        vars(self).update(attributes)

    def read(self, _: RequestCookies, /) -> None:
        return None


NO_NAMES = "a legacy reader must have names, a list of the names of the legacy cookies, got "


@pytest.mark.parametrize(
    ("legacy", "said"),
    [
        ("old", "legacy must be a list of readers, got str"),
        (Plain(), "legacy must be a list of readers, got Plain"),
        ([object()], "a legacy reader must be an object with read(), got object"),
        ([Reader()], f"{NO_NAMES}NoneType"),
        ([Reader(names=[])], f"{NO_NAMES}list"),
        ([Reader(names="old")], f"{NO_NAMES}str"),
        ([Reader(names=[None])], "a cookie name must be printable ASCII"),
        ([Reader(names=["old", "old;"])], "a cookie name must be printable ASCII"),
        ([Reader(names=["old"], options="path=/")], "CookieOptions of the legacy cookies, got str"),
        ([Plain("session.sig")], "a legacy cookie must not be called 'session.sig'"),
        ([Plain("__Host-old", path="/shop")], "'__Host-old' needs secure=True, path='/'"),
    ],
)
def test_a_wrong_reader_is_refused_at_once(legacy: Any, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        CookieSession(keys=KEYS, legacy=legacy)
    assert said in str(caught.value)


def test_no_signed_session_is_migrated_to_an_unsigned_one() -> None:
    with pytest.raises(ConfigurationError, match="legacy needs signed=True"):
        CookieSession(signed=False, legacy=[Plain()])
    assert CookieSession(signed=False, legacy=[]).open("session=e30=").commit() == []


def test_no_session_that_anybody_can_write_becomes_a_signed_one() -> None:
    with pytest.raises(ConfigurationError, match="a legacy configuration must be signed"):
        CookieSession(keys=KEYS, legacy=[CookieSession(signed=False, name="old")])


# --- another configuration -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["session", "other"])
def test_a_session_of_another_format_is_migrated_and_back(name: str) -> None:
    pair, toy = {"keys": KEYS}, {"format": ToyFormat(KEYS)}
    for old, new in ((pair, toy), (toy, pair)):
        before = CookieSession(**old, name=name)
        sessions = CookieSession(**new, legacy=[before])
        jar = CookieJar()
        for cookie, value in before.encode({"user": 7}).items():
            jar.store(f"{cookie}={value}; path=/", URL, now=NOW)

        session = sessions.open(jar.header(URL, now=NOW))
        assert {"user": 7} == session
        for line in session.commit():
            jar.store(line, URL, now=NOW)

        assert {*sessions.cookie_names} == {cookie.name for cookie in jar.cookies(NOW)}
        assert {"user": 7} == sessions.decode(jar.header(URL, now=NOW))


def test_the_checks_of_the_other_configuration_hold() -> None:
    clock = [NOW]
    before = CookieSession(
        keys=[OLDER],
        name="before",
        idle_timeout=60,
        validate=lambda contents: contents.get("user") != 8,
        clock=lambda: clock[0],
    )
    sessions = CookieSession(keys=KEYS, legacy=[before], clock=lambda: clock[0])
    seven, eight = before.cookie_header({"user": 7}), before.cookie_header({"user": 8})

    assert {"user": 7} == sessions.open(seven)
    assert Outcome.ABSENT is sessions.open(eight).outcome
    clock[0] += 3600
    assert Outcome.ABSENT is sessions.open(seven).outcome


def test_the_other_configuration_brings_the_attributes_of_its_cookies() -> None:
    before = CookieSession(keys=KEYS, name="before", path="/shop")
    session = CookieSession(keys=KEYS, legacy=[before]).open(before.cookie_header({"user": 7}))
    session["views"] = 1

    ends = [f"{name}=; path=/shop; {GONE}; httponly" for name in before.cookie_names]
    assert ends == session.commit()[:2]


@pytest.mark.parametrize("reader", [Faulty({"user": 7}), Reader(names=["old"])])
def test_a_reader_without_attributes_takes_those_of_the_session(reader: Any) -> None:
    session = opened("old=x", reader, path="/app")
    session["views"] = 1

    assert f"old=; path=/app; {GONE}; httponly" == session.commit()[0]


def test_no_reader_is_asked_without_a_cookie_of_its_names(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert Outcome.ABSENT is opened("older=x", Faulty(LookupError())).outcome
    assert [] == caplog.records

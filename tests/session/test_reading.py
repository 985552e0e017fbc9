"""The contents and the outcome of a session, for all kinds of cookies."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http.cookies import SimpleCookie
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from cookiesession_core import CookieSession, JSONCodec, Keygrip, Outcome, Written
from tests.support.cookies import header, signed
from tests.support.keys import KEYS, OTHER
from tests.support.kinds import Kind

pairs = CookieSession(keys=KEYS)


class Untouchable(str):
    """A header that nobody may search."""

    __slots__ = ()

    def partition(self, *_: Any) -> Any:
        raise AssertionError

    find = partition


def test_an_untouched_session_reads_nothing_and_sends_nothing(sessions: CookieSession) -> None:
    session = sessions.open(Untouchable("session=x"))

    assert ["a=1"] == session.commit(["a=1"])
    assert Written.NOTHING is session.written
    assert not session.accessed


@pytest.mark.parametrize("name", [b"Cookie", b"COOKIE"])
def test_a_raw_field_is_found_in_any_letter_case(name: bytes) -> None:
    text = pairs.cookie_header({"user": 7})

    assert {"user": 7} == pairs.open([(b"Host", b"a"), (name, text.encode())])


@pytest.mark.parametrize("fields", [[(b"cookie", b"a=1", b"")], [(b"cookie", b"a=1"), b"a=1"]])
def test_fields_that_are_not_pairs_of_bytes_are_refused(fields: Any) -> None:
    session = pairs.open(fields)

    with pytest.raises(TypeError, match="all header fields as pairs of bytes"):
        len(session)


@pytest.mark.parametrize("https", ["on", "http", "", 1, None])
def test_a_scheme_that_is_not_a_bool_is_refused_at_once(https: Any) -> None:
    with pytest.raises(TypeError, match=f"https must be True or False, got {type(https).__name__}"):
        pairs.open("", https)


@pytest.mark.parametrize("existing", ["a=1", b"a=1"])
def test_a_single_value_in_the_place_of_a_list_is_refused(existing: Any) -> None:
    said = f"the Set-Cookie values must be a list, got {type(existing).__name__}"
    with pytest.raises(TypeError, match=said):
        pairs.open().commit(existing)


def test_a_faster_codec_that_fails_makes_a_cookie_malformed() -> None:
    class Failing(JSONCodec):
        def from_base64(self, _: str, /) -> Any:
            raise LookupError

    session = CookieSession(keys=KEYS, codec=Failing()).open(pairs.cookie_header({"user": 7}))

    assert Outcome.MALFORMED is session.outcome


# --- the types in which a server has the cookies ---------------------------------------------


def as_simple_cookie(text: str) -> SimpleCookie:
    cookie = SimpleCookie()
    for name, _, value in (pair.partition("=") for pair in text.split("; ")):
        cookie[name] = value
    return cookie


def as_mapping(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (pair.partition("=") for pair in text.split("; "))}


FORMS = {
    "str": str,
    "bytes": str.encode,
    "list of str": lambda text: text.split("; "),
    "list of bytes": lambda text: text.encode().split(b"; "),
    "str and bytes": lambda text: [b"a=1", *text.split("; ")],
    "iterator": lambda text: iter(text.split("; ")),
    "generator": lambda text: (part.encode() for part in text.split("; ")),
    "header fields": lambda text: [(b"host", b"session=x"), (b"cookie", text.encode())],
    "header fields of lists": lambda text: [[b"host", b"session=x"], [b"cookie", text.encode()]],
    "several header fields": lambda text: [
        (b"cookie", b"theme=\xff"),
        *((b"cookie", part) for part in text.encode().split(b"; ")),
    ],
    "iterator of header fields": lambda text: iter([(b"cookie", text.encode())]),
    "dict": as_mapping,
    "mapping": lambda text: MappingProxyType(as_mapping(text)),
    "SimpleCookie": as_simple_cookie,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_cookies_may_have_any_type_that_servers_use(kind: Kind, form: Any) -> None:
    sessions, text = kind.sessions(), kind.header({"user": 7})

    session = sessions.open(form(text))

    assert {"user": 7} == dict(session)
    assert {"user": 7} == sessions.decode(form(text))
    assert (Outcome.LOADED, 0) == (session.outcome, session.key_index)
    assert (False, False, True) == (session.is_new, session.is_changed, session.is_populated)
    assert [] == session.commit()
    assert session.accessed


@pytest.mark.parametrize("cookies", [None, "", b"", [], (), {}, [(b"host", b"session=x")]])
def test_a_request_without_cookies_has_no_session(sessions: CookieSession, cookies: Any) -> None:
    assert Outcome.ABSENT is sessions.open(cookies).outcome
    assert sessions.decode(cookies) is None


@pytest.mark.parametrize("cookies", [5, 1.5, True, object(), len])
def test_a_value_that_cannot_hold_cookies_is_refused_at_once(
    sessions: CookieSession, cookies: Any
) -> None:
    said = f"the cookies of a request must be .* got {type(cookies).__name__}"

    with pytest.raises(TypeError, match=said):
        sessions.open(cookies)
    with pytest.raises(TypeError):
        sessions.decode(cookies)


@pytest.mark.parametrize("name", ["cookie", "Cookie", "COOKIE"])
def test_a_mapping_of_header_fields_is_refused_at_once(sessions: CookieSession, name: str) -> None:
    with pytest.raises(TypeError, match="got header fields: pass the Cookie header itself"):
        sessions.open({"Accept": "*/*", name: "session=x"})
    with pytest.raises(TypeError, match="got header fields"):
        sessions.decode({name: "session=x"})


@pytest.mark.parametrize("cookies", [{"session": b"x"}, {b"session": "x"}, {"session": None}])
def test_a_mapping_of_something_else_than_text_is_refused_at_once(
    sessions: CookieSession, cookies: Any
) -> None:
    with pytest.raises(TypeError, match="must hold str, got a dict of something else: pass the Co"):
        sessions.open(cookies)


@pytest.mark.parametrize("cookies", [[("cookie", "session=x")], [5], ["a=1", None], [()]])
def test_a_list_of_something_else_is_refused_when_the_session_is_touched(
    sessions: CookieSession, cookies: Any
) -> None:
    session = sessions.open(cookies)

    with pytest.raises(TypeError, match="got a list of something else"):
        session.get("user")
    with pytest.raises(TypeError, match="got a list of something else"):
        sessions.decode(cookies)


def test_an_object_that_holds_no_cookies_is_refused(sessions: CookieSession) -> None:
    request: Any = SimpleNamespace()

    with pytest.raises(TypeError, match=r"must be a Cookie header .*, got SimpleNamespace"):
        sessions.decode(request)


def test_a_header_that_can_be_read_once_is_read_once(kind: Kind) -> None:
    def parts() -> Iterator[str]:
        yield from kind.old_header({"user": 7}).split("; ")

    session = kind.sessions().open(parts())

    assert 7 == session["user"]
    assert kind.saves(session.commit(["other=1"])[1:], {"user": 7})


def test_a_mapping_of_cookies_is_read_when_the_session_is_touched(kind: Kind) -> None:
    """As for a header, later changes of the mapping count until the session is touched."""
    cookies = as_mapping(kind.header({"user": 7}))
    session = kind.sessions().open(cookies)

    assert 7 == session["user"]
    cookies.clear()

    assert Outcome.LOADED is session.outcome
    assert [] == session.commit()


# --- outcomes --------------------------------------------------------------------------------

VALUE, SIGNATURE = pairs.encode({"user": 7}).values()
EMPTY_SIGNED, NOT_JSON = signed(""), signed("bogus")


@pytest.mark.parametrize(
    ("cookies", "outcome"),
    [
        (None, Outcome.ABSENT),
        ("", Outcome.ABSENT),
        ("other=1", Outcome.ABSENT),
        (f"session.sig={SIGNATURE}", Outcome.ABSENT),
        (EMPTY_SIGNED, Outcome.ABSENT),
        ("session=", Outcome.ABSENT),
        ('session=""', Outcome.ABSENT),
        (f"session={VALUE}", Outcome.UNSIGNED),
        (f"session={VALUE}; session.sig=", Outcome.UNSIGNED),
        (f'session={VALUE}; session.sig=""', Outcome.UNSIGNED),
        (f"session={VALUE}; session.sig=; session.sig=", Outcome.UNSIGNED),
        (NOT_JSON, Outcome.MALFORMED),
    ],
)
def test_cookies_that_hold_no_session_give_a_new_one_and_are_left_alone(
    cookies: str | None, outcome: Outcome
) -> None:
    session = pairs.open(cookies)

    assert outcome is session.outcome
    assert (True, True, False) == (session.is_new, session.is_changed, session.is_populated)
    assert [] == session.commit()
    assert Written.NOTHING is session.written
    assert pairs.decode(cookies) is None


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
def test_a_signature_that_no_key_made_gives_a_new_session_and_is_left_alone(
    signature: str,
) -> None:
    session = pairs.open(f"session={VALUE}; session.sig={signature}")

    assert {} == dict(session)
    assert Outcome.BAD_SIGNATURE is session.outcome
    assert [] == session.commit()
    assert Written.NOTHING is session.written


def test_the_next_save_replaces_a_cookie_with_a_bad_signature(kind: Kind) -> None:
    session = kind.sessions().open(kind.forged_header({"user": 7}))

    session["user"] = 8

    assert kind.saves(session.commit(), {"user": 8})


@pytest.mark.parametrize(
    ("cookies", "options", "said"),
    [
        (NOT_JSON, {}, "MALFORMED: JSONDecodeError"),
        (f"session={VALUE}", {}, "UNSIGNED"),
        (f"session={VALUE}; session.sig=x", {}, "BAD_SIGNATURE"),
        (header({"user": 7}), {"validate": lambda _: False}, "REFUSED"),
        (header({"_expire": 1}), {"idle_timeout": 60}, "EXPIRED"),
    ],
)
def test_a_cookie_that_is_not_loaded_is_logged_once(
    cookies: str, options: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    session = CookieSession(keys=KEYS, **options).open(cookies)

    with caplog.at_level(logging.INFO, "cookiesession"):
        assert session.is_new
        assert session.is_new
        session.commit()

    message = f"the session cookie 'session' was not loaded: {said}"
    assert [("cookiesession", logging.INFO, message)] == caplog.record_tuples


def test_no_line_is_logged_for_a_loaded_an_absent_or_an_untouched_session(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = kind.sessions()

    with caplog.at_level(logging.DEBUG, "cookiesession"):
        sessions.open(kind.header({"user": 7})).get("user")
        sessions.open(None).get("user")
        sessions.open("session=").get("user")
        sessions.open(kind.forged_header({"user": 7})).commit()

    assert [] == caplog.records


def test_an_unsigned_session_accepts_the_contents_of_the_client() -> None:
    unsigned = CookieSession(signed=False)
    session = unsigned.open(f"session={VALUE}; session.sig=whatever")

    session["user"] += 1

    assert 8 == session["user"]
    assert session.key_index is None
    assert ["session=eyJ1c2VyIjo4fQ==; path=/; httponly"] == session.commit()
    assert {"session": VALUE} == unsigned.encode({"user": 7})
    assert {"user": 7} == unsigned.decode({"session": VALUE})


@pytest.mark.parametrize(
    ("cookies", "outcome"),
    [
        (None, Outcome.ABSENT),
        ("session=", Outcome.ABSENT),
        ("session=x", Outcome.MALFORMED),
    ],
)
def test_an_unsigned_cookie_may_hold_no_session(cookies: str | None, outcome: Outcome) -> None:
    session = CookieSession(signed=False).open(cookies)

    assert outcome is session.outcome
    assert [] == session.commit()


def test_its_representation_shows_the_state_and_no_contents(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": "secret name"}))
    assert "<Session 'session' untouched>" == repr(session)
    session.get("user")
    assert "<Session 'session' read>" == repr(session) == session.__sentry_repr__()
    session.replace({"user": "secret name"})
    assert "<Session 'session' replaced>" == repr(session)
    session.destroy()
    assert "<Session 'session' destroyed>" == repr(session)


def test_a_session_is_typed_without_a_copy(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    assert session.typed(dict) is session
    assert not session.accessed

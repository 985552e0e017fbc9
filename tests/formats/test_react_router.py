"""The format of React Router: what is read, what is written, and flash values.

``test_cookie_signature_vectors.py`` has the recorded answers of the real packages.
"""

from __future__ import annotations

import copy
import hmac
import pickle
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.formats.react_router import ReactRouter, flash
from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    Hidden,
    Outcome,
    Session,
    SessionCommittedError,
    SessionEncodeError,
    SessionView,
    WeakKeyWarning,
    Written,
    shared_session,
)
from tests.properties.strategies import CONTENTS
from tests.support.cookies import GONE
from tests.support.equality import as_read_back, nearly_equal
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.visitor import Clock, Visitor

HOUR = 3600
USER = b'{"user":7}'


def sessions_of(*secrets: str | bytes, **options: Any) -> CookieSession:
    return CookieSession(format=ReactRouter(secrets or KEYS), name="__session", **options)


sessions = sessions_of()
unsigned = CookieSession(format=ReactRouter(None), name="__session")


def signed(text: bytes, secret: str = NEWEST) -> str:
    """Return the value of a cookie that verifies, whatever its text is, not percent-encoded."""
    signature = b64encode(hmac.digest(secret.encode(), text, "sha256")).rstrip(b"=")
    return (text + b"." + signature).decode("latin-1")


def of_json(json_bytes: bytes, secret: str = NEWEST) -> str:
    return signed(b64encode(json_bytes), secret)


def opened(*values: str, by: CookieSession = sessions) -> Session:
    return by.open("; ".join(f"__session={value}" for value in values))


# --- what is written -----------------------------------------------------------------------------


def test_a_session_is_base64_of_json_and_its_signature_percent_encoded() -> None:
    session = sessions.open()
    session["text"] = ">>>???~~~"

    value = quote(of_json(b'{"text":">>>???~~~"}'), safe="")
    assert [f"__session={value}; path=/; samesite=lax; httponly"] == session.commit()
    assert "%2F" in value
    assert "%3D" in value


def test_an_unsigned_session_is_base64_of_json_alone() -> None:
    assert {"__session": quote(b64encode(USER), safe="")} == unsigned.encode({"user": 7})


def test_attributes_that_are_given_replace_those_of_the_format() -> None:
    session = sessions_of(same_site="strict", http_only=False).open()
    session["a"] = 1

    assert session.commit()[0].endswith("; path=/; samesite=strict")


@given(CONTENTS)
def test_what_was_written_is_read_back_and_not_sent_again(contents: dict[str, Any]) -> None:
    for each in (sessions, unsigned):
        session = each.open(each.cookie_header(contents))

        assert session.outcome is Outcome.LOADED
        assert nearly_equal(as_read_back(contents), as_read_back(dict(session)))
        session.copy()
        assert [] == session.commit()


def test_a_session_is_ended_by_an_empty_value() -> None:
    session = opened(of_json(USER))
    session.destroy()

    assert [f"__session=; path=/; {GONE}; samesite=lax; httponly"] == session.commit()


# --- what is read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: text,
        lambda text: quote(text, safe=""),
        lambda text: text.replace("=", "%3d"),
        lambda text: "".join(f"%{ord(character):02X}" for character in text),
    ],
)
def test_the_percent_encoding_of_a_value_does_not_matter(encoded: Callable[[str], str]) -> None:
    session = opened(encoded(of_json(USER)))

    assert (Outcome.LOADED, {"user": 7}) == (session.outcome, dict(session))
    assert [] == session.commit()


@pytest.mark.parametrize("wrong", ["%", "%3", "%zz", "%FF", "%C3%28"])
def test_a_wrong_percent_encoding_is_no_session(wrong: str) -> None:
    assert opened(quote(of_json(USER), safe="") + wrong).outcome is Outcome.BAD_SIGNATURE
    assert opened(quote(b64encode(USER), safe="") + wrong, by=unsigned).outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    ("values", "outcome"),
    [
        ([], Outcome.ABSENT),
        ([""], Outcome.ABSENT),
        ([b64encode(USER).decode()], Outcome.UNSIGNED),
        (["x.y"], Outcome.BAD_SIGNATURE),
        (["x.y", b64encode(USER).decode()], Outcome.BAD_SIGNATURE),
        ([b64encode(USER).decode(), "x%2Ey"], Outcome.BAD_SIGNATURE),
        ([of_json(USER, OTHER)], Outcome.BAD_SIGNATURE),
        ([f"{of_json(USER)}="], Outcome.BAD_SIGNATURE),
        ([f"{of_json(USER)[:-1]}é"], Outcome.BAD_SIGNATURE),
        ([f"é{of_json(USER)}"], Outcome.BAD_SIGNATURE),
        (["x.y", "", of_json(USER)], Outcome.LOADED),
        (["x.y"] * 3 + [of_json(USER)], Outcome.LOADED),
        (["x.y"] * 4 + [of_json(USER)], Outcome.BAD_SIGNATURE),
    ],
)
def test_up_to_four_values_are_tried(values: list[str], outcome: Outcome) -> None:
    session = opened(*values)

    assert outcome is session.outcome
    assert ({"user": 7} if outcome is Outcome.LOADED else {}) == dict(session)
    assert [] == session.commit()


def test_a_signature_in_the_url_safe_alphabet_does_not_verify() -> None:
    for letters in ("+/", "-_"):
        values = [of_json(b'{"user":%d}' % user) for user in range(100)]
        value = next(value for value in values if {"+", "/"} <= {*value.partition(".")[2]})
        loads = letters == "+/"

        session = opened(value.translate(str.maketrans("+/", letters)))

        assert (Outcome.LOADED if loads else Outcome.BAD_SIGNATURE) is session.outcome


ENCODED = b64encode(b'{"user": [7] }').decode()  # it has padding


@pytest.mark.parametrize(
    "text",
    [
        ENCODED,
        ENCODED.rstrip("="),
        f"{ENCODED[:5]} {ENCODED[5:]}",
        f"{ENCODED[:2]}\t\n\f\r{ENCODED[2:]}",
    ],
)
def test_base64_is_read_as_atob_reads_it(text: str) -> None:
    assert {"user": [7]} == dict(opened(quote(signed(text.encode()))))
    assert {"user": [7]} == dict(opened(quote(text), by=unsigned))


BROKEN = {
    "empty": b"",
    "no multiple of four": b64encode(USER)[:5],
    "too much padding": b64encode(USER) + b"=",
    "half of the padding": b64encode(b'{"a":1}')[:-1],
    "padding within": b"e30=e30=",
    "another character": b"*" + b64encode(USER),
    "a full stop": b"." + b64encode(USER),
    "url-safe": b64encode(b'{"a":">>>???"}').replace(b"+", b"-").replace(b"/", b"_"),
    "no UTF-8": b64encode(b'{"a":"\xff"}'),
    "a surrogate in UTF-8": b64encode(b'{"a":"\xed\xa0\x80"}'),
    "a byte-order mark": b64encode(b"\xef\xbb\xbf{}"),
    "no JSON": b64encode(b"{"),
    "NaN": b64encode(b'{"a":NaN}'),
    "a list": b64encode(b"[1]"),
    "null": b64encode(b"null"),
    "too deep": b64encode(b'{"a":' + b"[" * 100_000),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_text_that_node_does_not_read_is_malformed(text: bytes) -> None:
    session = opened(signed(text))

    assert (Outcome.MALFORMED, 0, {}) == (session.outcome, session.key_index, dict(session))
    assert [] == session.commit()
    if text:
        assert opened(text.decode(), by=unsigned).outcome is Outcome.MALFORMED


@given(st.text(max_size=40) | st.text("%.+/=eyJ0-_ 3DF", max_size=40))
def test_no_value_raises_and_none_that_is_not_signed_loads(value: str) -> None:
    for each in (value, f"{value}.{value}", f"{value}.{of_json(USER).partition('.')[2]}"):
        assert sessions.decode({"__session": each}) is None
        unsigned.decode({"__session": each})


# --- secrets -------------------------------------------------------------------------------------


def test_the_first_secret_signs_and_all_verify() -> None:
    session = opened(of_json(USER, OLDER))

    assert (1, {"user": 7}) == (session.key_index, dict(session))
    assert session.commit()[0].startswith(f"__session={quote(of_json(USER), safe='')};")
    assert session.written is Written.RESIGNED
    assert {"user": 7} == sessions_of(NEWEST.encode()).decode(sessions.encode({"user": 7}))


def test_the_name_of_the_cookie_is_not_signed() -> None:
    """As in Node: a secret is for one purpose alone."""
    (value,) = sessions.encode({"user": 7}).values()
    other = CookieSession(format=ReactRouter(KEYS), name="other")

    assert {"user": 7} == other.decode({"other": value})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (NEWEST, "must be a list, newest first, got str"),
        (NEWEST.encode(), "must be a list, newest first, got bytes"),
        ({NEWEST}, "must be a list, newest first, got set"),
        ([], r"ReactRouter\(None\)"),
        ((), "at least one"),
        ([NEWEST, ""], r"^secrets\[1\] is empty"),
        ([NEWEST, None], "must be str or bytes, got NoneType"),
    ],
)
def test_wrong_secrets_are_refused(wrong: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        ReactRouter(wrong)


def test_a_short_secret_is_warned_of() -> None:
    with pytest.warns(WeakKeyWarning, match="32 are the minimum"):
        ReactRouter(["s3cret1"])


def test_an_unsigned_session_has_no_timeouts_and_takes_no_legacy_session() -> None:
    for options in ({"idle_timeout": 60}, {"absolute_timeout": 60}, {"legacy": [sessions]}):
        with pytest.raises(ConfigurationError, match="signed"):
            CookieSession(format=ReactRouter(None), name="__session", **options)


def test_equal_configurations_share_the_session_of_a_request() -> None:
    same = [(KEYS, [key.encode() for key in KEYS]), (None, None)]
    for left, right in same:
        assert ReactRouter(left) == ReactRouter(right)
        assert hash(ReactRouter(left)) == hash(ReactRouter(right))
        place: dict[str, Any] = {}
        session = CookieSession(format=ReactRouter(left)).open()
        place["cookiesession.session:session"] = session
        assert session is shared_session(place, CookieSession(format=ReactRouter(right)))


@pytest.mark.parametrize("other", [[NEWEST], KEYS[::-1], [OTHER], None])
def test_other_secrets_do_not_share_it(other: list[str] | None) -> None:
    assert ReactRouter(KEYS) != ReactRouter(other)
    place: dict[str, Any] = {}
    place["cookiesession.session:session"] = CookieSession(format=ReactRouter(KEYS)).open()
    with pytest.raises(ConfigurationError, match="format"):
        shared_session(place, CookieSession(format=ReactRouter(other)))


def test_a_format_does_not_equal_something_else() -> None:
    assert ReactRouter(KEYS) != KEYS
    bound: Any = ReactRouter(KEYS).bound("a")
    assert bound != "a"
    assert bound != ReactRouter(KEYS).bound("b")
    assert hash(bound) == hash(ReactRouter(KEYS).bound("a"))


def test_a_format_is_its_own_copy_shows_no_secret_and_cannot_be_pickled() -> None:
    format_ = ReactRouter(KEYS)

    assert format_ is copy.copy(format_) is copy.deepcopy(format_)
    assert "<ReactRouter, <Keygrip sha256, 2 keys>>" == repr(format_)
    assert "<ReactRouter, not signed>" == repr(ReactRouter(None))
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(format_)


def test_a_session_moves_to_the_format_and_away_from_it() -> None:
    pairs = CookieSession(keys=KEYS)
    moves = [
        (sessions, CookieSession(keys=KEYS, legacy=[sessions])),
        (pairs, sessions_of(legacy=[pairs])),
    ]
    for before, after in moves:
        session = after.open(before.cookie_header({"user": 7}))

        assert {"user": 7} == session
        assert {"user": 7} == after.decode(session.commit())
        gone = [line.partition("=")[0] for line in session.commit() if GONE in line]
        assert [*before.cookie_names] == gone


# --- a lifetime ----------------------------------------------------------------------------------


def test_timestamps_are_keys_of_the_contents_and_the_application_does_not_see_them() -> None:
    clock = Clock()
    lasting = sessions_of(clock=clock, idle_timeout=HOUR)
    visitor = Visitor(lasting)
    visitor.request(user=7)

    header = visitor.jar.header("http://example.com/", now=0)
    assert {"user", "_expire", "_maxAge"} == set(sessions.decode(header) or {})
    clock.now += HOUR * 3 / 4
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    clock.now += HOUR * 3 / 4
    assert (Outcome.LOADED, {"user": 7}, Written.REFRESHED) == visitor.request()
    clock.now += HOUR * 3
    assert Outcome.EXPIRED is visitor.request()[0]


def test_a_key_that_the_timestamps_need_cannot_be_written() -> None:
    with pytest.raises(SessionEncodeError, match="_expire"):
        sessions_of(idle_timeout=HOUR).encode({"_expire": 1})


# --- flash values --------------------------------------------------------------------------------


@pytest.mark.parametrize("seen_by", [lambda session: session, SessionView], ids=["session", "view"])
def test_a_flash_value_is_read_once(seen_by: Callable[[Session], Any]) -> None:
    session = sessions.open()
    flash(seen_by(session), "note", ["saved"])
    header = sessions.cookie_header(session)
    assert {"__flash_note__": ["saved"]} == sessions.decode(header)

    session = sessions.open(header)
    assert ["saved"] == flash(seen_by(session), "note")
    assert flash(seen_by(session), "note") is None
    assert {} == sessions.decode(session.commit())


def test_none_is_a_flash_value() -> None:
    session = sessions.open()
    flash(session, "note", None)

    assert "__flash_note__" in session


def test_a_plain_key_is_read_before_a_flash_value_and_stays() -> None:
    session = sessions.open(sessions.cookie_header({"note": 1, "__flash_note__": 2}))

    assert [1, 1] == [flash(session, "note"), flash(session, "note")]
    assert [] == session.commit()


def test_reading_a_flash_value_that_is_not_there_sends_nothing() -> None:
    session = opened(of_json(USER))

    assert flash(session, "note") is None
    assert [] == session.commit()


def test_a_flash_value_after_the_headers_raises() -> None:
    session = sessions.open(sessions.cookie_header({"__flash_note__": 1}))
    session.commit()

    for act in (lambda: flash(session, "note"), lambda: flash(session, "note", 2)):
        with pytest.raises(SessionCommittedError):
            act()


def test_the_name_of_a_flash_value_is_text() -> None:
    wrong: Any = Hidden("note")
    with pytest.raises(TypeError, match="must be str, got Hidden"):
        flash(sessions.open(), wrong, "saved")

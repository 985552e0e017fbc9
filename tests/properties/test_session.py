from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_core import (
    CookieSession,
    CookieSessionError,
    Outcome,
    Session,
    Written,
    find_cookie,
)
from tests.properties.strategies import ANY_BYTES, CONTENTS, cookie_headers
from tests.support.cookies import signed
from tests.support.keys import KEYS

sessions = CookieSession(keys=KEYS)
ABSENT = (Outcome.ABSENT,)
PRINTABLE = re.compile(r"[\x20-\x7e]+")


def committed(session: Session) -> list[str]:
    """Commit, and check the rules for all Set-Cookie values."""
    set_cookies = session.commit()
    for each in set_cookies:
        assert PRINTABLE.fullmatch(each)
        name, _, rest = each.partition("=")
        assert name in ("session", "session.sig")
        attributes = rest.split("; ")[1:]
        assert set(attributes) <= {"path=/", "httponly", "expires=Thu, 01 Jan 1970 00:00:00 GMT"}
    return set_cookies


@given(cookie_headers() | ANY_BYTES)
def test_any_header_gives_a_session_and_a_reason(header: bytes) -> None:
    session = sessions.open(header)

    assert isinstance(session.outcome, Outcome)
    assert (session.outcome is Outcome.LOADED) == (not session.is_new)
    assert [] == committed(session)
    assert session.written is Written.NOTHING


@given(st.text())
def test_any_text_gives_a_session_and_a_reason(header: str) -> None:
    session = sessions.open(f"{header}; session={header}; session.sig={header}")

    assert session.is_new
    committed(session)


NUMBERS = st.sampled_from(
    [
        *("1e400", "-1e400", "1e-400", "5e-324", "1E5", "1.0", "-0.0", "-0", "NaN", "Infinity"),
        *("9" * 4300, "-" + "9" * 4300, "9" * 4301, "0." + "9" * 5000, "1e" + "9" * 30),
    ]
)
TEXTS = st.sampled_from(
    [
        *('""', '"a', '"é"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\xed\xa0\x80"'),
        *('"__proto__"', '"constructor"', '"0"', '"10"', '"_expire"'),
    ]
)
ANY_JSON = st.recursive(
    NUMBERS | TEXTS | st.sampled_from(["null", "true", "[]", "{}", ""]),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(TEXTS, inner), max_size=4).map(
            lambda members: f"{{{','.join(f'{key}:{value}' for key, value in members)}}}"
        )
        | st.tuples(inner, st.integers(490, 510)).map(
            lambda pair: "[" * pair[1] + pair[0] + "]" * pair[1]
        )
    ),
    max_leaves=8,
)
"""JSON of a client, with whatever languages read differently; also what is not quite JSON."""
UNSIGNED = [
    CookieSession(signed=False, max_cookie_size=None),
    CookieSession(signed=False, max_age=60),
    CookieSession(signed=False, codec=FastJSONCodec()),
]


def read_everything(session: Session) -> None:
    """Read all keys, and all lists and dicts however deep they nest."""
    left: list[Any] = [session.get(key) for key in session]
    for value in left:  # grows
        if isinstance(value, (dict, list)):
            left += value.values() if isinstance(value, dict) else value


@given(
    (ANY_JSON | ANY_JSON.map(lambda text: f'{{"a":{text}}}')).map(
        lambda text: b64encode(text.encode("latin-1", "replace"))
    )
    | ANY_BYTES.map(b64encode)
    | ANY_BYTES,
    st.sampled_from(UNSIGNED),
)
def test_whatever_a_client_sends_unsigned_can_be_read_and_committed(
    value: bytes, unsigned: CookieSession
) -> None:
    session = unsigned.open(b"session=" + value)

    read_everything(session)

    assert session.is_changed == session.is_new
    assert [] == session.commit()
    assert Written.NOTHING is session.written


@given(CONTENTS, st.data())
def test_a_mutated_cookie_is_never_taken_for_another_session(
    contents: dict[str, Any], data: st.DataObject
) -> None:
    cookies = sessions.encode(contents)
    name = data.draw(st.sampled_from(sorted(cookies)))
    value = cookies[name]
    position = data.draw(st.integers(0, len(value)))
    mutated = (
        value[:position]
        + data.draw(st.text(st.characters(max_codepoint=255), max_size=2))
        + value[position + data.draw(st.integers(0, 2)) :]
    )

    sent = {**cookies, name: mutated}
    found = sessions.decode(sent)

    # A character may be percent-encoded: that is another spelling of the same session.
    assert found is None or cookies == sessions.encode(found)


@given(CONTENTS, st.data())
def test_a_percent_encoded_pair_is_the_same_session(
    contents: dict[str, Any], data: st.DataObject
) -> None:
    cookies = sessions.encode(contents)
    encoded = {
        name: "".join(
            f"%{ord(character):02x}" if data.draw(st.booleans()) else character
            for character in value
        )
        for name, value in cookies.items()
    }

    session = sessions.open(encoded)

    assert session.outcome is Outcome.LOADED
    assert cookies == sessions.encode(dict(session))
    assert [] == committed(session)


@given(ANY_BYTES)
def test_signed_nonsense_gives_a_session_and_a_reason(data: bytes) -> None:
    for value in (b64encode(data).decode(), data.decode("latin-1").replace(";", "")):
        for key in KEYS:
            header = signed(value, key)
            session = sessions.open(header)

            found = (Outcome.LOADED, Outcome.MALFORMED, Outcome.BAD_SIGNATURE)
            assert session.outcome in (found if find_cookie(header, "session") else ABSENT)
            session["added"] = 1
            committed(session)


@given(cookie_headers())
def test_cookies_are_found_as_by_nodes_regular_expression(header: bytes) -> None:
    text = header.decode("latin-1")
    for name in ("session", "session.sig"):
        match = re.search(rf"(?:^|;) *{re.escape(name)}=([^;]*)", text)
        expected = match and match[1]
        if expected and expected.startswith('"'):
            expected = expected[1:-1]

        assert expected == find_cookie(text, name)


@given(st.dictionaries(st.text(), st.sets(st.integers(), min_size=1), min_size=1))
def test_contents_that_cannot_be_stored_are_always_reported(contents: dict[str, Any]) -> None:
    session = sessions.open()
    session.update(contents)

    with pytest.raises(CookieSessionError):
        session.commit()
    assert Written.REFUSED is session.written

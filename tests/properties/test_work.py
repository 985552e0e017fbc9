"""Work: n times the input costs at most n times the work.

Any visitor whose input is stored in a session chooses its length, and any client with
``signed=False`` chooses the whole session. So no operation may take more than linear time. The
tests count work and measure no time; ``tests/support/work.py`` says what counts.
"""

from __future__ import annotations

import base64
import json
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from cryptography.fernet import Fernet

from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_adapters.codecs.fernet import FernetCodec
from cookiesession_adapters.codecs.tagged import TaggedCodec
from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    CookieSessionError,
    Keygrip,
    Session,
    commit_headers,
    commit_raw_headers,
    find_cookie,
    format_set_cookie,
)
from tests.support.cookies import signed
from tests.support.keys import KEYS
from tests.support.work import check_linear

# --- contents ---------------------------------------------------------------------------------


def nested(size: int, innermost: Any) -> Any:
    """Nest dicts, each below a long key."""
    for _ in range(size // 2):
        innermost = {"a key of 20 letters " * 2: innermost}
    return innermost


WRONG = {1}
CONTENTS: dict[str, Callable[[int, Any], dict[str, Any]]] = {
    "a long text": lambda size, last: {"text": "x" * 100 * size, "last": last},
    "a text in UTF-8": lambda size, last: {"text": "é☃😀" * 20 * size, "last": last},
    "lone surrogates": lambda size, last: {"text": "\ud800" * 50 * size, "last": last},
    "a large number of keys": lambda size, last: {
        **{f"key {n}": n for n in range(size)},
        "last": last,
    },
    "keys that JavaScript sorts": lambda size, last: {
        **{str(n): n for n in range(size, 0, -1)},
        "last": last,
    },
    "a long key above many values": lambda size, last: {
        "long key " * size: [*[1.0, 1] * size, last]
    },
    "a long key above many dicts": lambda size, last: {
        "long key " * size: [*({"a": None} for _ in range(9 * size)), last]
    },
    "long keys in one another": lambda size, last: {"a": nested(size, last)},
    "lists in one another": lambda size, last: {
        "a": json.loads("[" * (size // 2) + "1.0" + "]" * (size // 2)),
        "last": last,
    },
}
OPTIONS: dict[str, dict[str, Any]] = {
    "signed": {"keys": KEYS},
    "unsigned": {"signed": False},
    "with a lifetime": {"keys": KEYS, "idle_timeout": 60, "validate": bool},
    "by FastJSONCodec": {"keys": KEYS, "codec": FastJSONCodec()},
    "by TaggedCodec": {"keys": KEYS, "codec": TaggedCodec()},
    "by FernetCodec": {"keys": KEYS, "codec": FernetCodec([Fernet.generate_key()])},
}


def read(session: Session) -> None:
    assert not session.is_new
    session.commit()


def look_at_everything(session: Session) -> None:
    """Take every list and dict out of a session, which is then compared as a whole."""
    assert [value for value in session.values() if value is None] == []
    session.copy()
    assert session.commit() == []


def change(session: Session) -> None:
    session["more"] = 1
    assert session.commit()


def change_within(session: Session) -> None:
    for value in session.values():
        if isinstance(value, list):
            value.append(1)
    session.setdefault("list", []).append(1)
    assert session.commit()


def replace(session: Session) -> None:
    session.replace(dict(session))
    assert session.commit()


def resend(session: Session) -> None:
    session.resend()
    assert session.commit()


ACTS = [read, look_at_everything, change, change_within, replace, resend]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("contents", CONTENTS.values(), ids=CONTENTS)
def test_the_work_on_a_session_is_linear_in_its_contents(
    contents: Callable[[int, Any], dict[str, Any]], options: dict[str, Any]
) -> None:
    sessions = CookieSession(max_cookie_size=None, **options)

    def requesting(act: Callable[[Session], None]) -> Callable[[int], Callable[[], object]]:
        def prepare(size: int) -> Callable[[], object]:
            header = sessions.cookie_header(contents(size, 1))
            return lambda: act(sessions.open(header))

        return prepare

    check_linear(lambda size: partial(sessions.encode, contents(size, 1)))
    for act in ACTS:
        check_linear(requesting(act))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("contents", CONTENTS.values(), ids=CONTENTS)
def test_the_work_on_a_session_that_cannot_be_sent_is_linear_in_its_contents(
    contents: Callable[[int, Any], dict[str, Any]], options: dict[str, Any]
) -> None:
    def failing(limit: int | None, last: Any) -> Callable[[int], Callable[[], object]]:
        sessions = CookieSession(max_cookie_size=limit, **options)

        def prepare(size: int) -> Callable[[], object]:
            given = contents(size, last)

            def act() -> None:
                session = sessions.open()
                session.update(given)
                with pytest.raises(CookieSessionError):
                    session.commit()

            return act

        return prepare

    check_linear(failing(100, 1))
    check_linear(failing(None, WRONG))


# --- cookies of clients -----------------------------------------------------------------------

JSON_TEXTS: dict[str, Callable[[int], str]] = {
    "white space": lambda size: " " * 100 * size + '{"a":1}',
    "another spelling": lambda size: json.dumps({str(n): [n, 1e22] for n in range(size)}),
    "one key again and again": lambda size: "{" + '"a":[],' * size + '"a":1}',
    "escapes": lambda size: '{"a":"' + "\\u0041" * 20 * size + '"}',
    "numbers": lambda size: '{"a":[1' + ",1.50e-7" * size + "]}",
    "a long fraction": lambda size: '{"a":0.' + "1" * 50 * size + "}",
    "lists without an end": lambda size: '{"a":' + "[" * 20 * size,
    "lists": lambda size: '{"a":[[]' + ",[]" * 20 * size + "]}",
    "text without an end": lambda size: '{"a":"' + "x" * 100 * size,
    "nothing but keys": lambda size: "{" + '"a":' * 20 * size,
}


def in_base64(text: Callable[[int], str]) -> Callable[[int], str]:
    return lambda size: base64.b64encode(text(size).encode()).decode()


VALUES: dict[str, Callable[[int], str]] = {
    **{name: in_base64(text) for name, text in JSON_TEXTS.items()},
    "no base64": lambda size: "!" * 100 * size,
    "URL-safe base64": lambda size: "_-" * 50 * size,
    "padding": lambda size: "=" * 100 * size,
    "percent signs": lambda size: "%41" * 30 * size,
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_work_on_a_value_is_linear_in_its_length(
    value: Callable[[int], str], options: dict[str, Any]
) -> None:
    sessions = CookieSession(max_cookie_size=None, **options)

    def prepare(size: int) -> Callable[[], object]:
        header = signed(value(size))

        def act() -> None:
            session = sessions.open(header)
            session.copy()
            session.commit()
            sessions.decode(header)

        return act

    check_linear(prepare)


HEADERS: dict[str, Callable[[int], Any]] = {
    **{
        repr(unit): partial(operator.mul, 8 * unit)
        for unit in (
            *(";", " ", "=", '"', "a=b; ", "session", "session=", "xsession=", " session=;"),
            *("session=x; ", "session.sig=y; ", "session=x; session.sig=y; ", "session=%41; "),
        )
    },
    "several headers": lambda size: ["session=x; a=b"] * size,
    "several headers of bytes": lambda size: [b"session=x; a=b"] * size,
    "header fields": lambda size: [(b"accept", b"*"), (b"cookie", b"session=x")] * size,
    "header fields in capitals": lambda size: [(b"Accept", b"*"), (b"Cookie", b"session=x")] * size,
    "a mapping": lambda size: {f"cookie {n}": "x" for n in range(size)},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_the_work_on_the_cookies_of_a_request_is_linear(header: Callable[[int], Any]) -> None:
    sessions = CookieSession(keys=KEYS)

    def prepare(size: int) -> Callable[[], object]:
        cookies = header(size)

        def act() -> None:
            session = sessions.open(cookies)
            assert session.is_new
            session.destroy(only_if_sent=True)
            session.commit()
            assert sessions.decode(cookies) is None
            if isinstance(cookies, str):
                find_cookie(cookies, "session")
                find_cookie(cookies.encode(), "session")

        return act

    check_linear(prepare)


# --- responses --------------------------------------------------------------------------------

Fields = list[tuple[str, str]]
FIELDS: dict[str, Callable[[int], Fields]] = {
    "other fields": lambda size: [(f"x-{n}", "y") for n in range(size)],
    "cookies": lambda size: [("Set-Cookie", f"a{n}=b") for n in range(size)],
    "cookies of our name": lambda size: [("Set-Cookie", f"session={n}") for n in range(size)],
    "cookies of all names": lambda size: [
        ("Set-Cookie", f"{name}={n}") for n in range(size) for name in ("session", "other")
    ],
    "Vary": lambda size: [("Vary", f"field-{n}") for n in range(8 * size)],
    "a long Vary": lambda size: [("Vary", ", ".join(f"field-{n}" for n in range(size)))],
}


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_the_work_on_a_response_is_linear_in_its_fields(fields: Callable[[int], Fields]) -> None:
    older = CookieSession(keys=KEYS[1:]).cookie_header({"user": 7})
    sessions = CookieSession(keys=KEYS)

    def prepare(size: int) -> Callable[[], object]:
        text = fields(size)
        raw = [(name.lower().encode(), value.encode()) for name, value in text]
        values = [value for _, value in text]

        def act() -> None:
            for header, changes in ((None, {"user": 7}), (older, {})):  # a save, and a renewal
                for commit in (
                    lambda session: commit_headers(session, text),
                    lambda session: commit_raw_headers(session, raw),
                    lambda session: session.commit(values),
                ):
                    session = sessions.open(header)
                    session.get("user")
                    session.update(changes)
                    commit(session)

        return act

    check_linear(prepare)


# --- the parts --------------------------------------------------------------------------------


def set_cookie(name: str, value: str) -> None:
    format_set_cookie(name, value, CookieOptions(), https=False, now=0)


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError):
        act()


PARTS: dict[str, Callable[[int], object]] = {
    "signing": lambda size: Keygrip(KEYS).sign("x" * 100 * size),
    "verifying": lambda size: Keygrip(KEYS).index("x" * 100 * size, "y" * 100 * size),
    "verifying beyond ASCII": lambda size: Keygrip(KEYS).index("é\ud800" * 50 * size, "é"),
    "a large number of keys": lambda size: Keygrip([f"{n:040}" for n in range(size)]).index("", ""),
    "a long key": lambda size: Keygrip(["a signing key " * 10 * size]).sign("x"),
    "a Set-Cookie value": lambda size: set_cookie("n" * size, "v" * 100 * size),
    "a value that no header carries": lambda size: refused(
        lambda: set_cookie("n", "v" * 100 * size + ";")
    ),
    "a name that no header carries": lambda size: refused(
        lambda: CookieSession(keys=KEYS, name="n" * 100 * size + ";")
    ),
    "no domain": lambda size: refused(lambda: CookieOptions(domain="a." * 100 * size + "_")),
    "no option": lambda size: refused(lambda: CookieSession(**{("odd_name_" * size)[:size]: 1})),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("act", PARTS.values(), ids=PARTS)
def test_the_work_of_a_part_is_linear_in_its_input(act: Callable[[int], object]) -> None:
    check_linear(lambda size: partial(act, size))


# --- the counter itself -----------------------------------------------------------------------


def test_the_counter_finds_quadratic_work_in_python_and_in_c() -> None:
    steps = compiled("for _ in range(size // 4): all(n for n in range(1, size))")
    joined = compiled("for n in range(size): f'{text}[{n}]'")

    with pytest.raises(AssertionError, match="too many steps"):
        check_linear(lambda size: partial(steps, size))
    with pytest.raises(AssertionError, match="too many bytes"):
        check_linear(lambda size: partial(joined, size))


def compiled(source: str) -> Callable[[int], None]:
    """Return code that the counter does not take for a frame of the tests."""
    code = compile(source, "library.py", "exec")
    return lambda size: exec(code, {"size": size, "text": "x" * 100 * size})

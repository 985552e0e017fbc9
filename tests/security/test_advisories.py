"""Published holes of other cookie and session libraries, tried on ours.

The title above a group names the advisory or the report. Tests of the core are not repeated here.
"""

from __future__ import annotations

import asyncio
import base64
import pickle
import string
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    Keygrip,
    Outcome,
    Session,
    WeakKeyWarning,
    Written,
    commit_headers,
    find_cookie,
)
from cookiesession_core.keys import PUBLISHED_KEYS
from tests.support import in_process
from tests.support.cookies import cookie_header, sent_back, signed
from tests.support.in_process import Path
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.user_agent import CookieJar

sessions = CookieSession(keys=KEYS)
ALICE, MALLORY = {"user": "alice"}, {"user": "mallory"}


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read(header: str | bytes, configured: CookieSession = sessions) -> dict[str, Any]:
    return dict(configured.open(header))


PATHS: dict[str, Callable[[CookieSession, asyncio.AbstractEventLoop], Path]] = {
    "core": lambda configured, _: in_process.core(configured),
    "WSGI": lambda configured, _: in_process.through_wsgi(configured),
    "ASGI": lambda configured, _: in_process.through_asgi(configured),
    "aiohttp": in_process.through_aiohttp,
    "Tornado": in_process.through_tornado,
}


@pytest.fixture(params=PATHS)
def through(request: pytest.FixtureRequest) -> Iterator[Callable[[CookieSession], Path]]:
    """Serve one request through the core alone, or through an adapter."""
    with closing(asyncio.new_event_loop()) as loop:
        yield lambda configured: PATHS[request.param](configured, loop)


# --- CVE-2026-88038 (cookies), CVE-2024-47764 (jshttp/cookie): attributes injected by options

BREAKS = [
    ";",
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\x7f",
    "; secure",
    "\r\nSet-Cookie: a=1",
    "\x85",
    "\u2028",
]
TEXT_OPTIONS = {
    "path": "/app{}x",
    "domain": "example.com{}x",
    "same_site": "lax{}x",
    "priority": "high{}x",
}


@pytest.mark.parametrize("hostile", BREAKS)
@pytest.mark.parametrize(("option", "template"), TEXT_OPTIONS.items())
def test_no_option_injects_an_attribute_or_a_header(
    option: str, template: str, hostile: str
) -> None:
    value: Any = template.format(hostile)
    with pytest.raises(ConfigurationError, match=option):
        CookieSession(keys=KEYS, **{option: value})
    session = sessions.open()
    session["a"] = 1
    before = CookieOptions()

    with pytest.raises(ConfigurationError, match=option):
        setattr(session.options, option, value)

    assert before == session.options
    assert [each.count(";") for each in session.commit()] == [2, 2]


@pytest.mark.parametrize("hostile", [*BREAKS, "=", " x", "x "])
def test_no_name_injects_an_attribute_or_a_header(hostile: str) -> None:
    name = hostile if " " in hostile else f"session{hostile}x"

    with pytest.raises(ConfigurationError, match="cookie name"):
        CookieSession(keys=KEYS, name=name)


@pytest.mark.parametrize("hostile", BREAKS[:-2])
def test_no_signer_injects_an_attribute_or_a_header(hostile: str) -> None:
    class Hostile:
        def sign(self, _: str | bytes) -> str:
            return f"abc{hostile}"

        def index(self, _data: str | bytes, _digest: str) -> int:
            return 0

    session = CookieSession(keys=Hostile()).open()
    session["a"] = 1

    with pytest.raises(ConfigurationError, match="cookie value") as caught:
        session.commit()
    assert "abc" not in str(caught.value)


def test_no_contents_break_a_set_cookie_value(through: Callable[[CookieSession], Path]) -> None:
    hostile = "".join(BREAKS) + 'é☃\ud800"=,'

    def write(session: Session) -> None:
        session[hostile] = [hostile, {hostile: hostile}]

    for each in through(sessions)(None, write):
        assert each.isascii()
        assert each.isprintable()
        assert 2 == each.count(";")


# --- CVE-2025-7339 (on-headers), vvo/iron-session#112: the header list is rebuilt


def test_foreign_cookies_keep_their_number_order_and_text() -> None:
    foreign = [
        ("Set-Cookie", "a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT"),
        ("set-cookie", "a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT"),
        ("SET-COOKIE", "b=é; x=y;;"),
        ("Set-Cookie", ""),
        ("Set-Cookie", "sessions=1"),
    ]
    for act in (Session.destroy, dict, lambda it: it.update(a=1), lambda it: it.replace({})):
        session = sessions.open(cookie_header(sessions.encode(ALICE)))
        act(session)
        assert foreign == commit_headers(session, foreign)[: len(foreign)]


# --- CVE-2025-47278 (Flask): the oldest key signs; pallets/flask#6089: a str as a list of keys


def test_the_newest_key_signs_also_after_an_older_key_verified() -> None:
    for key in KEYS:
        session = sessions.open(cookie_header(CookieSession(keys=[key]).encode(ALICE)))
        session["a"] = 1
        header = sent_back(session.commit())

        assert CookieSession(keys=[NEWEST]).decode(header) == {**ALICE, "a": 1}
        assert CookieSession(keys=[OLDER]).decode(header) is None


@pytest.mark.parametrize("kind", [str, str.encode, bytearray, memoryview, set, iter, dict.fromkeys])
def test_text_bytes_and_sets_are_not_a_list_of_keys(kind: Any) -> None:
    keys = kind(NEWEST.encode() if kind in (bytearray, memoryview) else NEWEST)
    with pytest.raises(ConfigurationError, match="keys"):
        CookieSession(keys=keys)
    with pytest.raises(ConfigurationError, match="keys"):
        Keygrip(keys)


# --- CVE-2023-30861 and CVE-2026-27205 (Flask): Vary is missing on refresh, and after `in` ---

TOUCHES: dict[str, Callable[[Session], object]] = {
    "in": lambda session: "user" in session,
    "get": lambda session: session.get("user"),
    "[]": lambda session: session["user"],
    "iter": iter,
    "reversed": reversed,
    "len": len,
    "bool": bool,
    "==": lambda session: session == {},
    "|": lambda session: session | {},
    "keys": lambda session: list(session.keys()),
    "items": lambda session: list(session.items()),
    "values": lambda session: list(session.values()),
    "copy": lambda session: session.copy(),
    "is_new": lambda session: session.is_new,
    "is_changed": lambda session: session.is_changed,
    "is_populated": lambda session: session.is_populated,
    "outcome": lambda session: session.outcome,
    "key_index": lambda session: session.key_index,
    "set": lambda session: session.update(a=1),
    "destroy": lambda session: session.destroy(),
    "replace": lambda session: session.replace({"a": 1}),
    "replace by nothing": lambda session: session.replace({}),
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_every_way_to_touch_a_session_makes_the_response_vary(
    touch: Callable[[Session], object],
) -> None:
    session = sessions.open(cookie_header(sessions.encode(ALICE)))
    touch(session)

    assert ("Vary", "Cookie") in commit_headers(session, [])


def test_a_session_that_is_prolonged_or_signed_again_makes_the_response_vary() -> None:
    now = [0.0]
    limited = CookieSession(keys=KEYS, idle_timeout=60, clock=lambda: now[0])
    header = cookie_header(limited.encode(ALICE))
    now[0] = 50
    old = CookieSession(keys=[OLDER]).encode(ALICE)
    for session, written in (
        (limited.open(header), Written.REFRESHED),
        (sessions.open(cookie_header(old)), Written.RESIGNED),
    ):
        assert "user" in session
        assert ("Vary", "Cookie") in commit_headers(session, [])
        assert written is session.written


# --- CVE-2026-39324 (rack-session): a cookie that does not verify is read as if unsigned -----


@pytest.mark.parametrize(
    "header",
    [
        cookie_header(CookieSession(signed=False).encode(MALLORY)),
        cookie_header(CookieSession(signed=False).encode(MALLORY)) + "; session.sig=",
        cookie_header(CookieSession(signed=False).encode(MALLORY)) + "; session.sig=null",
        cookie_header(CookieSession(keys=[OTHER]).encode(MALLORY)),
        cookie_header(CookieSession(keys=Keygrip(KEYS, "sha256")).encode(MALLORY)),
        cookie_header(CookieSession(keys=Keygrip(KEYS, "sha1", "hex")).encode(MALLORY)),
        cookie_header(CookieSession(keys=KEYS, name="other").encode(MALLORY)).replace(
            "other", "session"
        ),
    ],
)
def test_a_cookie_that_does_not_verify_is_never_decoded(header: str) -> None:
    read_by_the_codec: list[str] = []

    class Watched:
        def encode(self, contents: Mapping[str, Any], /) -> str:
            return as_base64(repr(contents).encode())

        def decode(self, text: str, /) -> dict[str, Any]:
            read_by_the_codec.append(text)
            return MALLORY

    watched = CookieSession(keys=KEYS, codec=Watched())

    assert {} == read(header, watched)
    assert watched.decode(header) is None
    assert watched.decode(dict(each.split("=", 1) for each in header.split("; "))) is None
    assert [] == read_by_the_codec


# --- CVE-2025-46336 (rack-session): a request in flight brings back a session that was ended -


def test_a_reading_request_that_ends_late_does_not_bring_back_a_session_that_was_ended() -> None:
    url, jar = "http://example.com/", CookieJar()
    for name, value in sessions.encode(ALICE).items():
        jar.store(f"{name}={value}; path=/", url, now=0)
    slow, logout = (sessions.open(jar.header(url, now=0)) for _ in range(2))
    assert ALICE == dict(slow)
    logout.destroy()

    for each in [*logout.commit(), *slow.commit()]:
        jar.store(each, url, now=0)

    assert [] == jar.cookies(now=0)


# --- CVE-2013-7489 (Beaker), Rack's Marshal: a leaked key is code execution ------------------


class Bomb:
    """Raises when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("unpickled",))


def test_a_correctly_signed_pickle_is_not_a_session_and_does_not_run() -> None:
    session = sessions.open(signed(as_base64(pickle.dumps({"user": Bomb()}))))

    assert Outcome.MALFORMED is session.outcome
    assert {} == dict(session)


# --- CVE-2013-0263 (Rack), tj/node-cookie-signature#2: the time of the comparison is a hint


def test_a_signature_is_compared_in_constant_time_alone_and_with_every_key() -> None:
    class Opaque(str):
        """Text that nobody may look at from its beginning."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, _: object) -> bool:
            raise AssertionError

        def startswith(self, *_: Any) -> bool:
            raise AssertionError

        def __getitem__(self, _: Any) -> str:
            raise AssertionError

        def __iter__(self) -> Iterator[str]:
            raise AssertionError

    grip = Keygrip([*KEYS, OTHER])
    for index, key in enumerate([*KEYS, OTHER]):
        right = Keygrip([key]).sign("data")
        assert index == grip.index("data", Opaque(right))
        assert -1 == grip.index("data", Opaque(right[:-2] + "__"))


# --- itsdangerous#28, authlib/joserfc#51: the last character of base64 can be changed --------


def test_no_other_spelling_of_a_signature_verifies() -> None:
    cookies = sessions.encode(ALICE)
    right = cookies["session.sig"]
    alphabet = string.ascii_letters + string.digits + "-_+/="

    others = [right[:-1] + last for last in alphabet if last != right[-1]]
    # Four of these stand for the same bytes.
    digest = base64.urlsafe_b64decode(right + "=")
    assert 3 == sum(base64.urlsafe_b64decode(each + "=") == digest for each in others[:64])
    others += [right + "=", right + "==", right + " ", f"{right[:9]} {right[9:]}", right + "\n"]
    others += [right.replace("-", "+").replace("_", "/") + "="]

    for other in others:
        sent = {**cookies, "session.sig": other}
        assert sessions.decode(sent) is None
        assert {} == read(cookie_header(sent))


def test_no_other_spelling_of_a_value_verifies() -> None:
    cookies = sessions.encode({"user": 1})
    value = cookies["session"]
    assert value.endswith("==")
    bits = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    last = bits.index(value[-3])

    for other in (
        value[:-3] + bits[last + 1] + "==",
        value[:-1],
        value[:-2],
        value + "=",
        f"{value} ",
    ):
        assert base64.b64decode(other.strip("= ") + "==") == base64.b64decode(value)
        sent = {**cookies, "session": other}
        assert sessions.decode(sent) is None


# --- rack-session#60: form decoding of cookies -----------------------------------------------


CONTENTS = {"a": "??>~~~???", "b": "ûïþ!"}


def test_a_plus_and_a_slash_stand_for_themselves() -> None:
    cookies = sessions.encode(CONTENTS)
    value = cookies["session"]
    assert {"+", "/", "="} <= set(value)

    assert CONTENTS == read(cookie_header(cookies))
    for other in (value.replace("+", " "), value.replace("+", "-").replace("/", "_")):
        assert {} == read(cookie_header({**cookies, "session": other}))


def test_percent_encoding_is_decoded_once_and_the_result_must_verify() -> None:
    cookies = sessions.encode(CONTENTS)
    value, signature = cookies["session"], cookies["session.sig"]

    for escape in ("%2B%2F%3D", "%2b%2f%3d"):
        plus, slash, equals = escape[:3], escape[3:6], escape[6:]
        other = value.replace("+", plus).replace("/", slash).replace("=", equals)
        assert CONTENTS == read(f"session={other}; session.sig={signature}")
        twice = other.replace("%", "%25")
        assert {} == read(f"session={twice}; session.sig={signature}")
    forged = CookieSession(keys=[OTHER]).encode(MALLORY)["session"].replace("=", "%3D")
    assert {} == read(f"session={forged}; session.sig={signature}")


def test_a_plain_pair_wins_against_a_percent_encoded_one() -> None:
    planted = {
        name: f"%{ord(value[0]):02X}{value[1:]}" for name, value in sessions.encode(MALLORY).items()
    }
    good = sessions.encode(ALICE)

    assert MALLORY == read(cookie_header(planted))
    assert ALICE == read(f"{cookie_header(planted)}; {cookie_header(good)}")


# --- CVE-2023-23934 (Werkzeug): a nameless cookie; pallets/werkzeug#1965: quoted names -------


@pytest.mark.parametrize(
    "template", ["={}", "=={}", ";={}", '"{}', "$Version=1; ={}", "session.sig; ={}"]
)
def test_a_pair_with_an_empty_or_a_quoted_name_is_never_ours(template: str) -> None:
    cookies = sessions.encode(MALLORY)
    header = "; ".join(template.format(f"{name}={value}") for name, value in cookies.items())

    assert find_cookie(header, "session") is None
    assert Outcome.ABSENT is sessions.open(header).outcome
    assert read(f"{header}; {cookie_header(sessions.encode(ALICE))}") == ALICE


@pytest.mark.parametrize("template", ['"session"={}', "session ={}", "Session={}", "SESSION={}"])
def test_a_name_is_compared_byte_for_byte(template: str) -> None:
    value = sessions.encode(MALLORY)["session"]

    assert Outcome.ABSENT is sessions.open(template.format(value)).outcome


# --- "Cookie Chaos" (2025): white space before a name slips past the rules of a prefix -------

HOST = CookieSession(keys=KEYS, name="__Host-session", assume_https=True)
WHITE = [chr(code) for code in range(sys.maxunicode) if chr(code).isspace() and code != ord(" ")]
WHITE_BYTES = sorted(
    {character.encode("latin-1") for character in WHITE if ord(character) < 256}
    | {character.encode() for character in WHITE}
    | {b"\xad", b"\xe2\x80\x8b", b"\xef\xbb\xbf", b"\x08", b"\x7f", b"\x00"}
)


@pytest.mark.parametrize("white", WHITE_BYTES, ids=bytes.hex)
def test_only_a_space_is_skipped_before_a_name(
    white: bytes, through: Callable[[CookieSession], Path]
) -> None:
    prefix = white.decode("latin-1")
    evil = cookie_header({f"{prefix}{name}": value for name, value in HOST.encode(MALLORY).items()})
    good = cookie_header(HOST.encode(ALICE))
    seen: list[dict[str, Any]] = []
    serve = through(HOST)

    for header in (evil, f"{evil}; {good}", f"{good}; {evil}"):
        serve(header, lambda session: seen.append(dict(session)))

    assert [{}, ALICE, ALICE] == seen


# --- tornadoweb/tornado#1852: quotes, commas or commands protect a separator -----------------


@pytest.mark.parametrize(
    "before", ['a="', "a='", "a={", "a=(", "a=\\", "a,", '$Version="1', 'a="\\"', "a=b;c"]
)
def test_a_semicolon_always_separates(before: str) -> None:
    good = cookie_header(sessions.encode(ALICE))

    assert read(f'{before}; {good}; b="') == ALICE


# --- pillarjs/cookies#25: a cookie that did not verify is signed again ----------------------------


def test_only_the_session_that_verified_is_signed_again() -> None:
    forged = CookieSession(keys=[OTHER]).encode(MALLORY)
    old = CookieSession(keys=[OLDER]).encode(ALICE)
    for header in (
        cookie_header(forged),
        f"session={forged['session']}; session.sig={old['session.sig']}",
        f"{cookie_header(forged)}; session.sig={old['session.sig']}",
    ):
        session = sessions.open(header)
        assert {} == dict(session)
        assert [] == session.commit()
        assert Written.NOTHING is session.written

    session = sessions.open(f"{cookie_header(forged)}; {cookie_header(old)}")
    assert ALICE == dict(session)
    header = sent_back(session.commit())
    assert Written.RESIGNED is session.written
    assert cookie_header(sessions.encode(ALICE)) == header


# --- The text that is signed: `a` + `b=c` is `a=b` + `c` -------------------------------------


def test_no_two_cookies_share_a_signature() -> None:
    class Verbatim:
        def encode(self, contents: Mapping[str, Any], /) -> str:
            return str(contents["text"])

        def decode(self, text: str, /) -> dict[str, Any]:
            return {"text": text}

    honest = CookieSession(keys=KEYS, name="a", codec=Verbatim()).encode({"text": "b=c"})

    assert Keygrip(KEYS).sign("a=b=c") == honest["a.sig"]
    with pytest.raises(ConfigurationError, match="cookie name"):
        CookieSession(keys=KEYS, name="a=b", codec=Verbatim())


@pytest.mark.parametrize("name", ["session.sig", ".sig", "a.sig.sig"])
def test_no_session_is_the_signature_of_another(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"must not end in '\.sig'"):
        CookieSession(keys=KEYS, name=name)


# --- mojolicious/mojo#1335: keys that sign other things, too ---------------------------------


def test_only_names_keep_cookies_of_the_same_keys_apart() -> None:
    site, shop = (CookieSession(keys=KEYS, name=name) for name in ("site", "shop"))
    swapped = cookie_header(site.encode(MALLORY)).replace("site", "shop")

    assert shop.decode(swapped) is None
    # An application that signs a visitor's own text with these keys hands out sessions. So the
    # README asks for keys that do nothing else.
    text = "shop=" + as_base64(b'{"user":"mallory"}')
    assert MALLORY == shop.decode(f"{text}; shop.sig={Keygrip(KEYS).sign(text)}")


# --- CVE-2023-27524 (Superset), badsecrets: keys that everybody knows ------------------------


@pytest.mark.parametrize("key", sorted(PUBLISHED_KEYS))
@pytest.mark.parametrize("where", ["secret", "first", "last"])
def test_a_published_key_is_warned_of_wherever_it_stands(key: bytes, where: str) -> None:
    places: dict[str, dict[str, Any]] = {
        "secret": {"secret": key},
        "first": {"keys": [key.decode(), NEWEST]},
        "last": {"keys": [NEWEST, key]},
    }

    with pytest.warns(WeakKeyWarning, match="public documentation") as caught:
        CookieSession(**places[where])

    assert [1, False] == [len(caught), repr(key.decode()) in str(caught[0].message)]


# --- CVE-2022-25896 (Passport), plivo-labs/glance#71: a session is planted from a sister site

SHOP = "https://shop.example.com/account/orders"


def planted(name: str, jar: CookieJar, sent_by: str, attributes: str) -> None:
    """Store Mallory's own, valid session, as a response of another host would."""
    for each, value in (
        CookieSession(keys=KEYS, name=name, assume_https=True).encode(MALLORY).items()
    ):
        jar.store(f"{each}={value}; {attributes}", sent_by, now=0)


def logged_in(configured: CookieSession) -> CookieJar:
    jar = CookieJar()
    session = configured.open(None, https=True)
    session.update(ALICE)
    for each in session.commit():
        jar.store(each, SHOP, now=0)
    return jar


@pytest.mark.parametrize(
    ("sent_by", "attributes"),
    [
        ("https://evil.example.com/", "domain=example.com; path=/account; secure"),
        ("https://evil.example.com/", "domain=example.com; path=/; secure"),
        ("http://shop.example.com/", "path=/account"),
        (SHOP, "path=/account; secure"),
    ],
    ids=["sister site, deep path", "sister site", "plain HTTP", "injected script"],
)
def test_the_host_prefix_keeps_planted_sessions_out(sent_by: str, attributes: str) -> None:
    configured = CookieSession(keys=KEYS, name="__Host-session", secure=True)
    jar = logged_in(configured)

    planted("__Host-session", jar, sent_by, attributes)

    assert ALICE == dict(configured.open(jar.header(SHOP, now=0), https=True))


def test_without_the_prefix_a_planted_session_wins_because_it_is_valid() -> None:
    configured = CookieSession(keys=KEYS, secure=True)
    jar = logged_in(configured)

    planted(
        "session", jar, "https://evil.example.com/", "domain=example.com; path=/account; secure"
    )

    assert MALLORY == dict(configured.open(jar.header(SHOP, now=0), https=True))


def test_a_log_in_does_not_reach_a_copy_that_was_planted_before() -> None:
    planted_before = cookie_header(sessions.encode({"next": "/trap"}))
    visitor = sessions.open(planted_before)
    visitor.replace(ALICE)

    assert ALICE == sessions.decode(visitor.commit())
    assert {"next": "/trap"} == sessions.decode(planted_before)


# --- plivo-labs/glance#71, pillarjs/cookies#88: forged cookies hide the real one -------------

FORGED = f"session={as_base64(b'{}')}; session.sig={'A' * 27}"


@pytest.mark.parametrize(
    "template",
    [
        "{forged}; {good}",
        "{good}; {forged}",
        "{forged}; {forged}; {forged}; {good}",
        "session=; session.sig=; {good}",
        'session="; session.sig="; {good}',
        "session.sig=x; session.sig=y; session.sig=z; {good}",
        "session=x; session=y; session=z; {good}",
        "{good}; session={forged}",
    ],
)
def test_forged_cookies_beside_the_real_one_change_nothing(
    template: str, through: Callable[[CookieSession], Path]
) -> None:
    header = template.format(forged=FORGED, good=cookie_header(sessions.encode(ALICE)))
    seen: list[dict[str, Any]] = []

    assert [] == through(sessions)(header, lambda session: seen.append(dict(session)))
    assert [ALICE] == seen


def test_too_many_forged_cookies_hide_the_real_one_but_do_not_delete_it() -> None:
    header = "; ".join([FORGED] * 4 + [cookie_header(sessions.encode(ALICE))])
    session = sessions.open(header)

    assert Outcome.BAD_SIGNATURE is session.outcome
    assert [] == session.commit()


# --- planety/prologue#293, CVE-2023-26136 (tough-cookie): contents become attributes


def test_every_key_of_a_session_is_only_data() -> None:
    names = {
        *dir(Session),
        *("__proto__", "constructor", "prototype", "toString", "isNew", "_ctx", "", "\0"),
    }
    contents = {name: {"polluted": True} for name in sorted(names)}
    unlimited = CookieSession(keys=KEYS, max_cookie_size=None)
    session = unlimited.open(cookie_header(unlimited.encode(contents)))

    assert contents == dict(session)
    assert [] == session.commit()
    assert Written.NOTHING is session.written
    assert {} == dict(unlimited.open())
    assert CookieOptions() == session.options

"""No frame of the library shows a secret in the traceback of an exception.

Error reporters collect the local variables of every frame that an exception passes, by their
``repr``. So no local variable of our frames may show a key, contents, a cookie or a signature.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import attrs
import pytest
from aiohttp import web
from cryptography.fernet import Fernet
from tornado.web import Application

import cookiesession_adapters
import cookiesession_core
from cookiesession_adapters import aiohttp, asgi, testing, tornado, wsgi
from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_adapters.codecs.fernet import FernetCodec
from cookiesession_adapters.legacy.django import DjangoReader
from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_adapters.legacy.starlette import StarletteReader
from cookiesession_core import (
    CookieOptions,
    CookieSession,
    CookieSessionError,
    JSONCodec,
    Keygrip,
    Session,
    SessionView,
    SignedPair,
    commit_headers,
    commit_raw_headers,
    format_set_cookie,
    parse_keys,
)
from tests.support.keys import CANARY, KEYS

OUR_FILES = tuple(
    str(Path(str(package.__file__)).parent)
    for package in (cookiesession_core, cookiesession_adapters)
)
KEY = "a key that no traceback may show"
FERNET_KEY = Fernet.generate_key().decode()
SHORT_KEY = "<8.key>"
CONTENTS = {"note": CANARY, "list": [CANARY], "inner": {"note": CANARY}}
SESSIONS = CookieSession(keys=KEYS)
VALUE, SIGNATURE = SESSIONS.encode(CONTENTS).values()
COOKIES = f"session={VALUE}; session.sig={SIGNATURE}"
SECRETS = (KEY, SHORT_KEY, FERNET_KEY[:20], *KEYS, CANARY, VALUE[:16], SIGNATURE[:16])


def of_ours(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """Yield the local variables of each of our frames, also of the errors that led to this one."""
    seen: set[int] = set()
    left = [error]
    while left:
        current = left.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        left += [current.__cause__, current.__context__]
        traceback: TracebackType | None = current.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename.startswith(OUR_FILES):
                yield traceback.tb_frame.f_locals
            traceback = traceback.tb_next


def shown(value: object) -> list[str]:
    """Return the secrets that a debugger or an error reporter would show of a value."""
    if isinstance(value, Mapping) and not isinstance(value, (Session, SessionView)):
        return [secret for pair in value.items() for each in pair for secret in shown(each)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [secret for each in value for secret in shown(each)]
    try:
        text = repr(value)
    except AttributeError:  # the object whose constructor has failed
        return []
    return [secret for secret in SECRETS if secret in text]


def leaks(error: BaseException) -> list[tuple[str, str]]:
    """Return the names of the local variables that show secrets, and the secrets."""
    return [
        (name, secret)
        for frame in of_ours(error)
        for name, value in frame.items()
        for secret in shown(value)
    ]


def raised_by(act: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - what it is, other tests say
        act()
    return caught.value


# --- keys ------------------------------------------------------------------------------------

WRONG_OPTIONS: dict[str, dict[str, Any]] = {
    "a key instead of a list": {"keys": KEY},
    "bytes instead of a list": {"keys": KEY.encode()},
    "a set": {"keys": {KEY}},
    "a dict": {"keys": {KEY: KEY}},
    "a view of a dict": {"keys": {KEY: 1}.keys()},
    "a key of another type": {"keys": [KEY, 5]},
    "a key in a list in the list": {"keys": [KEY, [KEY]]},
    "an empty key": {"keys": [KEY, ""]},
    "a secret of another type": {"secret": [KEY]},
    "a secret in a dict": {"secret": {"key": KEY}},
    "a wrong name": {"keys": [KEY], "name": "a=b"},
    "a name that passes for a signature": {"secret": KEY, "name": "a.sig"},
    "a name that browsers refuse": {"keys": [KEY], "name": "__Host-s"},
    "a wrong signed": {"keys": [KEY], "signed": None},
    "a wrong key beside signed=False": {"keys": [KEY, 5], "signed": False},
    "a wrong codec": {"keys": [KEY], "codec": object()},
    "a wrong clock": {"keys": [KEY], "clock": 5},
    "a wrong max_age": {"keys": [KEY], "max_age": -1},
    "a wrong path": {"secret": KEY, "path": ";"},
    "a wrong timeout": {"keys": [KEY], "idle_timeout": 0},
    "a wrong size": {"keys": [KEY], "max_cookie_size": 0},
    "a wrong validate": {"keys": [KEY], "validate": 5},
    "a wrong legacy reader": {"keys": [KEY], "legacy": [object()]},
    "legacy readers that are not a list": {"keys": [KEY], "legacy": "x"},
    "a wrong format": {"format": object()},
    "keys beside a format": {"keys": [KEY], "format": SignedPair(KEYS)},
    "a secret beside a format": {"secret": KEY, "format": SignedPair(KEYS)},
    "an unknown option": {"keys": [KEY], "maxAge": 60},
    "an unknown option that holds a key": {"key": KEY},
    "an unknown option that holds keys": {"Keys": [KEY]},
}

ENTRIES: dict[str, Callable[..., object]] = {
    "CookieSession": CookieSession,
    "WSGI": lambda *arguments, **options: wsgi.CookieSessionMiddleware(
        lambda *_: [], *arguments, **options
    ),
    "ASGI": lambda *arguments, **options: asgi.CookieSessionMiddleware(
        lambda *_: None,  # type: ignore[arg-type]
        *arguments,
        **options,
    ),
    "aiohttp": lambda *arguments, **options: aiohttp.setup(
        web.Application(), *arguments, **options
    ),
    "Tornado": lambda *arguments, **options: tornado.setup(Application(), *arguments, **options),
}


@pytest.mark.parametrize("options", WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_no_frame_shows_a_key_of_wrong_options(
    entry: Callable[..., object], options: dict[str, Any]
) -> None:
    error = raised_by(lambda: entry(**options))

    assert isinstance(error, CookieSessionError)
    assert [] == leaks(error)


@pytest.mark.parametrize("arguments", [[[KEY]], [KEY], [{KEY}], [{"keys": [KEY]}]])
@pytest.mark.parametrize("entry", list(ENTRIES.values())[1:], ids=list(ENTRIES)[1:])
def test_no_frame_of_an_adapter_shows_keys_that_are_given_as_a_configuration(
    entry: Callable[..., object], arguments: list[Any]
) -> None:
    assert [] == leaks(raised_by(lambda: entry(*arguments)))
    assert [] == leaks(raised_by(lambda: entry(*arguments, name="other")))


@pytest.mark.parametrize("entry", list(ENTRIES.values())[1:], ids=list(ENTRIES)[1:])
def test_no_frame_of_an_adapter_shows_keys_beside_a_configuration(
    entry: Callable[..., object],
) -> None:
    assert [] == leaks(raised_by(lambda: entry(SESSIONS, keys=[KEY])))


CONSTRUCTORS: dict[str, Callable[[], object]] = {
    "a text with an empty key": lambda: parse_keys(f"{KEY},,{KEY}"),
    "lines with an empty key": lambda: parse_keys(f"{KEY}\n\n{KEY}"),
    "a list in the place of a text": lambda: parse_keys([KEY]),  # type: ignore[arg-type]
    "bytes in the place of a text": lambda: parse_keys(KEY.encode()),  # type: ignore[arg-type]
    "Keygrip of a key": lambda: Keygrip(KEY),
    "Keygrip of a set": lambda: Keygrip({KEY}),  # type: ignore[arg-type]
    "Keygrip of a key of another type": lambda: Keygrip([KEY, 5]),  # type: ignore[list-item]
    "Keygrip of an empty key": lambda: Keygrip([KEY, ""]),
    "Keygrip of three keys": lambda: Keygrip(KEY, KEY, KEY),
    "a key as the algorithm": lambda: Keygrip([KEY], KEY),
    "a key as the encoding": lambda: Keygrip([KEY], "sha1", KEY),
    "keys as the algorithm": lambda: Keygrip([KEY], [KEY]),  # type: ignore[arg-type]
    "SignedPair of a key": lambda: SignedPair(KEY),
    "SignedPair of a set": lambda: SignedPair({KEY}),  # type: ignore[arg-type]
    "SignedPair of a wrong key": lambda: SignedPair([KEY, 5]),  # type: ignore[list-item]
    "SignedPair with a wrong codec": lambda: SignedPair([KEY], object()),  # type: ignore[arg-type]
    "SignedPair with a wrong name": lambda: SignedPair([KEY]).bound("a.sig"),
    "Starlette: max_age": lambda: StarletteReader(KEY, max_age=0),
    "Starlette: a list": lambda: StarletteReader([KEY]),  # type: ignore[arg-type]
    "Starlette: no UTF-8": lambda: StarletteReader(KEY + "\ud800"),
    "Flask: max_age": lambda: FlaskReader(KEY, max_age=0),
    "Flask: a key as the fallbacks": lambda: FlaskReader(KEY, fallbacks=KEY),
    "Flask: a set of fallbacks": lambda: FlaskReader(KEY, fallbacks={KEY}),  # type: ignore[arg-type]
    "Flask: an empty key": lambda: FlaskReader("", fallbacks=[KEY]),
    "Django: max_age": lambda: DjangoReader(KEY, max_age=0),
    "Django: an empty fallback": lambda: DjangoReader(KEY, fallbacks=[KEY, ""]),
    "Django: an empty fallback of bytes": lambda: DjangoReader(KEY.encode(), fallbacks=[b""]),
    "Fernet: a key": lambda: FernetCodec(FERNET_KEY),
    "Fernet: a set": lambda: FernetCodec({FERNET_KEY}),  # type: ignore[arg-type]
    "Fernet: a short key": lambda: FernetCodec([FERNET_KEY, FERNET_KEY[:-1]]),
    "Fernet: a key of another type": lambda: FernetCodec([FERNET_KEY, 7]),  # type: ignore[list-item]
}


@pytest.mark.parametrize("construct", CONSTRUCTORS.values(), ids=CONSTRUCTORS)
def test_no_frame_shows_a_key_of_a_wrong_constructor(construct: Callable[[], object]) -> None:
    error = raised_by(construct)

    assert isinstance(error, CookieSessionError)
    assert list(of_ours(error))
    assert [] == leaks(error)
    assert [] == [secret for secret in SECRETS if secret in str(error)]
    assert [] == [secret for secret in SECRETS if secret.encode() in pickle.dumps(error)]


@pytest.mark.parametrize("entry", [CookieSession, *list(ENTRIES.values())[1:]], ids=ENTRIES)
def test_no_frame_shows_a_weak_key_where_warnings_are_errors(entry: Callable[..., object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        for options in ({"keys": [KEYS[0], SHORT_KEY]}, {"secret": SHORT_KEY}):
            assert [] == leaks(raised_by(partial(entry, **options)))


# --- contents --------------------------------------------------------------------------------


class FailingCodec:
    """A codec that always fails, without a message."""

    def encode(self, _: Mapping[str, Any], /) -> str:
        raise LookupError

    def decode(self, _: str, /) -> dict[str, Any]:
        return dict(CONTENTS)


class TalkingCodec(FailingCodec):
    """A codec that returns a value that no cookie can carry."""

    def encode(self, _: Mapping[str, Any], /) -> str:
        return f"{VALUE};"


class QuotingCodec(FailingCodec):
    """A codec whose cookie would not come back."""

    def encode(self, _: Mapping[str, Any], /) -> str:
        return f'"{VALUE}'


class FailingSigner:
    """A signer that always fails."""

    def sign(self, _: str | bytes, /) -> str:
        raise LookupError

    def index(self, _data: str | bytes, _digest: str, /) -> int:
        raise LookupError


class Accepting(FailingSigner):
    """A signer that accepts everything, and cannot sign."""

    def index(self, _data: str | bytes, _digest: str, /) -> int:
        return 0


class Breaking(Accepting):
    """A signer whose signature no header can carry."""

    def sign(self, _: str | bytes, /) -> str:
        return f"{SIGNATURE}\r\n"


def failing(*_: object) -> Any:
    raise LookupError


class Later:
    """An awaitable."""

    def __await__(self) -> Iterator[None]:
        yield


@attrs.define
class FailingLater:
    """A clock that fails at the second call, or later."""

    answers: int = 1

    def __call__(self) -> float:
        self.answers -= 1
        if self.answers < 0:
            raise LookupError
        return 1_700_000_000.0


def opened(cookies: Any = COOKIES, **options: Any) -> Session:
    return CookieSession(**{"keys": KEYS, **options}).open(cookies)


def then(make: Callable[[], Session], act: Callable[[Any], object]) -> Callable[[], object]:
    return lambda: act(make())


def read_note(session: Session) -> object:
    return session.get("note")


def committed() -> Session:
    session = opened()
    session["note"] = CANARY
    session.commit()
    return session


def changed(value: object = 1, **options: Any) -> Session:
    """Return a session that was loaded and holds new contents."""
    session = opened(**options)
    session.update(CONTENTS, wrong=value)
    return session


def lasting() -> Session:
    """Return a session with contents under a key that its lifetime needs."""
    session = opened(idle_timeout=60)
    session.update(CONTENTS, _expire=CANARY)
    return session


TOO_LARGE = CANARY * 200

ACCESS: dict[str, Callable[[], object]] = {
    "a missing key": lambda: opened()["missing"],
    "deleting a missing key": lambda: opened().__delitem__("missing"),
    "popping a missing key": lambda: opened().pop("missing"),
    "updating by text": lambda: opened().update([CANARY]),
    "updating by a number": lambda: opened().update(5, note=CANARY),
    "merging a number": lambda: opened() | 5,  # type: ignore[operator]
    "merging pairs": lambda: opened() | [("note", CANARY)],  # type: ignore[operator]
    "merging into pairs": lambda: [("note", CANARY)] | opened(),  # type: ignore[operator]
    "a view, merging pairs": lambda: SessionView(opened()) | [("note", CANARY)],  # type: ignore[operator]
    "a view, merging into pairs": lambda: [("note", CANARY)] | SessionView(opened()),  # type: ignore[operator]
    "replacing by a list": lambda: opened().replace([CANARY]),  # type: ignore[arg-type]
}
LATE: dict[str, Callable[[Any], object]] = {
    "setting": lambda session: session.__setitem__("more", CANARY),
    "deleting": lambda session: session.__delitem__("note"),
    "popping": lambda session: session.pop("note"),
    "popitem": lambda session: session.popitem(),
    "clear": lambda session: session.clear(),
    "setdefault": lambda session: session.setdefault("more", [CANARY]),
    "updating by keywords": lambda session: session.update(more=CANARY),
    "updating by a dict": lambda session: session.update({"more": [CANARY]}),
    "merging": lambda session: session.__ior__({"more": {"note": CANARY}}),
    "replacing": lambda session: session.replace({"more": CANARY}),
    "destroying": lambda session: session.destroy(),
    "sending again": lambda session: session.resend(),
}
SENDING: dict[str, Callable[[], object]] = {
    **{
        f"{what}: {way}": then(make, act)
        for what, make in {
            "a foreign type": lambda: changed({1}),
            "a foreign type deep inside": lambda: changed([{"deep": {CANARY}}]),
            "too large": lambda: changed(TOO_LARGE),
            "too deep": lambda: changed(nested()),
            "a key of a lifetime": lasting,
            "a codec that fails": lambda: changed(codec=FailingCodec()),
            "a codec that breaks the header": lambda: changed(codec=TalkingCodec()),
            "a codec whose value does not come back": lambda: changed(codec=QuotingCodec()),
            "a signer that fails": lambda: changed(keys=Accepting()),
            "a signer that breaks the header": lambda: changed(keys=Breaking()),
            "a clock that fails": lambda: changed(clock=failing, max_age=60),
            "a clock that fails for a lifetime": lambda: changed(
                clock=FailingLater(), idle_timeout=60
            ),
        }.items()
        for way, act in {
            "commit": lambda session: session.commit(),
            "headers": lambda session: commit_headers(session, []),
            "raw headers": lambda session: commit_raw_headers(session, []),
        }.items()
    },
    "is_changed": lambda: changed({1}).is_changed,
    "is_changed by a codec that fails": lambda: changed(codec=FailingCodec()).is_changed,
}
READING: dict[str, Callable[[], object]] = {
    f"{what}: {way}": partial(act, options)
    for what, options in {
        "a signer that fails": {"keys": FailingSigner()},
        "validate that fails": {"validate": failing},
        "validate that is asynchronous": {"validate": lambda _: Later()},
        "a clock that fails": {"clock": failing, "idle_timeout": 60},
    }.items()
    for way, act in {
        "get": lambda options: opened(**options).get("note"),
        "outcome": lambda options: opened(**options).outcome,
        "decode": lambda options: CookieSession(**{"keys": KEYS, **options}).decode(COOKIES),
    }.items()
}


def nested() -> list[Any]:
    deep: list[Any] = [CANARY]
    for _ in range(600):
        deep = [deep]
    return deep


def encoders(**options: Any) -> list[Callable[[Any], object]]:
    sessions = CookieSession(**{"keys": KEYS, **options})
    return [sessions.encode, sessions.cookie_header]


WRONG_CONTENTS: list[Any] = [
    {**CONTENTS, "wrong": {1}},
    {**CONTENTS, "wrong": nested()},
    {**CONTENTS, "inner": {1: CANARY}},
    MappingProxyType({**CONTENTS, "wrong": {1}}),
    [CANARY],
    CANARY,
    5,
]
FAILING: dict[str, dict[str, Any]] = {
    "a codec that fails": {"codec": FailingCodec()},
    "a codec that breaks the header": {"codec": TalkingCodec()},
    "a signer that fails": {"keys": FailingSigner()},
    "a signer that breaks the header": {"keys": Breaking()},
    "a clock that fails": {"clock": failing, "idle_timeout": 60},
}
CODECS: list[Any] = [JSONCodec(), FastJSONCodec(), FernetCodec([FERNET_KEY])]
ENCODING: dict[str, Callable[[], object]] = {
    **{
        f"{encode.__name__} of contents {index} by {codec}": partial(encode, contents)
        for index, contents in enumerate(WRONG_CONTENTS)
        for codec, encode in [
            *[("CookieSession", each) for each in encoders()],
            *[("FernetCodec", each) for each in encoders(codec=CODECS[2])],
            *[(type(each).__name__, each.encode) for each in CODECS],
        ]
    },
    **{
        f"{encode.__name__}, {what}": partial(encode, CONTENTS)
        for what, options in FAILING.items()
        for encode in encoders(**options)
    },
    "a key of a lifetime": lambda: encoders(idle_timeout=60)[0]({**CONTENTS, "_expire": CANARY}),
}
COOKIE_FORMS: dict[str, Any] = {
    "a mapping of header fields": {"cookie": COOKIES},
    "a mapping of bytes": {"session": VALUE.encode(), "session.sig": SIGNATURE},
    "a mapping with names of bytes": {b"session": VALUE, "session.sig": SIGNATURE},
    "pairs of str": [("cookie", COOKIES)],
    "triples of bytes": [(b"cookie", COOKIES.encode(), b"")],
    "pairs of bytes with something else": [(b"cookie", COOKIES.encode()), COOKIES.encode()],
    "a list of something else": [COOKIES, 5],
    "bytes in a list with something else": [COOKIES.encode(), 5],
}


class Client:
    """A test client."""

    def __init__(self) -> None:
        self.cookies = CookieJar()
        self.base_url = "http://testserver"


def log_in(contents: Any, options: Any) -> None:
    testing.log_in(Client(), CookieSession(**{"keys": KEYS, **options}), contents)


def read_by_a_failing_signer() -> None:
    client = Client()
    testing.log_in(client, SESSIONS, CONTENTS)
    testing.read(client, CookieSession(keys=FailingSigner()))


OTHER: dict[str, Callable[[], object]] = {
    **{
        f"logging a test client in: {what}": partial(log_in, contents, options)
        for what, contents, options in [
            ("a foreign type", {"note": CANARY, "wrong": {1}}, {}),
            ("no mapping", [CANARY], {}),
            ("too large", {"note": CANARY * 200}, {}),
            ("a signer that fails", CONTENTS, {"keys": FailingSigner()}),
            ("secure over plain HTTP", CONTENTS, {"secure": True}),
            ("another domain", CONTENTS, {"domain": "shop.test"}),
            ("refused contents", CONTENTS, {"validate": lambda _: False}),
        ]
    },
    "reading a test client's session by a signer that fails": read_by_a_failing_signer,
    **{
        f"open: {what}": then(partial(opened, cookies), read_note)
        for what, cookies in COOKIE_FORMS.items()
    },
    **{
        f"decode: {what}": partial(SESSIONS.decode, cookies)
        for what, cookies in COOKIE_FORMS.items()
    },
    "a cookie value": lambda: formatted("a", f"{VALUE};"),
    "a cookie value of another type": lambda: formatted("a", [VALUE]),
    "the name of a cookie": lambda: formatted("a b\n", VALUE),
    "a secure cookie over plain HTTP": lambda: formatted("a", VALUE, secure=True),
    "attributes that browsers refuse": lambda: formatted("a", VALUE, same_site="none"),
    "pickling a session": lambda: pickle.dumps(changed()),
    "pickling a configuration": lambda: pickle.dumps(SESSIONS),
}


def formatted(name: str, value: Any, **options: Any) -> str:
    return format_set_cookie(name, value, CookieOptions(**options), https=False, now=0)


ALL = {**ACCESS, **SENDING, **READING, **ENCODING, **OTHER}


@pytest.mark.parametrize("act", ALL.values(), ids=ALL)
def test_no_frame_shows_contents_or_cookies(act: Callable[[], object]) -> None:
    assert [] == leaks(raised_by(act))


@pytest.mark.parametrize("write", LATE.values(), ids=LATE)
@pytest.mark.parametrize("seen_by", [lambda session: session, SessionView], ids=["session", "view"])
def test_no_frame_shows_contents_that_are_written_too_late(
    seen_by: Callable[[Session], Any], write: Callable[[Any], object]
) -> None:
    error = raised_by(lambda: write(seen_by(committed())))

    assert isinstance(error, CookieSessionError)
    assert [] == leaks(error)


# --- the search itself -----------------------------------------------------------------------


def test_the_search_finds_a_secret_in_a_frame_and_in_the_cause_of_an_error() -> None:
    class Talking(JSONCodec):
        def encode(self, contents: Mapping[str, Any], /) -> str:
            raise LookupError(contents)

    error = raised_by(lambda: CookieSession(keys=KEYS, codec=Talking()).encode(CONTENTS))
    assert [] == leaks(error)
    assert shown({"a": [error]})
    assert shown(({"key": KEY.encode()},))
    assert not shown(changed())

    outer = ValueError()
    outer.__context__ = error
    assert len(list(of_ours(outer))) == len(list(of_ours(error))) > 0

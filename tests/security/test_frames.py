"""No frame of the library shows a secret in the traceback of an exception.

Error reporters collect the local variables of every frame that an exception passes, by their
``repr``. So no local variable of our frames may show a key, contents, a cookie or a signature.
"""

from __future__ import annotations

import asyncio
import inspect
import pickle
import warnings
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from http.cookies import SimpleCookie
from inspect import isabstract
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from aiohttp_session import get_session
from cryptography.fernet import Fernet
from flask import Flask
from flask import session as flask_session
from litestar import Litestar
from litestar.middleware.session.base import SessionMiddleware as LitestarMiddleware
from pyramid.config import Configurator
from pyramid.request import Request as PyramidRequest
from pyramid.response import Response
from quart import Quart
from quart import session as quart_session
from quart import websocket as quart_websocket
from tornado import httputil
from tornado.web import Application, RequestHandler

import cookiesession_adapters
import cookiesession_core
from cookiesession_adapters import (
    aiohttp,
    aiohttp_session,
    asgi,
    flask,
    pyramid,
    quart,
    testing,
    tornado,
    wsgi,
)
from cookiesession_adapters.codecs.fast import FastJSONCodec
from cookiesession_adapters.codecs.fernet import FernetCodec
from cookiesession_adapters.codecs.tagged import TaggedCodec
from cookiesession_adapters.formats.authjs import AuthJSReader, read_session
from cookiesession_adapters.formats.iron_session import IronSession, seal_data, unseal_data
from cookiesession_adapters.formats.react_router import ReactRouter, flash
from cookiesession_adapters.formats.signed import unsign
from cookiesession_adapters.legacy.django import DjangoReader
from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_adapters.legacy.starlette import StarletteReader
from cookiesession_adapters.litestar import CookieSessionConfig
from cookiesession_core import (
    BoundFormat,
    CookieOptions,
    CookieSession,
    CookieSessionError,
    CookieSessionOptions,
    JSONCodec,
    Keygrip,
    Session,
    SessionView,
    SignedPair,
    commit_headers,
    commit_raw_headers,
    end_request,
    find_session,
    format_set_cookie,
    parse_keys,
    shared_session,
)
from tests.formats.authjs_tokens import AUTHJS, token
from tests.support.in_process import (
    Act,
    Connection,
    run,
    through_aiohttp,
    through_asgi,
    through_wsgi,
)
from tests.support.in_process import Path as Server
from tests.support.keys import CANARY, KEYS

OUR_FILES = (
    *(
        str(Path(str(package.__file__)).parent)
        for package in (cookiesession_core, cookiesession_adapters)
    ),
    "<attrs generated",
)
KEY = "a key that no traceback may show"
FERNET_KEY = Fernet.generate_key().decode()
SHORT_KEY = "<8.key>"
CONTENTS = {"note": CANARY, "list": [CANARY], "inner": {"note": CANARY}}
SESSIONS = CookieSession(keys=KEYS)
ROUTER = ReactRouter(KEYS)
VALUE, SIGNATURE = SESSIONS.encode(CONTENTS).values()
COOKIES = f"session={VALUE}; session.sig={SIGNATURE}"
TOKEN = token(CONTENTS, KEY)
SECRETS = (
    *(KEY, KEY[::-1], SHORT_KEY, FERNET_KEY[:20], *KEYS, CANARY),
    *(VALUE[:16], SIGNATURE[:16], TOKEN[:16], TOKEN[-16:]),
)


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
    text = repr(value)
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


# --- objects whose constructor fails ----------------------------------------------------------

PUBLIC: list[Any] = [
    value
    for value in vars(cookiesession_core).values()
    if isinstance(value, type) and not issubclass(value, Enum) and not isabstract(value)
]
PUBLIC += [FastJSONCodec, FernetCodec, DjangoReader, FlaskReader, StarletteReader, ReactRouter]
PUBLIC += [AuthJSReader, IronSession]
PUBLIC += [asgi.CookieSessionMiddleware, wsgi.CookieSessionMiddleware]


@pytest.mark.parametrize("kind", PUBLIC)
def test_an_object_whose_constructor_has_failed_has_a_repr(kind: Any) -> None:
    assert repr(kind.__new__(kind))


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
    "Litestar": CookieSessionConfig,
    "Flask": lambda *arguments, **options: flask.setup(Flask("shop"), *arguments, **options),
    "Quart": lambda *arguments, **options: quart.setup(Quart("shop"), *arguments, **options),
    "Pyramid": lambda *arguments, **options: pyramid.setup(Configurator(), *arguments, **options),
    "aiohttp-session": lambda *arguments, **options: aiohttp_session.setup(
        web.Application(), *arguments, **options
    ),
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


SETUPS: dict[str, Callable[..., object]] = {
    "WSGI": wsgi.CookieSessionMiddleware,
    "ASGI": asgi.CookieSessionMiddleware,
    "aiohttp": aiohttp.setup,
    "Tornado": tornado.setup,
    "Flask": flask.setup,
    "Quart": quart.setup,
    "Pyramid": pyramid.setup,
    "aiohttp-session": aiohttp_session.setup,
}


@pytest.mark.parametrize("setup", SETUPS.values(), ids=SETUPS)
def test_no_frame_of_an_adapter_shows_keys_in_the_place_of_the_application(
    setup: Callable[..., object],
) -> None:
    assert [] == leaks(raised_by(lambda: setup([KEY])))
    assert [] == leaks(raised_by(lambda: setup([KEY], keys=[KEY])))
    assert [] == leaks(raised_by(lambda: setup(None, [KEY])))


def wrong_settings(setup: Callable[..., None], app: Any) -> None:
    app.config["PERMANENT_SESSION_LIFETIME"] = -1
    setup(app, keys=[KEY])


CONSTRUCTORS: dict[str, Callable[[], object]] = {
    "wrong settings of Flask": lambda: wrong_settings(flask.setup, Flask("shop")),
    "wrong settings of Quart": lambda: wrong_settings(quart.setup, Quart("shop")),
    "a text with an empty key": lambda: parse_keys(f"{KEY},,{KEY}"),
    "lines with an empty key": lambda: parse_keys(f"{KEY}\n\n{KEY}"),
    "a list in the place of a text": lambda: parse_keys([KEY]),  # type: ignore[arg-type]
    "bytes in the place of a text": lambda: parse_keys(KEY.encode()),  # type: ignore[arg-type]
    "CookieSession of keys": lambda: CookieSession([KEY]),  # type: ignore[arg-type]
    "CookieSession of a key and more": lambda: CookieSession(KEY, secret=KEY),  # type: ignore[arg-type]
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
    "IronSession of bytes": lambda: IronSession(KEY.encode()),  # type: ignore[arg-type]
    "IronSession of a list": lambda: IronSession([KEY]),  # type: ignore[arg-type]
    "IronSession of a short password": lambda: IronSession({1: KEY, 2: SHORT_KEY}),
    "IronSession of a password in the place of an id": lambda: IronSession({KEY: KEY}),
    "IronSession of two types": lambda: IronSession({1: KEY, 2: [KEY]}),  # type: ignore[arg-type]
    "IronSession of equal ids": lambda: IronSession({1: KEY, "1": KEY}),  # type: ignore[arg-type]
    "a password as the ttl": lambda: IronSession(KEY, ttl=KEY),  # type: ignore[arg-type]
    "a short password of a seal": lambda: seal_data(CONTENTS, SHORT_KEY),
    "a password as the ttl of a seal": lambda: seal_data({}, KEY, ttl=KEY),  # type: ignore[arg-type]
    "a short password for a seal": lambda: unseal_data(VALUE, SHORT_KEY),
    "data that a seal cannot hold": lambda: seal_data({**CONTENTS, "a": {CANARY}}, KEY),
    "two timeouts": lambda: CookieSession(format=IronSession(KEY, ttl=60), idle_timeout=61),
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
    "React Router: a secret": lambda: ReactRouter(KEY),
    "React Router: a set": lambda: ReactRouter({KEY}),  # type: ignore[arg-type]
    "React Router: an empty secret": lambda: ReactRouter([KEY, ""]),
    "React Router: a secret of another type": lambda: ReactRouter([KEY, 5]),  # type: ignore[list-item]
    "unsign: a secret": lambda: unsign(VALUE, KEY),
    "unsign: an empty secret": lambda: unsign(VALUE, [KEY, ""]),
    "Fernet: a key of another type": lambda: FernetCodec([FERNET_KEY, 7]),  # type: ignore[list-item]
    "Auth.js: a secret": lambda: AuthJSReader(KEY),
    "Auth.js: a set": lambda: AuthJSReader({KEY}),  # type: ignore[arg-type]
    "Auth.js: an empty secret": lambda: AuthJSReader([KEY, ""]),
    "Auth.js: a secret of another type": lambda: AuthJSReader([KEY, [KEY]]),  # type: ignore[list-item]
    "Auth.js: no UTF-8": lambda: AuthJSReader([KEY, KEY + "\ud800"]),
    "reading Auth.js: a secret": lambda: read_session({AUTHJS: TOKEN}, KEY),
    "reading Auth.js: the secret as the name": lambda: read_session(TOKEN, [KEY], name=KEY),
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
        assert [] == leaks(raised_by(lambda: IronSession({2: KEY, 1: SHORT_KEY})))


# --- keys in the place of other options --------------------------------------------------------

WRONG_KEYS: dict[str, Any] = {"str": KEY, "bytes": KEY.encode(), "list": [KEY, KEY[::-1]]}
MAKERS: dict[str, tuple[list[str], Callable[[str, Any], object]]] = {
    "CookieSession": (
        [*CookieSessionOptions.__annotations__, "key", "maxAge"],
        lambda option, value: CookieSession(**{"secret": KEY, option: value}),
    ),
    "CookieOptions": (
        [field.name for field in attrs.fields(CookieOptions)],
        lambda option, value: CookieOptions(**{option: value}),
    ),
    "an attribute of CookieOptions": (
        [field.name for field in attrs.fields(CookieOptions)],
        lambda option, value: setattr(CookieOptions(), option, value),
    ),
    "session.options": (
        [*(field.name for field in attrs.fields(CookieOptions)), "maxAge"],
        lambda option, value: setattr(SESSIONS.open().options, option, value),
    ),
    "sessions.options": (
        [field.name for field in attrs.fields(CookieOptions)],
        lambda option, value: setattr(SESSIONS.options, option, value),
    ),
    "Keygrip": (
        [*inspect.signature(Keygrip).parameters],
        lambda option, value: Keygrip(**{"keys": KEYS, option: value}),
    ),
    "AuthJSReader": (
        [*inspect.signature(AuthJSReader).parameters],
        lambda option, value: AuthJSReader(**{"secrets": [KEY], option: value}),
    ),
    "read_session": (
        [*inspect.signature(read_session).parameters][1:],
        lambda option, value: read_session(**{"cookies": COOKIES, "secrets": [KEY], option: value}),
    ),
    "format_set_cookie": (
        [*inspect.signature(format_set_cookie).parameters],
        lambda option, value: format_set_cookie(**{**ARGUMENTS, option: value}),
    ),
}
ARGUMENTS: dict[str, Any] = {
    "name": "a",
    "value": "b",
    "options": CookieOptions(max_age=60),
    "https": False,
    "now": 0,
}
TAKEN = {
    ("CookieSession", "secret", "str"),
    *(("CookieSession", "secret", "bytes"), ("Keygrip", "keys", "list")),
    *(("AuthJSReader", "secrets", "list"), ("read_session", "secrets", "list")),
    # A key may be a name of a cookie and a value.
    *(("format_set_cookie", "name", "str"), ("format_set_cookie", "value", "str")),
}
"""What is not a mistake, and raises nothing."""


@pytest.mark.parametrize("kind", WRONG_KEYS)
@pytest.mark.parametrize(
    ("maker", "option"), [(maker, option) for maker in MAKERS for option in MAKERS[maker][0]]
)
def test_no_error_shows_a_key_in_the_place_of_another_option(
    maker: str, option: str, kind: str
) -> None:
    def make() -> object:
        return MAKERS[maker][1](option, WRONG_KEYS[kind])

    if (maker, option, kind) in TAKEN:
        make()
        return
    error = raised_by(make)

    assert isinstance(error, (CookieSessionError, UserWarning, TypeError, AttributeError))
    assert option in str(error)
    told = [str(error), repr(error), repr(error.args), repr(vars(error)), repr(error.__cause__)]
    assert [] == [text for text in told if KEY in text or KEY[::-1] in text]
    assert [] == leaks(error)


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


def failing_with(contents: Mapping[str, Any]) -> Any:
    raise LookupError(contents)


def asking_itself() -> object:
    """Touch a session whose ``validate`` uses it."""

    def validate(_: Mapping[str, Any]) -> bool:
        return session.get("note") is None

    session = opened(validate=validate)
    return session.get("note")


class Miscounting(SignedPair):
    """A format that has one more name than its seals have values."""

    def bound(self, name: str, /) -> BoundFormat:
        bound = super().bound(name)
        bound.names = (*bound.names, "more")
        return bound


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


def then(make: Callable[[], object], act: Callable[[Any], object]) -> Callable[[], object]:
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


def sealed(contents: Mapping[str, Any]) -> Session:
    """Return a session of iron-session that holds new contents."""
    session = opened(keys=None, format=IronSession(KEY))
    session.update(CONTENTS)
    session.update(contents)
    return session


def lasting(**options: Any) -> Session:
    """Return a session with contents under a key that its lifetime needs."""
    session = opened(idle_timeout=60, **options)
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
    "validate that uses its own session": asking_itself,
}
LATE: dict[str, Callable[[Any], object]] = {
    "setting": lambda session: session.__setitem__("more", CANARY),
    "deleting": lambda session: session.__delitem__("note"),
    "popping": lambda session: session.pop("note"),
    "popitem": lambda session: session.popitem(),
    "clear": lambda session: session.clear(),
    "setdefault": lambda session: session.setdefault("more", [CANARY]),
    "setting a flash value": lambda session: flash(session, "more", CANARY),
    "updating by keywords": lambda session: session.update(more=CANARY),
    "updating by a dict": lambda session: session.update({"more": [CANARY]}),
    "merging": lambda session: session.__ior__({"more": {"note": CANARY}}),
    "replacing": lambda session: session.replace({"more": CANARY}),
    "destroying": lambda session: session.destroy(),
    "sending again": lambda session: session.resend(),
    "an attribute of the cookie": lambda session: setattr(session.options, "max_age", 60),
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
            "a format that miscounts": lambda: changed(keys=None, format=Miscounting(KEYS)),
            "a key of iron-session": lambda: sealed({"save": CANARY}),
            "a key of the timestamps of iron-session": lambda: sealed({"$start": CANARY}),
            "a foreign type in iron-session": lambda: sealed({"wrong": {CANARY}}),
            "too large for iron-session": lambda: sealed({"wrong": TOO_LARGE}),
            "React Router, a foreign type": lambda: changed({1}, keys=None, format=ROUTER),
            "React Router, too large": lambda: changed(TOO_LARGE, keys=None, format=ROUTER),
            "React Router, a key of a lifetime": lambda: lasting(keys=None, format=ROUTER),
            "a signer that fails": lambda: changed(keys=Accepting()),
            "a signer that breaks the header": lambda: changed(keys=Breaking()),
            "a clock that fails": lambda: changed(clock=failing, max_age=60),
            "a clock that fails for a lifetime": lambda: changed(
                clock=FailingLater(), idle_timeout=60
            ),
            "max_age that fails": lambda: changed(max_age=failing_with),
            "max_age that answers a text": lambda: changed(max_age=lambda _: CANARY),
            "max_age that answers a list": lambda: changed(max_age=lambda _: [CANARY]),
            "max_age that answers the contents": lambda: changed(max_age=dict),
            "max_age that answers an awaitable": lambda: changed(max_age=lambda _: Later()),
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
        "validate that fails with the contents": {"validate": failing_with},
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


class FailingHTML:
    """Something that fails when it is written as HTML, and that JSON lacks."""

    def __html__(self) -> str:
        raise LookupError(CANARY)


def encoders(**options: Any) -> list[Callable[[Any], object]]:
    sessions = CookieSession(**{"keys": KEYS, **options})
    return [sessions.encode, sessions.cookie_header]


WRONG_CONTENTS: list[Any] = [
    {**CONTENTS, "wrong": {1}},
    {**CONTENTS, "wrong": nested()},
    {**CONTENTS, "wrong": (CANARY, [CANARY, {1}])},
    {**CONTENTS, "wrong": (CANARY, FailingHTML())},
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
CODECS: list[Any] = [JSONCodec(), FastJSONCodec(), FernetCodec([FERNET_KEY]), TaggedCodec()]
ENCODING: dict[str, Callable[[], object]] = {
    **{
        f"{encode.__name__} of contents {index} by {codec}": partial(encode, contents)
        for index, contents in enumerate(WRONG_CONTENTS)
        for codec, encode in [
            *[("CookieSession", each) for each in encoders()],
            *[("FernetCodec", each) for each in encoders(codec=CODECS[2])],
            *[("TaggedCodec", each) for each in encoders(codec=CODECS[3])],
            *[(type(each).__name__, each.encode) for each in CODECS],
        ]
    },
    **{
        f"{encode.__name__}, {what}": partial(encode, CONTENTS)
        for what, options in FAILING.items()
        for encode in encoders(**options)
    },
    "a format that miscounts": lambda: encoders(keys=None, format=Miscounting(KEYS))[0](CONTENTS),
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


def logged_in() -> Client:
    client = Client()
    testing.log_in(client, SESSIONS, CONTENTS)
    return client


def of_django() -> Client:
    client = Client()
    client.cookies = SimpleCookie({"session": VALUE, "session.sig": SIGNATURE})  # type: ignore[assignment]
    return client


def without_an_address() -> Client:
    client = logged_in()
    client.base_url = ""
    return client


def with_a_policy_that_fails() -> Client:
    class Policy(DefaultCookiePolicy):
        set_ok = return_ok = failing  # type: ignore[assignment]

    client = logged_in()
    client.cookies.set_policy(Policy())
    return client


class Unknown:
    """A test client that is not known, with a session."""

    def __init__(self) -> None:
        self.cookies = {"session": VALUE, "session.sig": SIGNATURE}


LOGINS: dict[str, tuple[Any, Any]] = {
    "a clock that fails": ({AUTHJS: TOKEN}, failing),
    "a clock that fails, and a header": (f"{AUTHJS}={TOKEN}", failing),
    "a wrong clock": (f"{AUTHJS}={TOKEN}", KEY),
    "a mapping of bytes": ({AUTHJS: TOKEN.encode()}, FailingLater()),
    "a list of something else": ([f"{AUTHJS}={TOKEN}", 5], FailingLater()),
}
OTHER: dict[str, Callable[[], object]] = {
    "signing a list": lambda: Keygrip(KEYS).sign([CANARY]),  # type: ignore[arg-type]
    "verifying a dict": lambda: Keygrip(KEYS).verify(CONTENTS, SIGNATURE),  # type: ignore[arg-type]
    "the index for a dict": lambda: Keygrip(KEYS).index(CONTENTS, SIGNATURE),  # type: ignore[arg-type]
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
    **{
        f"{what}: {way}": then(make, act)
        for what, make in {
            "a test client that is not known": Unknown,
            "a test client without an address": without_an_address,
            "a test client whose jar fails": with_a_policy_that_fails,
        }.items()
        for way, act in {
            "log_in": lambda client: testing.log_in(client, SESSIONS, CONTENTS),
            "read": lambda client: testing.read(client, SESSIONS),
        }.items()
    },
    "options in the place of the configuration: log_in": partial(
        testing.log_in,
        Client(),
        {"keys": KEYS},  # type: ignore[arg-type]
        CONTENTS,
    ),
    "keys in the place of the configuration: read": partial(testing.read, Client(), KEYS),  # type: ignore[arg-type]
    "reading a test client's session by a signer that fails": lambda: testing.read(
        logged_in(), CookieSession(keys=FailingSigner())
    ),
    "reading the session of Django's test client by a signer that fails": lambda: testing.read(
        of_django(), CookieSession(keys=FailingSigner())
    ),
    **{
        f"open: {what}": then(partial(opened, cookies), read_note)
        for what, cookies in COOKIE_FORMS.items()
    },
    **{
        f"decode: {what}": partial(SESSIONS.decode, cookies)
        for what, cookies in COOKIE_FORMS.items()
    },
    "unsign: a list": lambda: unsign([VALUE], [KEY]),  # type: ignore[arg-type]
    "a flash value with a wrong name": lambda: flash(opened(), 5, CANARY),  # type: ignore[call-overload]
    **{
        f"reading a login of Auth.js: {what}": partial(read_session, cookies, [KEY], clock=clock)
        for what, (cookies, clock) in LOGINS.items()
    },
    "a cookie value": lambda: formatted("a", f"{VALUE};"),
    "a cookie value of another type": lambda: formatted("a", [VALUE]),
    "the name of a cookie": lambda: formatted("a b\n", VALUE),
    "a secure cookie over plain HTTP": lambda: formatted("a", VALUE, secure=True),
    "a cookie at a time that is not finite": lambda: format_set_cookie(
        "a", VALUE, CookieOptions(max_age=60), https=False, now=float("inf")
    ),
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


LINE = f"other={VALUE}; path=/"
"""The cookie of another session in the same response."""
WRONG_FIELDS: dict[str, list[Any]] = {
    "no value": [("set-cookie", None), ("set-cookie", LINE)],
    "a number": [("set-cookie", LINE), ("set-cookie", 5)],
    "a value in a list": [("set-cookie", [LINE])],
    "a name without a value": [("set-cookie", LINE), ("set-cookie",)],
    "an empty field": [("set-cookie", LINE), ()],
    "no pair": [("set-cookie", LINE), 5],
    "a name that is not text": [(None, LINE)],
    "a wrong Vary": [("set-cookie", LINE), ("vary", 5)],
}


@pytest.mark.parametrize("as_bytes", [True, False])
@pytest.mark.parametrize("fields", WRONG_FIELDS.values(), ids=WRONG_FIELDS)
def test_no_frame_shows_the_cookies_of_wrong_header_fields(
    fields: list[Any],
    as_bytes: bool,  # noqa: FBT001
) -> None:
    commit: Any = commit_raw_headers if as_bytes else commit_headers
    error = raised_by(lambda: commit(changed(), in_bytes(fields) if as_bytes else fields))

    assert isinstance(error, TypeError)
    assert f"must be a list of pairs of {'bytes' if as_bytes else 'str'}" in str(error)
    assert list(of_ours(error))
    assert [] == leaks(error)


def in_bytes(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(map(in_bytes, value))
    return value.encode() if isinstance(value, str) else value


@pytest.mark.parametrize("wrong", [[("set-cookie", LINE)], [(b"set-cookie", LINE)]])
def test_no_frame_shows_the_cookies_of_fields_of_text_among_raw_fields(wrong: list[Any]) -> None:
    error = raised_by(lambda: commit_raw_headers(changed(), [*wrong, (b"vary", "Accept")]))  # type: ignore[list-item]

    assert isinstance(error, TypeError)
    assert [] == leaks(error)


@attrs.frozen
class TalkingReader:
    """A legacy reader that shows its key."""

    key: str = KEY
    names: tuple[str, ...] = ("old",)
    options: CookieOptions = attrs.field(factory=CookieOptions)

    def read(self, _: str, /) -> None:
        return None


def test_no_frame_shows_the_objects_of_the_configuration() -> None:
    assert KEY in repr(TalkingReader())
    error = raised_by(lambda: changed(TOO_LARGE, legacy=[TalkingReader()]).commit())

    assert [] == leaks(error)


# --- the end of a request --------------------------------------------------------------------


def test_no_frame_shows_contents_to_observe_that_fails() -> None:
    errors: list[Exception] = []

    def observe(session: Session) -> None:
        errors.append(LookupError(dict(session)))
        raise errors[0]

    session = opened(observe=observe)
    read_note(session)
    session.commit()
    end_request(session, "")

    assert list(of_ours(errors[0]))
    assert [] == leaks(errors[0])


class FailingSoon:
    """A signer that fails once, after some calls, and keeps its error."""

    calls = 0
    error: Exception | None = None

    def sign(self, _: str | bytes, /) -> str:
        self._count()
        return SIGNATURE

    def index(self, _data: str | bytes, _digest: str, /) -> int:
        self._count()
        return 0

    def _count(self) -> None:
        self.calls -= 1
        if self.calls == 0:
            self.error = LookupError()
            raise self.error


@pytest.mark.parametrize("calls", range(1, 5))
def test_no_frame_shows_contents_that_changed_late_and_cannot_be_compared(
    calls: int,
) -> None:
    signer = FailingSoon()
    session = opened(keys=signer)
    inner = session["inner"]
    session["more"] = CANARY
    session.commit()
    inner["late"] = CANARY
    signer.calls = calls
    end_request(session, "")

    assert signer.error is not None
    assert list(of_ours(signer.error))
    assert [] == leaks(signer.error)


# --- requests --------------------------------------------------------------------------------


def through_pyramid(sessions: CookieSession) -> Server:
    """Return the path through Pyramid's own session."""

    def view(request: Any) -> Response:
        request.environ["act"](request.session)
        return Response(headers={"Set-Cookie": LINE})

    with Configurator() as config:
        pyramid.setup(config, sessions)
        config.add_view(view)
        app = config.make_wsgi_app()

    def serve(cookies: str | None, act: Act) -> list[str]:
        environ = PyramidRequest.blank("/", environ={"HTTP_COOKIE": cookies, "act": act}).environ
        sent: list[tuple[str, str]] = []
        app(environ, lambda _, headers: sent.extend(headers))
        return [value for name, value in sent if name == "Set-Cookie"]

    return serve


def through_pyramid_twice() -> None:
    """Serve a request through two layers whose options differ."""
    with Configurator() as config:
        pyramid.setup(config, OTHERWISE)
        app = wsgi.CookieSessionMiddleware(config.make_wsgi_app(), SESSIONS)
    wsgi_call(app, failing)


def through_aiohttp_session(sessions: CookieSession, loop: asyncio.AbstractEventLoop) -> Server:
    """Return the path through aiohttp-session."""

    def serve(cookies: str | None, act: Act) -> list[str]:
        async def handle(request: web.Request) -> web.Response:
            act(await get_session(request))  # type: ignore[arg-type]
            return web.Response(headers={"Set-Cookie": LINE})

        app = web.Application()
        aiohttp_session.setup(app, sessions)
        app.router.add_get("/", handle)
        app.freeze()
        request = make_mocked_request("GET", "/", {"Cookie": str(cookies)}, app=app)
        loop.run_until_complete(app._handle(request))
        return []

    return serve


SERVERS: dict[str, Callable[[CookieSession, asyncio.AbstractEventLoop], Server]] = {
    "WSGI": lambda sessions, _: through_wsgi(sessions),
    "ASGI": lambda sessions, _: through_asgi(sessions),
    "aiohttp": through_aiohttp,
    "Pyramid": lambda sessions, _: through_pyramid(sessions),
    "aiohttp-session": through_aiohttp_session,
}
ACTS: dict[str, Act] = {
    "an error of its own": failing,
    "a missing key": lambda session: session["missing"],
    "a foreign type": lambda session: session.update(CONTENTS, wrong={1}),
    "too large": lambda session: session.update(CONTENTS, wrong=TOO_LARGE),
}


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_no_frame_shows_the_session_of_a_request_that_fails(
    server: Callable[..., Server], act: Act, loop: asyncio.AbstractEventLoop
) -> None:
    error = raised_by(lambda: server(SESSIONS, loop)(COOKIES, act))

    assert list(of_ours(error))
    assert [] == leaks(error)


@attrs.frozen
class Request:
    """A request as frameworks have it, which shows all that it holds."""

    environ: Any = None
    scope: Any = None


ENVIRON = {"REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "HTTP_COOKIE": COOKIES}
SCOPE: dict[str, Any] = {"type": "http", "headers": [(b"cookie", COOKIES.encode())]}
OTHERWISE = CookieSession(keys=KEYS, max_age=60)


def a_wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    wsgi.get_session(environ)["more"] = CANARY
    start_response("200 OK", [("Set-Cookie", LINE)])
    return []


async def an_asgi_app(scope: Any, _: Any, send: Any) -> None:
    asgi.get_session(scope)["more"] = CANARY
    fields = [(b"set-cookie", LINE.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": fields})


def asgi_call(app: Any, send: Any) -> None:
    run(app({**SCOPE}, None, send))


def wsgi_call(app: Any, start_response: Any) -> None:
    app({**ENVIRON}, start_response)


async def failing_send(_: object) -> None:
    raise LookupError


async def too_large(scope: Any, receive: Any, send: Any) -> None:
    asgi.get_session(scope)["more"] = TOO_LARGE
    await an_asgi_app(scope, receive, send)


def too_large_for_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    wsgi.get_session(environ)["wrong"] = {1}
    return a_wsgi_app(environ, start_response)


def litestar_call(app: Any, *, is_own_middleware: bool = False) -> None:
    config = CookieSessionConfig(SESSIONS)
    wrapped: Any = config.middleware(app)
    if is_own_middleware:
        wrapped = LitestarMiddleware(app, config._backend_class(config=config))
    litestar = Litestar()
    scope = {**SCOPE, "scheme": "http", "route_handler": None, "state": {}}
    run(wrapped({**scope, "app": litestar, "litestar_app": litestar}, None, failing_send))


def putting(contents: object) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["session"] = contents
        await an_asgi_app(scope, receive, send)

    return app


async def aiohttp_twice() -> None:
    app = web.Application()
    aiohttp.setup(app, SESSIONS)
    aiohttp.setup(app, OTHERWISE)
    app.freeze()
    await app._handle(make_mocked_request("GET", "/", {"Cookie": COOKIES}, app=app))


async def aiohttp_early() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        aiohttp.get_session(request)["wrong"] = {1}
        response = web.StreamResponse(headers={"Set-Cookie": LINE})
        await response.prepare(request)
        return response

    app = web.Application()
    aiohttp.setup(app, SESSIONS)
    app.router.add_get("/", handle)
    app.freeze()
    await app._handle(make_mocked_request("GET", "/", {"Cookie": COOKIES}, app=app))


class FailingConnection(Connection):
    """A connection of Tornado that takes no headers."""

    def write_headers(self, *_: Any) -> Any:
        raise LookupError


class TornadoHandler(RequestHandler):
    """Writes to its session, and keeps the error of the response."""

    def get(self) -> None:
        tornado.get_session(self)["more"] = CANARY
        self.add_header("Set-Cookie", LINE)
        try:
            self.flush()
        except LookupError as error:
            self.settings["failed"].set_exception(error)
            raise


async def tornado_fails() -> None:
    failed = asyncio.get_running_loop().create_future()
    application = Application([("/", TornadoHandler)], log_function=id, failed=failed)
    tornado.setup(application, SESSIONS)
    request = httputil.HTTPServerRequest(
        headers=httputil.HTTPHeaders({"Host": "localhost", "Cookie": COOKIES}),
        connection=FailingConnection(),
        start_line=httputil.RequestStartLine("GET", "/", "HTTP/1.1"),
    )
    application(request)
    await failed


def in_flask(act: Callable[[Any], object], *outer: CookieSession) -> None:
    """Serve a request of Flask, whose errors leave the application."""
    app = Flask("shop")
    app.testing = True

    @app.get("/")
    def view() -> Any:
        act(flask_session)
        return "", {"Set-Cookie": LINE}

    flask.setup(app, SESSIONS)
    for sessions in outer:
        app.wsgi_app = wsgi.CookieSessionMiddleware(app.wsgi_app, sessions)  # type: ignore[method-assign]
    app.test_client(use_cookies=False).get("/", headers={"Cookie": COOKIES})


def in_quart(act: Callable[[Any], object], *outer: CookieSession) -> None:
    """Serve a request of Quart, whose errors leave the application."""
    app = Quart("shop")
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.get("/")
    async def view() -> Any:
        act(quart_session)
        return "", {"Set-Cookie": LINE}

    quart.setup(app, SESSIONS)
    for sessions in outer:
        app.asgi_app = asgi.CookieSessionMiddleware(app.asgi_app, sessions)  # type: ignore[method-assign]
    asyncio.run(asked(app))


async def asked(app: Quart) -> None:
    await app.test_client(use_cookies=False).get("/", headers={"Cookie": COOKIES})


async def quart_shakes_hands() -> None:
    app = Quart("shop")
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.websocket("/")
    async def view() -> None:
        quart_session["more"] = CANARY
        await quart_websocket.accept(headers={"Set-Cookie": LINE})

    async def receive() -> None:
        await asyncio.Future()

    quart.setup(app, SESSIONS)
    scope: Any = {
        "type": "websocket",
        "asgi": {"spec_version": "2.3"},
        "path": "/",
        "query_string": b"",
        "scheme": "ws",
        "headers": [(b"host", b"localhost"), *SCOPE["headers"]],
    }
    await app(scope, receive, failing_send)  # type: ignore[arg-type]


FRAMEWORK_FAILURES: dict[str, tuple[Any, ...]] = {
    "an error of its own": (failing,),
    "a missing key": (lambda session: session["missing"],),
    "too large": (lambda session: session.update(CONTENTS, wrong=TOO_LARGE),),
    "a foreign type": (lambda session: session.update(wrong={1}),),
    "two layers with other options": (failing, OTHERWISE),
}
REQUESTS: dict[str, Callable[[], object]] = {
    **{
        f"{name}, {what}": partial(serve, *arguments)
        for name, serve in {"Flask": in_flask, "Quart": in_quart}.items()
        for what, arguments in FRAMEWORK_FAILURES.items()
    },
    "Quart, a server that takes no handshake": lambda: asyncio.run(quart_shakes_hands()),
    "WSGI, two layers with other options": lambda: wsgi_call(
        wsgi.CookieSessionMiddleware(wsgi.CookieSessionMiddleware(a_wsgi_app, OTHERWISE), SESSIONS),
        failing,
    ),
    "WSGI, an inner layer that fails": lambda: wsgi_call(
        wsgi.CookieSessionMiddleware(wsgi.CookieSessionMiddleware(failing, SESSIONS), SESSIONS),
        failing,
    ),
    "WSGI, a server that takes no headers": lambda: wsgi_call(
        wsgi.CookieSessionMiddleware(a_wsgi_app, SESSIONS), failing
    ),
    "WSGI, a wrong write beside another session": lambda: wsgi_call(
        wsgi.CookieSessionMiddleware(too_large_for_wsgi, SESSIONS), failing
    ),
    "WSGI, no session": lambda: wsgi.get_session({**ENVIRON}),
    "WSGI, a request without a session": lambda: wsgi.get_session(Request(environ=ENVIRON)),
    "WSGI, a wrong object": lambda: wsgi.get_session(COOKIES),  # type: ignore[call-overload]
    "Pyramid, two layers with other options": through_pyramid_twice,
    "Pyramid, a message that is written too late": lambda: pyramid.PyramidSession(
        committed()
    ).flash(CANARY),
    "Pyramid, a message without its equal that is written too late": lambda: pyramid.PyramidSession(
        committed()
    ).flash(CANARY, allow_duplicate=False),
    "ASGI, two layers with other options": lambda: asgi_call(
        asgi.CookieSessionMiddleware(
            asgi.CookieSessionMiddleware(an_asgi_app, OTHERWISE), SESSIONS
        ),
        failing_send,
    ),
    "ASGI, an inner layer that fails": lambda: asgi_call(
        asgi.CookieSessionMiddleware(asgi.CookieSessionMiddleware(failing, SESSIONS), SESSIONS),
        failing_send,
    ),
    "ASGI, a server that takes no message": lambda: asgi_call(
        asgi.CookieSessionMiddleware(an_asgi_app, SESSIONS), failing_send
    ),
    "ASGI, a wrong write beside another session": lambda: asgi_call(
        asgi.CookieSessionMiddleware(too_large, SESSIONS), failing_send
    ),
    "ASGI, no session": lambda: asgi.get_session({**SCOPE}),
    "ASGI, a request without a session": lambda: asgi.get_session(Request(scope=SCOPE)),
    "ASGI, a wrong object": lambda: asgi.get_session([COOKIES]),  # type: ignore[call-overload]
    "aiohttp, two layers with other options": lambda: asyncio.run(aiohttp_twice()),
    "aiohttp, a wrong write before the headers": lambda: asyncio.run(aiohttp_early()),
    "aiohttp, no session": lambda: aiohttp.get_session(
        make_mocked_request("GET", "/", {"Cookie": COOKIES})
    ),
    "Tornado, a connection that takes no headers": lambda: asyncio.run(tornado_fails()),
    **{
        f"Litestar, {what}, {whose} middleware": partial(
            litestar_call, putting({"note": CANARY, "wrong": wrong}), is_own_middleware=is_own
        )
        for what, wrong in {
            "too large beside another session": TOO_LARGE,
            "a session that JSON cannot hold": float("nan"),
            "a session that no encoder knows": object(),
        }.items()
        for whose, is_own in {"our": False, "its own": True}.items()
    },
    "Litestar, a server that takes no message": lambda: litestar_call(putting({"note": CANARY})),
    "Litestar, no response": lambda: litestar_call(failing),
    "the core, two layers with other options": lambda: shared_session(
        {"cookiesession.session:session": opened(), "cookies": COOKIES}, OTHERWISE
    ),
    "the core, no session": lambda: find_session({"cookies": COOKIES}, None, remedy="none"),
    "the core, cookies of the response": lambda: changed({1}).commit([LINE]),
    "the core, a cookie in the place of a list": lambda: changed().commit(LINE),
    "the core, a list of cookies and more": lambda: changed().commit([5, LINE]),  # type: ignore[list-item]
    "the core, fields of the response": lambda: commit_headers(
        changed({1}), [("Set-Cookie", LINE)]
    ),
    "the core, raw fields of the response": lambda: commit_raw_headers(
        changed({1}), [(b"set-cookie", LINE.encode())]
    ),
}


@pytest.mark.parametrize("act", REQUESTS.values(), ids=REQUESTS)
def test_no_frame_shows_the_cookies_of_a_request_or_a_response(act: Callable[[], object]) -> None:
    error = raised_by(act)

    assert list(of_ours(error))
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

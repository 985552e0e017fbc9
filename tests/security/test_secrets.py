"""No message, log line, exception or repr shows a payload, a signature or a key.

``tests/support/leaks.py`` watches the whole suite. The tests here make each place that prints
something print it about secrets, and test the watch itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cookiesession_adapters.asgi import CookieSessionMiddleware
from cookiesession_adapters.formats.iron_session import IronSession
from cookiesession_core import (
    CookieSession,
    CookieSessionError,
    CookieTooLargeError,
    Keygrip,
    Session,
    SessionEncodeError,
    WeakKeyWarning,
)
from tests.support.cookies import header
from tests.support.keys import CANARY, KEYS, NEWEST, OLDER
from tests.support.leaks import Watch, check_output, told_by, watch

SHORT_KEY = "<8.key>"
PAYLOAD = {"name": CANARY, "list": [CANARY], "note": {"inner": CANARY}}
VALUE, SIGNATURE = CookieSession(keys=KEYS).encode(PAYLOAD).values()
SECRETS = (CANARY, VALUE, VALUE[:16], SIGNATURE, SIGNATURE[:16], SHORT_KEY, *KEYS)
OURS = f"session={VALUE}; session.sig={SIGNATURE}"
OLD = header(PAYLOAD, OLDER)


@attrs.frozen
class Own:
    """A codec whose error shows its input. It writes the text that it was given."""

    writes: str = VALUE
    fails: bool = False

    def encode(self, _: Mapping[str, Any], /) -> str:
        return self.writes

    def decode(self, text: str, /) -> dict[str, Any]:
        if self.fails:
            raise ValueError(text, CANARY)
        return dict(PAYLOAD)


class Talkative:
    """Not JSON; its representation shows its contents."""

    def __repr__(self) -> str:
        return CANARY

    __str__ = __repr__


@attrs.frozen
class Signer:
    """A signer whose signature no header can carry."""

    signature: str = f"{SIGNATURE}\r\n"

    def sign(self, _: str | bytes) -> str:
        return self.signature

    def index(self, _data: str | bytes, _digest: str) -> int:
        return 0


def working(
    act: Callable[[Session], object], cookies: str | None = OURS, **options: Any
) -> Callable[[], object]:
    """Return a request that does ``act``."""

    def run() -> None:
        session = CookieSession(**{"keys": KEYS, **options}).open(cookies)
        act(session)
        session.commit()

    return run


def storing(value: object) -> Callable[[], object]:
    return working(lambda session: session.update(PAYLOAD, wrong=value))


def late(session: Session) -> None:
    session.commit()
    session["name"] = CANARY


def refusing_a_handshake() -> None:
    async def app(scope: Any, _: Any, send: Any) -> None:
        scope["session"].update(PAYLOAD, more=1)
        await send({"type": "websocket.close"})

    async def send(_: Any) -> None:
        pass

    scope = {"type": "websocket", "headers": [(b"cookie", OURS.encode())]}
    asyncio.run(CookieSessionMiddleware(app, keys=KEYS)(scope, None, send))


SAID: dict[str, tuple[str, Callable[[], object]]] = {
    "a foreign type": ("session['wrong']: Decimal", storing(Decimal(1))),
    "a foreign type that talks": ("session['wrong']: Talkative", storing(Talkative())),
    "a foreign type deep inside": ("['name'][0]: set", storing({"name": [{CANARY}]})),
    "NaN": ("NaN or Infinity", storing(float("nan"))),
    "a huge integer": ("digits", storing(10**5000)),
    "bytes": ("session['wrong']: bytes", storing(CANARY.encode())),
    "too deep": ("levels deep", storing(json.loads("[" * 600 + f'"{CANARY}"' + "]" * 600))),
    "too large": ("4093 are allowed", storing(CANARY * 500)),
    "a key of a lifetime": (
        "has a key that",
        working(lambda session: session.update(_expire=CANARY), idle_timeout=60),
    ),
    "a codec's odd value": (
        "cookie value",
        working(lambda session: session.update(PAYLOAD), None, codec=Own(f"{VALUE};")),
    ),
    "a codec's value that does not come back": (
        "would not come back",
        working(lambda session: session.update(PAYLOAD), None, codec=Own(f'"{VALUE}')),
    ),
    "a signer's odd signature": (
        "cookie value",
        working(lambda session: session.update(PAYLOAD), None, keys=Signer()),
    ),
    "a codec that fails": (
        "was not loaded: MALFORMED: ValueError",
        working(lambda session: session.get("name"), codec=Own(fails=True)),
    ),
    "not sent again": (
        "was not sent again",
        working(lambda session: session.get("name"), OLD, max_cookie_size=100),
    ),
    "secure over plain HTTP": (
        "secure=True over plain HTTP",
        working(lambda session: session.update(more=1), secure=True),
    ),
    "too late": ("already been sent", working(late)),
    "a refused handshake": ("has no headers", refusing_a_handshake),
    "a key that is not text": (
        "session[(1,)]: tuple is not a key",
        working(lambda session: session.update({(1,): CANARY})),
    ),
    "a list for a mapping": (
        "replaced by a mapping, got list",
        working(lambda session: session.replace([CANARY])),  # type: ignore[arg-type]
    ),
    "a weak key": ("has 7 bytes", lambda: Keygrip([SHORT_KEY])),
    "a weak secret": ("has 7 bytes", lambda: CookieSession(secret=SHORT_KEY)),
    "a weak password": (
        "password 1 has less than 32 characters",
        lambda: IronSession({2: NEWEST, 1: SHORT_KEY}),
    ),
    "a weak password that seals": (
        "password 2 must have at least 32 characters",
        lambda: IronSession({1: NEWEST, 2: SHORT_KEY}),
    ),
    "a password in the place of an id": (
        "must be a whole number such as 1, got str",
        lambda: IronSession({NEWEST: NEWEST}),
    ),
    "a password as the ttl": (
        "ttl must be 0 or a positive number of seconds",
        lambda: IronSession(NEWEST, ttl=NEWEST),  # type: ignore[arg-type]
    ),
    "a key of iron-session": (
        "a method of the session in iron-session",
        working(
            lambda session: session.update(PAYLOAD, save=CANARY),
            None,
            keys=None,
            format=IronSession(NEWEST),
        ),
    ),
    "keys that are text": ("got str: use secret", lambda: CookieSession(keys=NEWEST)),
    "a key of another type": (
        "keys[1] must be str or bytes, got Talkative",
        lambda: CookieSession(keys=[NEWEST, Talkative()]),  # type: ignore[list-item]
    ),
    "a secret of another type": (
        "secret must be str or bytes, got Talkative",
        lambda: CookieSession(secret=Talkative()),  # type: ignore[arg-type]
    ),
    "an object for a codec": (
        "codec must be an object with encode() and decode(), got Talkative",
        lambda: CookieSession(keys=KEYS, codec=Talkative()),  # type: ignore[arg-type]
    ),
    "an object for a signer": (
        "or an object with sign() and index(), got Talkative",
        lambda: CookieSession(keys=Talkative()),  # type: ignore[arg-type]
    ),
}


@pytest.mark.parametrize(("said", "act"), SAID.values(), ids=SAID)
def test_no_message_shows_a_secret(
    said: str, act: Callable[[], object], caplog: pytest.LogCaptureFixture
) -> None:
    texts: list[str] = []
    with (
        caplog.at_level(logging.DEBUG, "cookiesession"),
        warnings.catch_warnings(record=True) as warned,
    ):
        warnings.simplefilter("always")
        try:
            act()
        except (CookieSessionError, TypeError) as error:
            texts += [*told_by(error), repr(vars(error))]
            texts += traceback.format_exception(type(error), error, None)
    texts += [f"{record.getMessage()} {record.args!r}" for record in caplog.records]
    texts += [str(warning.message) for warning in warned]

    assert said in "\n".join(texts)
    assert [] == [secret for secret in SECRETS for text in texts if secret in text]


@pytest.mark.parametrize("state", ["untouched", "read", "written", "committed"])
def test_no_repr_shows_a_secret(state: str) -> None:
    grip = Keygrip(KEYS)
    sessions = CookieSession(keys=grip)
    session = sessions.open(OURS)
    assert state == "untouched" or session["name"] == CANARY
    if state in ("written", "committed"):
        session["more"] = CANARY
    if state == "committed":
        session.commit()

    shown = [session, sessions, grip, sessions.options, session.options, session.items()]
    shown += [session.keys(), session.values(), sessions._settings, sessions._settings.format]

    assert [] == [secret for secret in SECRETS for each in shown if secret in repr(each)]


# --- the watch -------------------------------------------------------------------------------


def test_the_watch_learns_the_secrets_of_the_tests() -> None:
    sessions = CookieSession(keys=[NEWEST[::-1]])
    session = sessions.open(OURS.replace(SIGNATURE, "Z" * 27))
    session["name"] = "what a session holds"
    value, signature = (each.partition(";")[0].partition("=")[2] for each in session.commit())

    assert NEWEST[::-1][:24] in watch.secrets
    for secret in ("Z" * 27, VALUE, value, signature):
        assert secret[:16] in watch.secrets
    assert "what a session h" in watch.contents


def raised_from(inner: Exception, *, suppressed: bool) -> Exception:
    error = CookieSessionError()
    error.__context__, error.__suppress_context__ = inner, suppressed
    return error


@pytest.mark.parametrize(
    "leak",
    [
        lambda it: it.texts.append(f"the session cookie holds {VALUE}"),
        lambda it: it.texts.append(f"signed by {SIGNATURE[:16]}..."),
        lambda it: it.texts.append(f"the key is {NEWEST!r}"),
        lambda it: it.texts.append(str(PAYLOAD)),
        lambda it: it.errors.append(SessionEncodeError("session['a']", "str", f"is {CANARY}")),
        lambda it: it.errors.append(CookieTooLargeError(5000, 4093, {CANARY: 1})),
        lambda it: it.errors.append(WeakKeyWarning(f"{NEWEST[:24]}... is weak")),
        lambda it: it.errors.append(raised_from(KeyError(CANARY), suppressed=False)),
    ],
)
def test_the_watch_finds_a_secret_that_is_shown(leak: Callable[[Watch], object]) -> None:
    own = Watch()
    own.secrets |= watch.secrets

    leak(own)

    assert own.close()
    watch.errors.clear()
    assert not own.close()


def test_the_watch_follows_a_traceback_as_python_prints_it() -> None:
    own = Watch()
    own.errors.append(raised_from(KeyError(CANARY), suppressed=True))

    assert not own.close()


def test_words_of_our_own_messages_are_not_secrets() -> None:
    own = Watch()
    words = "the session cookie would take "
    own.learn(words)
    own.learn_contents([words])

    own.errors.append(CookieTooLargeError(5000, 4093, {}))

    assert not own.close()


def test_a_value_from_hypothesis_is_a_secret_for_one_test_only() -> None:
    own = Watch()

    @given(st.just("a made-up value of a cookie"))
    def learning(text: str) -> None:
        own.learn(text)

    learning()

    assert own.found("a made-up value of a cookie")
    own.close()
    assert not own.found("a made-up value of a cookie")


def test_the_watch_reads_the_output_of_servers() -> None:
    check_output("GET /count 200\n", {})
    with pytest.raises(AssertionError, match="a server has printed a secret"):
        check_output(f"GET /count 200\nCookie: {OURS}\n", {})
    key = "a key that only a server was told"
    with pytest.raises(AssertionError, match="a server has printed a secret"):
        check_output(f"started with {key}", {"SESSION_OPTIONS": f'{{"keys": ["{key}"]}}'})
    with pytest.raises(AssertionError, match="a server has printed a secret"):
        check_output(f"started with {key[::-1]}", {"COOKIESESSION_KEYS": f"{NEWEST},{key[::-1]}"})


def test_a_text_of_the_library_that_shows_a_secret_reaches_the_watch() -> None:
    logger = logging.getLogger("cookiesession")
    logger.error("the session holds %s", CANARY)
    CookieSessionError(f"the session holds {CANARY}")
    WeakKeyWarning(f"the key is {NEWEST}")

    assert 4 <= len(watch.close())

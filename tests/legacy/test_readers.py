"""Each reader against cookies that the legacy library itself has made and would refuse."""

from __future__ import annotations

import json
import pickle
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import flask
import pytest
from django.conf import LazySettings
from django.core import signing
from flask.sessions import SecureCookieSessionInterface
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import TimestampSigner
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cookiesession_adapters.legacy.django import DjangoReader
from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_adapters.legacy.starlette import StarletteReader
from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    LegacyReader,
    Outcome,
    find_cookie,
    request_cookies,
)
from tests.support.asgi import serving
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.user_agent import UserAgent
from tests.support.work import check_linear

DAY = 24 * 3600
CONTENTS = {"user": 7, "name": "Zoë", "cart": ["tea", {"n": 1.5}], "nothing": None}
LONG = {"text": "again and again " * 50}
"""Flask and Django compress it."""


def read(reader: LegacyReader, value: str) -> Mapping[str, Any] | None:
    """Return what a reader reads from a request with one cookie."""
    return reader.read(request_cookies({reader.names[0]: value}))


# --- cookies of the legacy libraries ---------------------------------------------------------


def by_starlette(contents: Any, key: str = NEWEST) -> str:
    """Like ``SessionMiddleware``, which a test below calls itself."""
    return TimestampSigner(key).sign(b64encode(json.dumps(contents).encode())).decode()


def by_flask(
    contents: Any, key: str = NEWEST, interface: SecureCookieSessionInterface | None = None
) -> str:
    app = flask.Flask("legacy")
    app.secret_key = key
    serializer = (interface or SecureCookieSessionInterface()).get_signing_serializer(app)
    assert serializer is not None
    value: str = serializer.dumps(contents)
    return value


def by_django(contents: Any, key: str = NEWEST, serializer: Any = signing.JSONSerializer) -> str:
    """Like ``save`` of Django's ``SessionStore``, which ``test_sites.py`` calls itself."""
    salt = "django.contrib.sessions.backends.signed_cookies"
    signer: Any = signing.TimestampSigner(key=key, salt=salt, fallback_keys=())
    value: str = signer.sign_object(contents, serializer=serializer, compress=True)
    return value


Reader = StarletteReader | FlaskReader | DjangoReader


@attrs.frozen
class Library:
    reader: Callable[..., Reader]
    write: Callable[..., str]
    name: str
    max_age: int


STARLETTE = Library(StarletteReader, by_starlette, "session", 14 * DAY)
FLASK = Library(FlaskReader, by_flask, "session", 31 * DAY)
DJANGO = Library(DjangoReader, by_django, "sessionid", 14 * DAY)
ALL = {"starlette": STARLETTE, "flask": FLASK, "django": DJANGO}


@pytest.fixture(params=ALL)
def library(request: pytest.FixtureRequest) -> Library:
    return ALL[request.param]


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let seconds pass for ``time.time``, which all three libraries call."""

    def pass_time(seconds: float) -> None:
        now = datetime.now(timezone.utc).timestamp() + seconds
        monkeypatch.setattr("time.time", lambda: now)

    return pass_time


# --- one rule for all ------------------------------------------------------------------------


@pytest.mark.parametrize("contents", [CONTENTS, LONG, {}])
def test_it_reads_cookies_of_the_library(library: Library, contents: dict[str, Any]) -> None:
    assert contents == read(library.reader(NEWEST), library.write(contents))


def test_it_has_the_defaults_of_the_library(library: Library) -> None:
    reader = library.reader(NEWEST)

    assert (library.name, library.max_age) == (reader.names[0], reader.max_age)
    assert CookieOptions() == reader.options


def test_a_session_of_the_library_is_migrated(library: Library) -> None:
    sessions = CookieSession(keys=KEYS, legacy=[library.reader(NEWEST)])
    session = sessions.open(f"theme=dark; {library.name}={library.write(CONTENTS)}")

    assert (Outcome.LOADED, CONTENTS) == (session.outcome, session.copy())
    sent = session.commit()
    assert CONTENTS == sessions.decode(sent)
    ended = [value for value in sent if value.startswith("sessionid=;")]
    assert len(ended) == (library.name == "sessionid")


def test_a_session_ends_when_the_library_would_have_ended_it(
    library: Library, pass_time: Callable[[float], None]
) -> None:
    value = library.write(CONTENTS)
    default, longer = library.reader(NEWEST), library.reader(NEWEST, max_age=timedelta(days=400))

    pass_time(library.max_age - 60)
    assert CONTENTS == read(default, value)
    pass_time(library.max_age + 60)
    assert read(default, value) is None
    assert CONTENTS == read(longer, value)


def test_it_cannot_be_pickled(library: Library) -> None:
    with pytest.raises(TypeError, match="Reader cannot be pickled"):
        pickle.dumps(library.reader(OTHER))


def test_readers_are_equal_if_their_settings_are(library: Library) -> None:
    reader = library.reader(NEWEST, max_age=60)

    assert reader == library.reader(NEWEST, max_age=timedelta(seconds=60))
    assert hash(reader) == hash(library.reader(NEWEST, max_age=60))
    assert reader != library.reader(OLDER, max_age=60)
    assert reader != library.reader(NEWEST, max_age=61)
    assert reader != library.reader(NEWEST, max_age=60, name="other")
    assert reader != library.reader(NEWEST, max_age=60, options=CookieOptions(path="/app"))
    assert reader != "reader"
    if library.reader is not StarletteReader:
        assert reader != library.reader(NEWEST, max_age=60, fallbacks=[OLDER])


def test_readers_of_flask_differ_by_the_salt_of_their_interface() -> None:
    class Salted(SecureCookieSessionInterface):
        salt = "pepper"

    assert FlaskReader(NEWEST, interface=Salted()) != FlaskReader(NEWEST)


def test_a_cookie_signed_by_another_key_is_not_valid(library: Library) -> None:
    assert read(library.reader(NEWEST), library.write(CONTENTS, OTHER)) is None
    assert read(library.reader(OTHER), library.write(CONTENTS)) is None


def test_every_changed_character_is_noticed(library: Library) -> None:
    reader, value = library.reader(NEWEST), library.write({"user": 7})
    # The last character of a base64 text may hold bits that nobody reads.
    changed = [
        value[:index] + ("A" if value[index] != "A" else "B") + value[index + 1 :]
        for index in range(len(value) - 1)
    ]

    assert [] == [each for each in changed if read(reader, each) is not None]


@given(st.text())
@pytest.mark.parametrize("library", ALL.values(), ids=ALL)
def test_anything_else_is_not_valid_and_does_not_raise(library: Library, value: str) -> None:
    reader = library.reader(NEWEST)

    assert read(reader, value) is None
    assert read(reader, f"{value}.{value}.{value}") is None
    assert read(reader, f"{value}:{value}:{value}") is None


def test_a_cookie_of_ours_is_not_valid(library: Library) -> None:
    ours = CookieSession(keys=[NEWEST]).encode(CONTENTS)

    assert read(library.reader(NEWEST), ours["session"]) is None


def test_signed_contents_that_are_not_a_mapping_are_not_valid(library: Library) -> None:
    assert read(library.reader(NEWEST), library.write([])) is None


def test_keys_may_be_bytes_where_the_library_takes_them(library: Library) -> None:
    assert CONTENTS == read(library.reader(NEWEST.encode()), library.write(CONTENTS))


@pytest.mark.parametrize("library", [FLASK, DJANGO], ids=["flask", "django"])
def test_older_keys_verify_too(library: Library) -> None:
    reader = library.reader(NEWEST, fallbacks=[OLDER, b"yet another older key"])

    for key in (NEWEST, OLDER, "yet another older key"):
        assert CONTENTS == read(reader, library.write(CONTENTS, key))
    assert read(reader, library.write(CONTENTS, OTHER)) is None


def test_for_an_older_key_of_starlette_there_is_a_second_reader() -> None:
    readers = [StarletteReader(NEWEST), StarletteReader(OLDER)]
    session = CookieSession(keys=KEYS, legacy=readers).open(
        f"session={by_starlette({'n': 1}, OLDER)}"
    )

    assert {"n": 1} == session


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"secret_key": ""}, "a legacy key must not be empty"),
        ({"secret_key": b""}, "a legacy key must not be empty"),
        ({"secret_key": None}, "a legacy key must be str or bytes, got NoneType: is the env"),
        ({"max_age": None}, "max_age must be a second or more"),
        ({"max_age": 0}, "got int: 0"),
        ({"max_age": True}, "got bool: True"),
        ({"max_age": float("inf")}, "got float: inf"),
        ({"max_age": float("nan")}, "got float: nan"),
        ({"max_age": timedelta(0)}, "got timedelta"),
    ],
)
def test_a_wrong_argument_is_refused_at_once(
    library: Library, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        library.reader(**{"secret_key": NEWEST, **arguments})
    assert said in str(caught.value)
    assert NEWEST not in repr(library.reader(NEWEST))


@pytest.mark.parametrize(
    ("fallbacks", "said"),
    [
        (OLDER, "fallbacks must be a list of keys, got str"),
        (OLDER.encode(), "fallbacks must be a list of keys, got bytes"),
        ([""], "a legacy key must not be empty"),
    ],
)
@pytest.mark.parametrize("reader", [FlaskReader, DjangoReader])
def test_wrong_fallbacks_are_refused_at_once(
    reader: type[FlaskReader | DjangoReader], fallbacks: Any, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        reader(NEWEST, fallbacks=fallbacks)


@pytest.mark.parametrize(
    "contents",
    [lambda size: {"text": "x" * 100 * size}, lambda size: {"list": list(range(20 * size))}],
    ids=["text", "list"],
)
def test_the_work_of_reading_is_linear(library: Library, contents: Callable[[int], Any]) -> None:
    def prepare(size: int) -> Callable[[], object]:
        value = library.write(contents(size))
        reader = library.reader(NEWEST)

        def act() -> None:
            assert read(reader, value) is not None
            assert read(reader, value[:-1]) is None
            assert read(reader, "." * 100 * size) is None

        return act

    check_linear(prepare)


# --- one library -----------------------------------------------------------------------------


def test_it_reads_a_cookie_that_starlette_itself_has_sent() -> None:
    def log_in(request: Request) -> Response:
        request.session.update(CONTENTS)
        return PlainTextResponse("ok")

    app = Starlette(
        routes=[Route("/", log_in)], middleware=[Middleware(SessionMiddleware, secret_key=NEWEST)]
    )
    with serving(app) as url:
        (set_cookie,) = UserAgent().get(url).set_cookie

    value = find_cookie(set_cookie, "session")
    assert value is not None
    assert CONTENTS == read(StarletteReader(NEWEST), value)


def test_values_of_flask_become_their_nearest_json_type() -> None:
    value = by_flask({"pair": (1, "x"), "page": Markup("<b>"), "_flashes": [("info", "hello")]})
    session = CookieSession(keys=KEYS, legacy=[FlaskReader(NEWEST)]).open(f"session={value}")

    taken = {"pair": [1, "x"], "page": "<b>", "_flashes": [["info", "hello"]]}
    assert taken == session
    assert {str} == {type(session["page"])}


@pytest.mark.parametrize(
    "secret",
    [datetime(2026, 1, 2, tzinfo=timezone.utc), uuid.UUID(int=7), b"bytes"],
)
def test_a_value_that_json_lacks_refuses_the_session_and_is_named(
    secret: Any, caplog: pytest.LogCaptureFixture
) -> None:
    value = by_flask({"user": 7, "cart": [{"at": secret}]})
    session = CookieSession(keys=KEYS, legacy=[FlaskReader(NEWEST)]).open(f"session={value}")

    assert Outcome.UNSIGNED is session.outcome
    session["user"] = 8
    assert 2 == len(session.commit())
    assert f"session['cart'][0]['at']: {type(secret).__name__} is not a JSON type" in caplog.text
    assert str(secret) not in caplog.text


def test_a_flask_of_other_parameters_is_read_by_its_interface() -> None:
    class Own(SecureCookieSessionInterface):
        salt = "another salt"
        key_derivation = "django-concat"

    value = by_flask(CONTENTS, interface=Own())

    assert read(FlaskReader(NEWEST), value) is None
    assert CONTENTS == read(FlaskReader(NEWEST, interface=Own()), value)


def test_a_pickled_session_of_django_is_never_loaded() -> None:
    class Pickled:
        def dumps(self, _contents: Any) -> bytes:
            return b"cos\nabort\n(tR."  # calls os.abort() when it is unpickled

    assert read(DjangoReader(NEWEST), by_django(CONTENTS, serializer=Pickled)) is None


def test_django_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = LazySettings()
    monkeypatch.setattr(signing, "settings", settings)

    assert CONTENTS == read(DjangoReader(NEWEST), by_django(CONTENTS))
    assert not settings.configured

"""Each reader against cookies that the former library itself has made and would refuse."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Callable
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

from cookiesession_adapters.former.django import DjangoReader
from cookiesession_adapters.former.flask import FlaskReader
from cookiesession_adapters.former.starlette import StarletteReader
from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    Outcome,
    find_cookie,
)
from tests.support.asgi import serving
from tests.support.keys import KEYS, NEWEST, OLDER, OTHER
from tests.support.user_agent import UserAgent

DAY = 24 * 3600
CONTENTS = {"user": 7, "name": "Zoë", "cart": ["tea", {"n": 1.5}], "nothing": None}
LONG = {"text": "again and again " * 50}
"""Flask and Django compress it."""

# --- what the former libraries write ---------------------------------------------------------


def by_starlette(contents: Any, key: str = NEWEST) -> str:
    """As ``SessionMiddleware`` does; a test below lets it do so itself."""
    return TimestampSigner(key).sign(b64encode(json.dumps(contents).encode())).decode()


def by_flask(
    contents: Any, key: str = NEWEST, interface: SecureCookieSessionInterface | None = None
) -> str:
    app = flask.Flask("former")
    app.secret_key = key
    serializer = (interface or SecureCookieSessionInterface()).get_signing_serializer(app)
    assert serializer is not None
    value: str = serializer.dumps(contents)
    return value


def by_django(contents: Any, key: str = NEWEST, serializer: Any = signing.JSONSerializer) -> str:
    """As the ``save`` of Django's ``SessionStore`` does; ``test_sites.py`` lets it do so itself."""
    salt = "django.contrib.sessions.backends.signed_cookies"
    signer: Any = signing.TimestampSigner(key=key, salt=salt, fallback_keys=())
    value: str = signer.sign_object(contents, serializer=serializer, compress=True)
    return value


Reader = StarletteReader | FlaskReader | DjangoReader


@attrs.frozen
class Former:
    reader: Callable[..., Reader]
    write: Callable[..., str]
    name: str
    max_age: int


STARLETTE = Former(StarletteReader, by_starlette, "session", 14 * DAY)
FLASK = Former(FlaskReader, by_flask, "session", 31 * DAY)
DJANGO = Former(DjangoReader, by_django, "sessionid", 14 * DAY)
ALL = {"starlette": STARLETTE, "flask": FLASK, "django": DJANGO}


@pytest.fixture(params=ALL)
def former(request: pytest.FixtureRequest) -> Former:
    return ALL[request.param]


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let seconds pass for whoever asks ``time.time`` for them, as all three do."""

    def pass_time(seconds: float) -> None:
        now = datetime.now(timezone.utc).timestamp() + seconds
        monkeypatch.setattr("time.time", lambda: now)

    return pass_time


# --- one rule for all ------------------------------------------------------------------------


@pytest.mark.parametrize("contents", [CONTENTS, LONG, {}])
def test_it_reads_what_the_library_wrote(former: Former, contents: dict[str, Any]) -> None:
    assert contents == former.reader(NEWEST).read(former.write(contents))


def test_it_has_the_defaults_of_the_library(former: Former) -> None:
    reader = former.reader(NEWEST)

    assert (former.name, former.max_age) == (reader.name, reader.max_age)
    assert CookieOptions() == reader.options


def test_it_takes_a_session_over(former: Former) -> None:
    sessions = CookieSession(keys=KEYS, former=[former.reader(NEWEST)])
    session = sessions.open(f"theme=dark; {former.name}={former.write(CONTENTS)}")

    assert (Outcome.LOADED, CONTENTS) == (session.outcome, session.copy())
    sent = session.commit()
    assert CONTENTS == sessions.decode(sent)
    ended = [line for line in sent if line.startswith("sessionid=;")]
    assert len(ended) == (former.name == "sessionid")


def test_a_session_ends_when_the_library_would_have_ended_it(
    former: Former, pass_time: Callable[[float], None]
) -> None:
    value = former.write(CONTENTS)
    default, longer = former.reader(NEWEST), former.reader(NEWEST, max_age=timedelta(days=400))

    pass_time(former.max_age - 60)
    assert CONTENTS == default.read(value)
    pass_time(former.max_age + 60)
    assert default.read(value) is None
    assert CONTENTS == longer.read(value)


def test_what_another_key_signed_is_not_valid(former: Former) -> None:
    assert former.reader(NEWEST).read(former.write(CONTENTS, OTHER)) is None
    assert former.reader(OTHER).read(former.write(CONTENTS)) is None


def test_every_changed_character_is_noticed(former: Former) -> None:
    reader, value = former.reader(NEWEST), former.write({"user": 7})
    # The last character of a base64 text may hold bits that nobody reads.
    changed = [
        value[:index] + ("A" if value[index] != "A" else "B") + value[index + 1 :]
        for index in range(len(value) - 1)
    ]

    assert [] == [each for each in changed if reader.read(each) is not None]


@given(st.text())
@pytest.mark.parametrize("former", ALL.values(), ids=ALL)
def test_anything_else_is_not_valid_and_does_not_raise(former: Former, value: str) -> None:
    reader = former.reader(NEWEST)

    assert reader.read(value) is None
    assert reader.read(f"{value}.{value}.{value}") is None
    assert reader.read(f"{value}:{value}:{value}") is None


def test_a_cookie_of_ours_is_not_valid(former: Former) -> None:
    ours = CookieSession(keys=[NEWEST]).encode(CONTENTS)

    assert former.reader(NEWEST).read(ours["session"]) is None


def test_signed_contents_that_are_no_mapping_are_not_valid(former: Former) -> None:
    assert former.reader(NEWEST).read(former.write([])) is None


def test_keys_may_be_octets_where_the_library_takes_them(former: Former) -> None:
    assert CONTENTS == former.reader(NEWEST.encode()).read(former.write(CONTENTS))


@pytest.mark.parametrize("former", [FLASK, DJANGO], ids=["flask", "django"])
def test_older_keys_verify_too(former: Former) -> None:
    reader = former.reader(NEWEST, fallbacks=[OLDER, b"yet another former key"])

    for key in (NEWEST, OLDER, "yet another former key"):
        assert CONTENTS == reader.read(former.write(CONTENTS, key))
    assert reader.read(former.write(CONTENTS, OTHER)) is None


def test_for_an_older_key_of_starlette_there_is_a_second_reader() -> None:
    readers = [StarletteReader(NEWEST), StarletteReader(OLDER)]
    session = CookieSession(keys=KEYS, former=readers).open(
        f"session={by_starlette({'n': 1}, OLDER)}"
    )

    assert {"n": 1} == session


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"secret_key": ""}, "a former key must not be empty"),
        ({"secret_key": b""}, "a former key must not be empty"),
        ({"secret_key": None}, "a former key must be str or bytes, got NoneType"),
        ({"max_age": None}, "max_age must be a second or more"),
        ({"max_age": 0}, "got int: 0"),
        ({"max_age": True}, "got bool: True"),
        ({"max_age": float("inf")}, "got float: inf"),
        ({"max_age": float("nan")}, "got float: nan"),
        ({"max_age": timedelta(0)}, "got timedelta"),
    ],
)
def test_a_wrong_argument_is_refused_at_once(
    former: Former, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        former.reader(**{"secret_key": NEWEST, **arguments})
    assert said in str(caught.value)
    assert NEWEST not in repr(former.reader(NEWEST))


@pytest.mark.parametrize(
    ("fallbacks", "said"),
    [
        (OLDER, "fallbacks must be a list of keys, got str"),
        (OLDER.encode(), "fallbacks must be a list of keys, got bytes"),
        ([""], "a former key must not be empty"),
    ],
)
@pytest.mark.parametrize("reader", [FlaskReader, DjangoReader])
def test_wrong_fallbacks_are_refused_at_once(
    reader: type[FlaskReader | DjangoReader], fallbacks: Any, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        reader(NEWEST, fallbacks=fallbacks)


# --- one library -----------------------------------------------------------------------------


def test_starlette_itself_writes_what_is_read() -> None:
    def log_in(request: Request) -> Response:
        request.session.update(CONTENTS)
        return PlainTextResponse("ok")

    app = Starlette(
        routes=[Route("/", log_in)], middleware=[Middleware(SessionMiddleware, secret_key=NEWEST)]
    )
    with serving(app) as url:
        (line,) = UserAgent().get(url).set_cookie

    value = find_cookie(line, "session")
    assert value is not None
    assert CONTENTS == StarletteReader(NEWEST).read(value)


def test_flask_converts_what_has_one_form_in_json() -> None:
    value = by_flask({"pair": (1, "x"), "page": Markup("<b>"), "_flashes": [("info", "hello")]})
    session = CookieSession(keys=KEYS, former=[FlaskReader(NEWEST)]).open(f"session={value}")

    taken = {"pair": [1, "x"], "page": "<b>", "_flashes": [["info", "hello"]]}
    assert taken == session
    assert {str} == {type(session["page"])}


@pytest.mark.parametrize(
    "secret",
    [datetime(2026, 1, 2, tzinfo=timezone.utc), uuid.UUID(int=7), b"octets"],
)
def test_what_json_lacks_refuses_the_session_and_is_named(
    secret: Any, caplog: pytest.LogCaptureFixture
) -> None:
    value = by_flask({"user": 7, "cart": [{"at": secret}]})
    session = CookieSession(keys=KEYS, former=[FlaskReader(NEWEST)]).open(f"session={value}")

    assert Outcome.UNSIGNED is session.outcome
    session["user"] = 8
    assert 2 == len(session.commit())
    assert f"session['cart'][0]['at']: {type(secret).__name__} is no JSON type" in caplog.text
    assert str(secret) not in caplog.text


def test_a_flask_of_other_parameters_is_read_by_its_interface() -> None:
    class Own(SecureCookieSessionInterface):
        salt = "another salt"
        key_derivation = "django-concat"

    value = by_flask(CONTENTS, interface=Own())

    assert FlaskReader(NEWEST).read(value) is None
    assert CONTENTS == FlaskReader(NEWEST, interface=Own()).read(value)


def test_a_pickled_session_of_django_is_never_loaded() -> None:
    class Pickled:
        def dumps(self, _contents: Any) -> bytes:
            return b"cos\nabort\n(tR."  # os.abort(), for whoever unpickles it

    assert DjangoReader(NEWEST).read(by_django(CONTENTS, serializer=Pickled)) is None


def test_django_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = LazySettings()
    monkeypatch.setattr(signing, "settings", settings)

    assert CONTENTS == DjangoReader(NEWEST).read(by_django(CONTENTS))
    assert not settings.configured

"""``TaggedCodec`` writes what Flask's serializer writes, as the JSON of Node."""

from __future__ import annotations

import json
import logging
from base64 import b64decode, b64encode
from collections import namedtuple
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, NoReturn
from uuid import UUID

import pytest
from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from cookiesession_adapters.codecs.tagged import TaggedCodec
from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_core import (
    CookieSession,
    JSONCodec,
    Outcome,
    SessionEncodeError,
    Written,
    find_cookie,
)
from tests.properties.strategies import ANY_BYTES, ANY_TEXT, CONTENTS
from tests.support.cookies import sent_back
from tests.support.keys import CANARY, KEYS

TAGS = (" t", " d", " b", " u", " m", " di")
NOON = datetime(2024, 2, 28, 12, 0, 1, tzinfo=timezone.utc)
ID = UUID("12345678-1234-5678-1234-567812345678")

codec, plain, flask = TaggedCodec(), JSONCodec(), TaggedJSONSerializer()
SESSIONS = CookieSession(keys=KEYS, codec=codec)

DATES = st.datetimes(
    min_value=datetime(100, 1, 3),  # noqa: DTZ001 - hypothesis adds the time zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
        lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
    ),
).map(lambda value: value.replace(microsecond=0))
NAMES = st.text(max_size=3) | st.sampled_from([*TAGS, *(f"{tag}__" for tag in TAGS)])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False, width=16).filter(lambda x: x % 1 != 0)
    | st.text()
    | ANY_BYTES
    | st.text().map(Markup)
    | st.uuids()
    | DATES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(NAMES, inner, max_size=2)
    ),
    max_leaves=10,
)


class Template:
    """Something that can be shown as HTML, as a form field or a lazy string."""

    def __html__(self) -> str:
        return "<b>"


class Broken:
    """As ``Template``, and it fails."""

    def __html__(self) -> str:
        raise LookupError(CANARY)


class NoZone(tzinfo):
    """A time zone that fails."""

    def utcoffset(self, _: datetime | None) -> NoReturn:
        raise LookupError(CANARY)

    dst = tzname = utcoffset


Point = namedtuple("Point", "x y")  # noqa: PYI024 - the untyped one is as good


def shape(value: Any) -> Any:
    """Return a value with the type of everything in it."""
    if isinstance(value, dict):
        return {key: shape(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value), [shape(item) for item in value]
    return type(value), value


def json_of(contents: dict[str, Any]) -> Any:
    return json.loads(b64decode(codec.encode(contents)))


def value_with(tag: str, value: Any) -> str:
    """Return the cookie value of a session that holds a tag, whatever its value."""
    return plain.encode({"deep": [{tag: value}], "user": 7})


# --- there and back ----------------------------------------------------------------------------


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_all_types_come_back(contents: dict[str, Any]) -> None:
    assert shape(contents) == shape(codec.decode(codec.encode(contents)))


@given(VALUES)
@example(Point(1, (2, 3)))
@example(Template())
@example([Markup("<b>"), {" di": {" t__": ()}}])
@example(NOON.replace(microsecond=999_999))
@example(NOON.replace(tzinfo=None))
def test_the_json_equals_that_of_flask(value: Any) -> None:
    assert json.loads(flask.dumps({"value": value, "x": 1})) == json_of({"value": value, "x": 1})


@given(VALUES)
def test_a_session_of_flask_is_read_as_flask_reads_it(value: Any) -> None:
    text = flask.dumps({"value": value, "x": 1})

    expected = flask.loads(text)
    assert shape(expected) == shape(codec.decode(b64encode(text.encode()).decode()))


@given(CONTENTS.filter(lambda contents: '{" ' not in json.dumps(contents)))
def test_other_contents_are_written_as_by_json_codec(contents: dict[str, Any]) -> None:
    assert plain.encode(contents) == codec.encode(contents)


@pytest.mark.parametrize(
    ("value", "tagged"),
    [
        (Markup("<b>é</b>"), {" m": "<b>é</b>"}),
        (Template(), {" m": "<b>"}),
        ((1, [()]), {" t": [1, [{" t": []}]]}),
        (NOON, {" d": "Wed, 28 Feb 2024 12:00:01 GMT"}),
        (b"\x00\xff", {" b": "AP8="}),
        (ID, {" u": "12345678123456781234567812345678"}),
        ({" t": [1]}, {" di": {" t__": [1]}}),
        ({" t": [1], "x": 2}, {" t": [1], "x": 2}),
        ({" x": 1}, {" x": 1}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_node_sees_one_object_for_each_value(value: Any, tagged: Any) -> None:
    assert {"value": tagged} == json_of({"value": value})


@pytest.mark.parametrize("tag", TAGS)
def test_the_session_itself_never_gets_a_tag(tag: str) -> None:
    contents = {tag: [1]}

    assert contents == json_of(contents)
    assert contents == codec.decode(plain.encode(contents))


def test_a_datetime_keeps_whole_seconds_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    local = datetime(2024, 7, 1, 12, 0, 1, 999_999, tzinfo=summer)
    naive = datetime(2024, 7, 1, 12, 0, 1)  # noqa: DTZ001

    read = codec.decode(codec.encode({"local": local, "naive": naive}))

    assert local.replace(microsecond=0) == read["local"]
    assert naive.replace(tzinfo=timezone.utc) == read["naive"]
    assert [timezone.utc] * 2 == [value.tzinfo for value in read.values()]


# --- what cannot be written --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "place", "type_name"),
    [
        ({1}, "", "set"),
        (({"a": {1}},), "[0]['a']", "set"),
        ({" t": ({1},)}, "[' t'][0]", "set"),
        ({" t": [{1}], "x": 2}, "[' t'][0]", "set"),
        ([date(2024, 1, 1)], "[0]", "date"),
        ({"x": {5: 1}}, "['x'][5]", "int"),
        ({5: ()}, "[5]", "int"),
        ((1, float("nan")), "[1]", "float"),
        ([Broken()], "[0]", "Broken"),
        ([Template], "[0]", "type"),
        ((NOON.replace(tzinfo=NoZone()),), "[0]", "datetime"),
        ([NOON.replace(year=99)], "[0]", "datetime"),
        ([datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))], "[0]", "datetime"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else type(value).__name__,
)
def test_a_value_that_cannot_be_written_is_named_with_its_path(
    value: Any, place: str, type_name: str
) -> None:
    session = SESSIONS.open("")
    session["fine"] = [(1, Markup("<b>"), {"a": ()})]
    session["value"] = value

    for write in (session.commit, lambda: codec.encode(dict(session))):
        with pytest.raises(SessionEncodeError) as caught:
            write()
        assert f"session['value']{place}" == caught.value.path
        assert type_name == caught.value.type_name
        assert CANARY not in str(caught.value)


def nested(levels: int, *, last: Any = 1) -> Any:
    for _ in range(levels):
        last = (last,)
    return last


def test_tags_count_as_levels() -> None:
    # The session is a level, and each tuple is two.
    assert nested(249) == codec.decode(codec.encode({"a": nested(249)}))["a"]
    with pytest.raises(SessionEncodeError, match="nested more than 500 levels"):
        codec.encode({"a": nested(250)})


def test_contents_that_nest_without_end_are_refused() -> None:
    circle: list[Any] = []
    circle.append((circle,))
    endless: list[Any] = [circle, nested(100_000), nested(100_000, last={1})]

    for value in endless:
        with pytest.raises(SessionEncodeError, match="nested more than 500 levels"):
            codec.encode({"a": value})


# --- what cannot be read -----------------------------------------------------------------------


OF_NO_TAG: list[Any] = [None, 5, True, {}, {" t": []}, {" m": "x"}]


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        *((tag, value) for tag in TAGS for value in OF_NO_TAG),
        *((tag, [1]) for tag in TAGS if tag != " t"),
        *((tag, value) for tag in TAGS for value in ("x", "\ud800", "é") if tag != " m"),
        *((" b", text) for text in ("YQ", "Y Q==", "YQ-_")),
        *((" u", text) for text in ("", "1" * 31, "g" * 32)),
        (" d", "Thu, 01 Jan 1970 00:00:00 +9999999999999"),
        (" d", "Thu, 30 Feb 2024 00:00:00 GMT"),
        (" d", "Fri, 31 Dec 9999 23:59:59 -0100"),
        (" d", "Fri, 01 Jan 0100 00:00:00 +0100"),
        (" d", f"Thu, 01 Jan {'9' * 5000} 00:00:00 GMT"),
        (" di", {"x": 1}),
        (" di", {"x__": 1}),
        (" di", {" t__": 1, " d__": 2}),
        (" di", {" t": [1]}),
    ],
    ids=lambda value: str(value)[:9].encode("ascii", "replace").decode(),
)
def test_a_broken_tag_makes_the_session_malformed(
    tag: str, value: Any, caplog: pytest.LogCaptureFixture
) -> None:
    text = value_with(tag, value)
    with pytest.raises(ValueError, match="a tag with a value that it cannot have"):
        codec.decode(text)
    caplog.set_level(logging.INFO, "cookiesession")
    session = CookieSession(signed=False, codec=codec).open(f"session={text}")

    assert {} == dict(session)
    assert Outcome.MALFORMED is session.outcome
    assert [logging.INFO] == [record.levelno for record in caplog.records]


JSON = st.recursive(
    st.none() | st.integers() | ANY_TEXT | st.sampled_from(["YQ==", ID.hex, "1 Jan 2024 1:1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from([*TAGS, " t__", "a"]), inner, max_size=2)
    ),
)


@given(st.dictionaries(ANY_TEXT, JSON, max_size=3))
def test_whatever_is_read_can_be_written_and_is_read_again(sent: dict[str, Any]) -> None:
    sessions = CookieSession(signed=False, codec=codec, max_cookie_size=None)
    session = sessions.open(f"session={plain.encode(sent)}")

    if session.outcome is Outcome.LOADED:
        contents = dict(session)
        assert [] == session.commit()
        assert shape(contents) == shape(codec.decode(codec.encode(contents)))
    else:
        assert Outcome.MALFORMED is session.outcome


@pytest.mark.parametrize(
    ("tagged", "value"),
    [
        ({" u": str(ID).upper()}, ID),
        ({" d": "Wed, 28 Feb 2024 14:00:01 +0200"}, NOON),
        ({" d": "Wed, 28 Feb 2024 12:00:01 -0000"}, NOON),
        ({" x": 5}, {" x": 5}),
    ],
)
def test_another_spelling_of_a_tag_is_read_and_nothing_is_sent(tagged: Any, value: Any) -> None:
    session = SESSIONS.open(CookieSession(keys=KEYS).cookie_header({"value": tagged}))

    assert value == session["value"]
    assert [] == session.commit()


# --- in a session ------------------------------------------------------------------------------


@pytest.mark.parametrize("idle_timeout", [None, 60])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([1], (1,)),
        ((1,), [1]),
        ([[1]], [(1,)]),
        ("<b>", Markup("<b>")),
        (Markup("<b>"), "<b>"),
        (NOON, NOON + timedelta(seconds=1)),
        ({" t": []}, ()),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_a_change(
    before: Any, after: Any, idle_timeout: int | None
) -> None:
    sessions = CookieSession(keys=KEYS, codec=codec, idle_timeout=idle_timeout)
    first = sessions.open("")
    first["value"] = before
    session = sessions.open(sent_back(first.commit()))
    assert shape(before) == shape(session["value"])
    session["value"] = after

    assert session.is_changed
    assert shape({"value": after}) == shape(sessions.decode(session.commit()))
    assert Written.SAVED is session.written


@pytest.mark.parametrize("idle_timeout", [None, 60])
@pytest.mark.parametrize(
    "value", [(1, [2]), NOON, NOON.replace(tzinfo=None), b"x", ID, Markup("<b>"), Template()]
)
def test_an_equal_value_is_not_a_change(value: Any, idle_timeout: int | None) -> None:
    sessions = CookieSession(keys=KEYS, codec=codec, idle_timeout=idle_timeout)
    first = sessions.open("")
    first["value"] = value
    session = sessions.open(sent_back(first.commit()))
    session["value"] = value

    assert [] == session.commit()


def test_a_change_in_a_list_within_a_tuple_is_sent() -> None:
    session = SESSIONS.open(SESSIONS.cookie_header({"value": ([1],)}))
    session["value"][0].append(2)

    assert {"value": ([1, 2],)} == SESSIONS.decode(session.commit())


def test_a_session_whose_only_key_is_a_tag_may_have_a_lifetime() -> None:
    sessions = CookieSession(keys=KEYS, codec=codec, idle_timeout=60)
    session = sessions.open("")
    session[" t"] = (1,)

    assert {" t": (1,)} == sessions.decode(session.commit())


def test_tagged_and_plain_servers_share_a_session() -> None:
    header = CookieSession(keys=KEYS).cookie_header({"user": 7, "cart": ["tea"]})
    value = find_cookie(header, "session")

    assert {"user": 7, "cart": ["tea"]} == SESSIONS.decode(header)
    assert value == SESSIONS.encode({"user": 7, "cart": ["tea"]})["session"]


def test_the_types_of_a_legacy_session_of_flask_are_kept() -> None:
    app = Flask(__name__)
    app.secret_key = "the old key: thirty-two bytes or more"
    contents = {"since": NOON, "flashes": [("message", Markup("<b>"))]}
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    sessions = CookieSession(keys=KEYS, codec=codec, legacy=[FlaskReader(app.secret_key)])

    session = sessions.open(f"session={serializer.dumps(contents)}")

    assert shape(contents) == shape(dict(session))
    assert shape(contents) == shape(sessions.decode(session.commit()))


def test_all_tagged_codecs_are_equal() -> None:
    assert codec == TaggedCodec()
    assert hash(codec) == hash(TaggedCodec())
    assert codec != JSONCodec()

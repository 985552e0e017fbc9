from __future__ import annotations

import pickle
from collections import UserDict
from types import MappingProxyType
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieSessionOptions,
    Keygrip,
    SessionEncodeError,
)
from tests.support.keys import KEYS
from tests.support.toy_format import ToyFormat


def test_it_is_immutable_and_shows_no_key() -> None:
    sessions = CookieSession(keys=KEYS)

    with pytest.raises(AttributeError):
        sessions.name = "other"  # type: ignore[misc]
    assert "<CookieSession 'session'>" == repr(sessions)


def test_it_tells_whether_every_connection_counts_as_https() -> None:
    assert CookieSession(keys=KEYS, assume_https=True).assume_https
    assert not CookieSession(keys=KEYS).assume_https


def test_it_tells_the_names_of_its_cookies() -> None:
    assert ("session", "session.sig") == CookieSession(keys=KEYS).cookie_names
    assert ("my", "my.sig") == CookieSession(keys=KEYS, name="my").cookie_names
    assert ("my",) == CookieSession(signed=False, name="my").cookie_names
    assert ("session",) == CookieSession(keys=KEYS, signed=False).cookie_names
    assert ("session", "session.sig") == CookieSession(keys=KEYS, signed=True).cookie_names


def test_an_object_that_cannot_hold_cookies_is_refused_at_once() -> None:
    cookies: Any = 5

    with pytest.raises(TypeError, match=r"must be a Cookie header .* got int"):
        CookieSession(keys=KEYS).open(cookies)
    with pytest.raises(TypeError, match=r"must be a Cookie header .* got int"):
        CookieSession(keys=KEYS).decode(cookies)


def test_it_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="a CookieSession cannot be pickled"):
        pickle.dumps(CookieSession(keys=KEYS))


@pytest.mark.parametrize("contents", [{"views": 1}, MappingProxyType({"views": 1}), [("views", 1)]])
def test_cookie_header_returns_the_header_that_a_client_would_send(contents: Any) -> None:
    sessions = CookieSession(keys=KEYS)
    cookies = sessions.encode({"views": 1})

    header = sessions.cookie_header(contents)

    assert f"session={cookies['session']}; session.sig={cookies['session.sig']}" == header
    assert {"views": 1} == dict(sessions.open(header)) == sessions.decode(header)


@pytest.mark.parametrize("contents", [None, 5, "text", ["user"], object()])
def test_contents_that_are_not_a_mapping_are_refused(contents: Any) -> None:
    sessions = CookieSession(keys=KEYS)

    for write in (sessions.encode, sessions.encode_one, sessions.cookie_header):
        with pytest.raises(TypeError, match=rf"a mapping, got {type(contents).__name__}$"):
            write(contents)


def test_an_error_of_the_mapping_of_the_contents_is_not_changed() -> None:
    class Broken(UserDict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            raise TypeError(key)

    with pytest.raises(TypeError, match=r"^broken$"):
        CookieSession(keys=KEYS).encode(Broken(broken=1))


def test_cookie_header_and_encode_know_the_lifetime() -> None:
    sessions = CookieSession(keys=KEYS, idle_timeout=60, clock=lambda: 0)
    stored = CookieSession(keys=KEYS).decode(sessions.cookie_header({"views": 1}))

    assert {"views": 1, "_expire": 60_000, "_maxAge": 60_000} == stored


@pytest.mark.parametrize("write", ["encode", "cookie_header"])
def test_encode_refuses_contents_that_cannot_be_written(write: str) -> None:
    sessions = CookieSession(keys=KEYS)

    with pytest.raises(SessionEncodeError, match=r"session\['at'\]: set is not a JSON type"):
        getattr(sessions, write)({"at": {1}})
    with pytest.raises(TypeError):
        getattr(sessions, write)(5)


def test_encode_and_decode_are_the_two_sides_of_a_client() -> None:
    sessions = CookieSession(keys=KEYS)
    cookies = sessions.encode({"views": 1})

    assert {"session", "session.sig"} == set(cookies)
    assert "eyJ2aWV3cyI6MX0=" == cookies["session"]
    assert {"views": 1} == sessions.decode(cookies)
    assert sessions.decode({"session": cookies["session"]}) is None
    assert sessions.decode({"session": cookies["session"], "session.sig": "bad"}) is None
    assert sessions.decode({}) is None
    assert sessions.decode(None) is None


def test_decode_reads_the_set_cookie_values_of_a_response() -> None:
    sessions = CookieSession(
        keys=KEYS, max_age=60, domain="example.com", secure=True, same_site="lax"
    )
    session = sessions.open(https=True)
    session["views"] = 1

    assert {"views": 1} == sessions.decode(["theme=dark; path=/", *session.commit()])


def test_decode_reads_nothing_from_a_response_that_ends_the_session() -> None:
    sessions = CookieSession(keys=KEYS)
    session = sessions.open()
    session.destroy()

    values = session.commit()

    assert values
    assert sessions.decode(values) is None


def test_options_beside_a_configuration_are_refused_by_their_names() -> None:
    sessions = CookieSession(keys=KEYS)

    assert sessions is CookieSession.from_arguments(sessions, {})
    with pytest.raises(ConfigurationError, match=r"options beside a ready-made .*: keys, name"):
        CookieSession.from_arguments(sessions, {"keys": KEYS, "name": "my"})
    with pytest.raises(ConfigurationError, match="expected a CookieSession or options, got list"):
        CookieSession.from_arguments(KEYS, {})  # type: ignore[arg-type]


def test_the_options_that_an_adapter_hands_on_are_emptied() -> None:
    options: CookieSessionOptions = {"keys": KEYS, "name": "my"}

    assert "my" == CookieSession.from_arguments(None, options).name
    assert {} == options


def test_two_configurations_may_share_a_signer() -> None:
    grip = Keygrip(KEYS)
    first, second = CookieSession(keys=grip), CookieSession(keys=grip, path="/app")

    assert {"a": 1} == second.decode(first.encode({"a": 1}))


@pytest.mark.parametrize("options", [{}, {"signed": False}, {"name": "other"}])
def test_one_text_stands_for_all_cookies_of_a_session(options: Any) -> None:
    sessions = CookieSession(keys=KEYS, **options)

    text = sessions.encode_one({"views": 1})

    assert {"views": 1} == dict(sessions.open_one(text))
    assert text == ".".join(sessions.encode({"views": 1}).values())


def test_one_text_may_hold_a_value_with_full_stops() -> None:
    class Dotted:
        def encode(self, contents: Any) -> str:
            return f"a.b.{contents['user']}"

        def decode(self, text: str) -> dict[str, Any]:
            return {"user": int(text.removeprefix("a.b."))}

    sessions = CookieSession(keys=KEYS, codec=Dotted())

    assert {"user": 7} == dict(sessions.open_one(sessions.encode_one({"user": 7})))


@pytest.mark.parametrize("https", [{}, {"https": False}, {"https": True}])
def test_the_cookies_of_an_opened_session_follow_the_connection(https: Any) -> None:
    sessions = CookieSession(keys=KEYS)
    for session in (sessions.open(None, **https), sessions.open_one("", **https)):
        session["user"] = 7

        assert {https == {"https": True}} == {"; secure" in value for value in session.commit()}


@pytest.mark.parametrize("text", ["", ".", "a", "a.b", "a.b.c", "%00.\N{SNOWMAN}"])
def test_a_wrong_text_opens_a_new_session(text: str) -> None:
    session = CookieSession(keys=KEYS).open_one(text, https=True)

    assert session.is_new
    assert [] == session.commit()


def test_settings_of_a_framework_are_used_for_options_that_were_not_given() -> None:
    defaults: CookieSessionOptions = {"name": "theirs", "path": "/theirs"}
    ready = CookieSession(keys=KEYS)

    sessions = CookieSession.from_arguments(None, {"keys": KEYS, "name": "ours"}, defaults)

    assert ("ours", "/theirs") == (sessions.name, sessions.options.path)
    assert ready is CookieSession.from_arguments(ready, {}, defaults)
    assert {"name": "theirs", "path": "/theirs"} == defaults


@pytest.mark.parametrize(
    ("options", "assumes"),
    [
        ({}, True),
        ({"path": "/app"}, True),
        ({"secure": None}, False),
        ({"secure": None, "assume_https": True}, True),
        ({"assume_https": False}, False),
    ],
)
def test_a_default_of_assume_https_does_not_count_where_secure_is_given(
    options: CookieSessionOptions,
    assumes: bool,  # noqa: FBT001
) -> None:
    defaults: CookieSessionOptions = {"secure": True, "assume_https": True}

    sessions = CookieSession.from_arguments(None, {"keys": KEYS, **options}, defaults)

    assert assumes is sessions.assume_https


def test_an_empty_setting_of_a_framework_leaves_the_choice_to_the_format() -> None:
    toy = ToyFormat(KEYS, defaults={"same_site": "lax", "path": "/toys"})
    empty: CookieSessionOptions = {"same_site": None, "path": None}

    by_format = CookieSession.from_arguments(None, {"format": toy}, empty)
    given = CookieSession.from_arguments(None, {"format": toy, "same_site": None}, empty)

    assert ("lax", None) == (by_format.options.same_site, by_format.options.path)
    assert given.options.same_site is None

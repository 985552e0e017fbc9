"""The application's own check, `validate`."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieSession,
    CookieTooLargeError,
    Outcome,
    Written,
)
from tests.support.cookies import cookie_header, header
from tests.support.keys import KEYS
from tests.support.visitor import Clock, Visitor

IDLE = 3600


def test_contents_that_validate_refuses_give_a_new_session() -> None:
    asked: list[Any] = []

    def validate(contents: Mapping[str, Any]) -> bool:
        asked.append(dict(contents))
        return bool(contents["generation"] == 2)

    visitor = Visitor(CookieSession(keys=KEYS, clock=Clock(), validate=validate, idle_timeout=IDLE))
    assert (Outcome.ABSENT, {}, Written.SAVED) == visitor.request(generation=1)
    assert [] == asked
    assert (Outcome.REFUSED, {}, Written.NOTHING) == visitor.request()
    # Once, before the application sees it, and without our timestamps.
    assert [{"generation": 1}] == asked
    assert (Outcome.REFUSED, {}, Written.SAVED) == visitor.request(generation=2)
    assert (Outcome.LOADED, {"generation": 2}, Written.NOTHING) == visitor.request()


def test_validate_is_not_asked_about_an_unverified_or_ended_session() -> None:
    clock = Clock()

    def validate(_: Mapping[str, Any]) -> bool:
        raise AssertionError

    sessions = CookieSession(keys=KEYS, clock=clock, idle_timeout=IDLE, validate=validate)
    cookies = sessions.encode({"user": 7})

    clock.now += 2 * IDLE
    assert Outcome.EXPIRED is sessions.open(cookie_header(cookies)).outcome
    forged = {**cookies, "session.sig": "x"}
    assert Outcome.BAD_SIGNATURE is sessions.open(cookie_header(forged)).outcome
    assert Outcome.ABSENT is sessions.open(None).outcome
    assert sessions.decode(forged) is None


def test_decode_calls_validate() -> None:
    sessions = CookieSession(keys=KEYS, validate=lambda contents: "user" in contents)

    assert {"user": 7} == sessions.decode(header({"user": 7}))
    assert sessions.decode(header({"guest": 7})) is None


def test_validate_cannot_change_the_session() -> None:
    def validate(contents: Any) -> bool:
        contents["admin"] = True
        return True

    sessions = CookieSession(keys=KEYS, validate=validate)

    with pytest.raises(TypeError):
        sessions.decode(header({"user": 7}))


def test_validate_cannot_change_a_list_inside_the_contents() -> None:
    def validate(contents: Any) -> bool:
        contents["cart"][0]["items"].append("gift")
        contents["roles"].append("admin")
        return True

    session = CookieSession(keys=KEYS, validate=validate).open(
        header({"cart": [{"items": []}], "roles": []})
    )

    assert {"cart": [{"items": []}], "roles": []} == dict(session)
    assert [] == session.commit()


def test_validate_gets_contents_of_any_depth() -> None:
    nested: list[Any] = []
    for _ in range(498):
        nested = [nested]
    sessions = CookieSession(keys=KEYS, validate=lambda contents: nested == contents["deep"])

    assert {"deep": nested} == sessions.decode(header({"deep": nested}))


def test_a_refused_session_can_be_destroyed() -> None:
    sessions = CookieSession(keys=KEYS, validate=lambda _: False)
    session = sessions.open(header({"user": 7}))

    session.destroy()

    assert 2 == len(session.commit())
    assert Written.EXPIRED is session.written


def test_validate_must_be_callable() -> None:
    with pytest.raises(ConfigurationError, match="validate"):
        CookieSession(keys=KEYS, validate=True)  # type: ignore[arg-type]


def test_validate_must_be_synchronous() -> None:
    async def validate(_: Mapping[str, Any]) -> bool:
        return False

    class Validate:
        async def __call__(self, _: Mapping[str, Any]) -> bool:
            return False

    for function in (validate, Validate()):
        with pytest.raises(ConfigurationError, match=r"^validate must be synchronous"):
            CookieSession(keys=KEYS, validate=function)  # type: ignore[arg-type]


class Later:
    """An awaitable. Like every object, it is true."""

    def __await__(self) -> Generator[None, None, bool]:
        yield
        return False


def test_an_awaitable_is_not_an_answer_of_validate() -> None:
    sessions = CookieSession(keys=KEYS, validate=lambda _: Later())  # type: ignore[arg-type,return-value]

    with pytest.raises(ConfigurationError, match="synchronous"):
        sessions.decode(header({"user": 7}))


def test_the_error_about_a_large_cookie_tells_how_many_bytes_each_key_adds() -> None:
    sessions = CookieSession(keys=KEYS)
    session = sessions.open()
    session.update(text="x" * 4000, user=7)

    with pytest.raises(CookieTooLargeError) as caught:
        session.commit()

    def size(contents: dict[str, Any]) -> int:
        return sum(map(len, sessions.encode(contents).values()))

    added = {key: size({key: session[key]}) - size({}) for key in ("text", "user")}
    assert added == caught.value.sizes

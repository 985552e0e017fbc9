from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from typing_extensions import TypedDict

from cookiesession_core import CookieSession, SessionView
from tests.support.cookies import header
from tests.support.keys import KEYS


def test_it_is_a_mapping_with_the_interface_of_dict() -> None:
    session = CookieSession(keys=KEYS).open(header({"a": 1, "b": 2}))

    assert ["a", "b"] == list(session)
    assert ["b", "a"] == list(reversed(session))
    assert 2 == len(session)
    assert "a" in session
    assert "c" not in session
    assert session
    assert {"a": 1, "b": 2} == session
    assert {"a": 1, "b": 2, "c": 3} == session | {"c": 3}
    assert {"c": 3, "a": 1, "b": 2} == {"c": 3} | session
    assert "default" == session.get("c", "default")
    with pytest.raises(KeyError, match="c"):
        session["c"]
    with pytest.raises(KeyError, match="c"):
        del session["c"]
    assert isinstance(session, Mapping)


def test_cookies_are_read_once() -> None:
    asked: list[Mapping[str, object]] = []

    def validate(contents: Mapping[str, object]) -> bool:
        asked.append(contents)
        return True

    session = CookieSession(keys=KEYS, validate=validate).open(header({"a": 1, "b": []}))

    assert 1 == session.get("a") == session["a"] == session.get("a")
    assert [] == session.get("b") == session["b"]
    assert {"a": 1, "b": []} == session
    assert 1 == len(asked)


class Login(TypedDict, total=False):
    user: int


@attrs.define
class Visitor:
    user: int


@pytest.mark.parametrize("kind", [lambda session: session, SessionView])
def test_it_is_typed_as_a_mapping_and_as_no_other_class(kind: Any) -> None:
    session = kind(CookieSession(keys=KEYS).open(header({"user": 7})))

    for type_ in (Login, dict, dict[str, int], Mapping, type(session)):
        assert session.typed(type_) is session
    for other in (Visitor, int):
        with pytest.raises(TypeError, match=f"got the class {other.__name__}; .*dict.session"):
            session.typed(other)

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cookiesession_core import CookieSession
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

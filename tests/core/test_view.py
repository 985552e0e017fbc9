from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping, MutableMapping
from typing import Any

import pytest
from typing_extensions import TypedDict

from cookiesession_core import (
    CookieSession,
    Outcome,
    SessionCommittedError,
    SessionView,
    Written,
    began_at,
)
from tests.support.cookies import header, set_cookies
from tests.support.keys import CANARY, KEYS

sessions = CookieSession(keys=KEYS)


class Login(TypedDict, total=False):
    user: int


def view(cookies: str | None = None) -> SessionView:
    return SessionView(sessions.open(cookies))


def test_it_reads_like_a_dict() -> None:
    seen = view(header({"a": 1, "b": [2]}))

    assert isinstance(seen, MutableMapping)
    assert ["a", "b"] == list(seen)
    assert ["b", "a"] == list(reversed(seen))
    assert 2 == len(seen)
    assert "a" in seen
    assert "c" not in seen
    assert 1 == seen["a"] == seen.get("a")
    assert "default" == seen.get("c", "default")
    assert seen.get("c") is None
    assert {"a": 1, "b": [2]} == seen == dict(seen) == seen.copy()
    assert [("a", 1), ("b", [2])] == list(seen.items())
    assert {"a": 1, "b": [2], "c": 3} == seen | {"c": 3}
    assert {"c": 3, "a": 1, "b": [2]} == {"c": 3} | seen
    with pytest.raises(KeyError):
        seen["c"]
    with pytest.raises(KeyError):
        del seen["c"]
    assert not seen.is_changed


@pytest.mark.parametrize(
    ("act", "contents"),
    [
        (lambda v: v.__setitem__("c", 3), {"a": 1, "b": [2], "c": 3}),
        (lambda v: v.__delitem__("a"), {"b": [2]}),
        (lambda v: v["b"].append(3), {"a": 1, "b": [2, 3]}),
        (lambda v: v.get("b").append(3), {"a": 1, "b": [2, 3]}),
        (lambda v: v.pop("a"), {"b": [2]}),
        (lambda v: v.popitem(), {"a": 1}),
        (lambda v: v.clear(), {}),
        (lambda v: v.update({"a": 2}, c=3), {"a": 2, "b": [2], "c": 3}),
        (lambda v: v.setdefault("c", []).append(3), {"a": 1, "b": [2], "c": [3]}),
        (lambda v: v.__ior__({"c": 3}), {"a": 1, "b": [2], "c": 3}),
        (lambda v: v.replace({"c": 3}), {"c": 3}),
    ],
)
def test_a_write_to_the_view_is_a_write_to_the_session(act: Any, contents: dict[str, Any]) -> None:
    seen = view(header({"a": 1, "b": [2]}))

    act(seen)

    assert contents == seen.core
    assert set_cookies(contents) == seen.core.commit()


def test_an_in_place_merge_returns_the_same_view() -> None:
    seen = before = view()

    seen |= {"a": 1}

    assert seen is before


def test_it_has_the_properties_of_the_session() -> None:
    seen = view(header({"user": 7}))

    assert not seen.accessed
    assert Outcome.LOADED is seen.outcome
    assert 0 == seen.key_index
    assert seen.accessed
    assert (False, False, True) == (seen.is_new, seen.is_changed, seen.is_populated)
    assert seen.options is seen.core.options
    assert seen.written is None
    assert began_at(seen.core) is None
    seen.core.commit()
    assert Written.NOTHING is seen.written


@pytest.mark.parametrize("value", [True, False, None])
def test_a_flag_that_a_framework_sets_has_no_effect(value: Any) -> None:
    seen = view(header({"user": 7}))

    seen.accessed = value
    assert not seen.accessed
    seen.get("user")
    seen.accessed = value

    assert seen.accessed
    assert [] == seen.core.commit()


def test_a_value_that_is_set_as_an_attribute_is_not_lost_in_silence() -> None:
    class Own(SessionView):
        language = "en"

    seen: Any = Own(sessions.open())
    seen.language = "de"
    seen._cached = 7

    with pytest.raises(AttributeError, match=r"^user is not .*; did you mean session\['user'\]\?$"):
        seen.user = 7

    assert ("de", 7) == (seen.language, seen._cached)
    assert not hasattr(seen, "user")


def test_two_views_see_one_session() -> None:
    first = view()
    second = SessionView(first.core)

    first["a"] = 1

    assert 1 == second["a"]


@pytest.mark.parametrize("only_if_sent", [True, False])
@pytest.mark.parametrize("cookies", [None, header({"user": 7})])
def test_destroy_is_the_destroy_of_the_session(
    cookies: str | None,
    only_if_sent: bool,  # noqa: FBT001
) -> None:
    seen, session = view(cookies), sessions.open(cookies)

    seen.destroy(only_if_sent=only_if_sent)
    session.destroy(only_if_sent=only_if_sent)

    assert session.commit() == seen.core.commit()


def test_destroy_tells_every_client_by_default() -> None:
    seen, session = view(), sessions.open()

    seen.destroy()
    session.destroy()

    assert [] != session.commit() == seen.core.commit()


def test_resend_is_the_resend_of_the_session() -> None:
    seen = view(header({"user": 7}))

    seen.resend()

    assert set_cookies({"user": 7}) == seen.core.commit()


def test_it_is_typed_without_a_copy() -> None:
    seen = view(header({"user": 7}))

    login = seen.typed(Login)

    assert 7 == login["user"]
    assert login is seen


@pytest.mark.parametrize("kind", [SessionView, type(sessions.open())])
def test_no_template_can_call_the_methods_that_change_a_session(kind: Any) -> None:
    for name in ("destroy", "replace", "resend"):
        assert getattr(kind, name).alters_data is True


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_a_plain_dict(copied: Any) -> None:
    seen = view(header({"user": 7, "list": [1]}))

    result = copied(seen)

    assert dict is type(result)
    assert {"user": 7, "list": [1]} == result
    result["list"].append(2)
    assert (copied is copy.deepcopy) == (seen["list"] == [1])


def test_an_object_that_is_shared_stays_shared_in_a_deep_copy() -> None:
    cart = [1]
    seen = view()
    seen["cart"] = cart

    copied_cart, copied_session = copy.deepcopy((cart, seen))

    assert copied_cart is not cart
    assert copied_cart is copied_session["cart"]


def test_it_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match=r"a session cannot be pickled.*dict\(session\)"):
        pickle.dumps(view())


def test_its_representation_shows_the_state_and_no_contents() -> None:
    class Own(SessionView):
        __slots__ = ()

    seen = Own(sessions.open(header({"user": CANARY})))
    seen.get("user")

    assert "<Own of <Session 'session' read>>" == repr(seen) == seen.__sentry_repr__()


def test_the_view_has_the_whole_public_interface_of_a_session_but_commit() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert public(type(sessions.open())) - public(SessionView) == {"commit"}
    assert public(SessionView) - public(type(sessions.open())) == {"core"}
    assert not isinstance(view(), dict)
    assert isinstance(view(), Mapping)


def test_a_write_after_the_headers_raises() -> None:
    late = view()
    late.core.commit()

    with pytest.raises(SessionCommittedError):
        late["a"] = 1
    with pytest.raises(SessionCommittedError):
        late.update(a=1)

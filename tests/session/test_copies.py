"""Copies of a session, and pickles."""

from __future__ import annotations

import copy
import pickle
from datetime import timedelta
from typing import Any

import pytest

from cookiesession_core import (
    ConfigurationError,
    CookieLifetimeWarning,
    CookieOptions,
    CookieSession,
)
from tests.support.keys import KEYS
from tests.support.kinds import Kind


@pytest.mark.parametrize("touch", [True, False])
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_is_a_plain_dict_with_the_contents(
    kind: Kind,
    copied: Any,
    touch: bool,  # noqa: FBT001
) -> None:
    session = kind.sessions().open(kind.header({"user": 7, "cart": [1]}))
    if touch:
        assert 7 == session["user"]

    result = copied(session)

    assert dict is type(result)
    assert {"user": 7, "cart": [1]} == result


def test_a_deep_copy_shares_nothing_with_the_session(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"cart": [1]}))

    copy.deepcopy(session)["cart"].append(2)

    assert {"cart": [1]} == session
    assert [] == session.commit()


def test_an_object_that_is_shared_stays_shared_in_a_deep_copy(kind: Kind) -> None:
    cart = [1]
    session = kind.sessions().open()
    session["cart"] = cart

    copied_cart, copied_session = copy.deepcopy((cart, session))

    assert copied_cart is not cart
    assert copied_cart is copied_session["cart"]


def test_a_change_inside_a_shallow_copy_is_a_change_of_the_session(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"cart": [1]}))

    copy.copy(session)["cart"].append(2)

    assert kind.saves(session.commit(), {"cart": [1, 2]})


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_session_cannot_be_pickled(kind: Kind, protocol: int) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    with pytest.raises(TypeError, match=r"a session cannot be pickled.* Pickle dict\(session\)"):
        pickle.dumps(session, protocol)


def test_the_advice_of_the_error_about_pickling_works(kind: Kind) -> None:
    session = kind.sessions().open(kind.header({"user": 7}))

    assert {"user": 7} == pickle.loads(pickle.dumps(dict(session)))


def test_a_configuration_cannot_be_pickled(kind: Kind) -> None:
    with pytest.raises(TypeError, match="a CookieSession cannot be pickled"):
        pickle.dumps(kind.sessions())


# --- options ---------------------------------------------------------------------------------


def pickled(options: CookieOptions) -> CookieOptions:
    result: CookieOptions = pickle.loads(pickle.dumps(options))
    return result


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
@pytest.mark.parametrize("sent", [True, False])
def test_a_copy_of_the_options_of_a_request_or_of_all_is_plain_and_can_be_changed(
    copied: Any,
    sent: bool,  # noqa: FBT001
) -> None:
    with pytest.warns(CookieLifetimeWarning):  # and a copy does not warn again
        sessions = CookieSession(keys=KEYS, path="/app", max_age=timedelta(days=900))
    session = sessions.open()
    session.options.priority = "high"
    if sent:
        session.commit()
    for options in (session.options, sessions.options, CookieOptions(domain="shop.test")):
        result = copied(options)

        assert CookieOptions is type(result)
        assert options == result
        result.path = "/other"
        assert options != result
    assert ("/app", "/app") == (session.options.path, sessions.options.path)


def test_a_copy_of_options_is_checked_when_it_is_changed() -> None:
    result = copy.copy(CookieSession(keys=KEYS).open().options)

    with pytest.raises(ConfigurationError, match=r"^path must be"):
        result.path = ";"

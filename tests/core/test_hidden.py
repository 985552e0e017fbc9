from __future__ import annotations

import copy
import pickle

import pytest

from cookiesession_core import CookieSession, Hidden, Keygrip, SignedPair
from cookiesession_core.hidden import refuse_pickling
from tests.support.keys import KEYS


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a secret", "<hidden str>"),
        (["a secret"], "<hidden list>"),
        (None, "<hidden NoneType>"),
    ],
)
def test_it_holds_a_value_and_shows_only_its_type(value: object, shown: str) -> None:
    hidden = Hidden(value)

    assert value is hidden.value
    assert shown == repr(hidden) == str(hidden)
    assert f"[{shown}]" == repr([hidden])


def test_the_error_about_pickling_says_what_to_do_instead() -> None:
    with pytest.raises(TypeError) as caught:
        refuse_pickling("thing", "Pickle another one.")

    assert "a thing cannot be pickled" in str(caught.value)
    assert "Pickle another one." in str(caught.value)


@pytest.mark.parametrize("holder", [CookieSession(keys=KEYS), Keygrip(KEYS), SignedPair(KEYS)])
def test_a_copy_of_an_object_that_holds_keys_is_the_object_itself(holder: object) -> None:
    assert holder is copy.copy(holder)
    assert holder is copy.deepcopy(holder)


def test_the_error_about_pickling_an_object_that_holds_keys_says_what_to_do() -> None:
    with pytest.raises(TypeError, match=r"secrets\. Pickle what you read the keys from\.$"):
        pickle.dumps(Keygrip(KEYS))

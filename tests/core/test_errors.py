from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cookiesession_adapters.wsgi import CookieSessionMiddleware
from cookiesession_core import (
    ConfigurationError,
    ConfigurationWarning,
    CookieLifetimeWarning,
    CookieNameWarning,
    CookieSession,
    CookieSessionError,
    CookieTooLargeError,
    Keygrip,
    SessionCommittedError,
    SessionEncodeError,
    WeakKeyWarning,
)
from cookiesession_core.errors import check_methods, got, without_frames
from tests.support.keys import KEYS


def test_a_configuration_error_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="required"):
        CookieSession()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Keygrip(["weak"]),
        lambda: CookieSession(keys=["weak"]),
        lambda: CookieSession(secret="weak"),
        lambda: CookieSessionMiddleware(lambda *_: [], keys=["weak"]),
    ],
)
def test_the_warning_of_a_weak_key_names_the_line_that_gave_it(make: Callable[[], object]) -> None:
    with pytest.warns(WeakKeyWarning) as caught:
        make()

    assert __file__ == caught[0].filename


@pytest.mark.parametrize(
    ("category", "options"),
    [
        (CookieLifetimeWarning, {"max_age": timedelta(days=401)}),
        (CookieNameWarning, {"name": "a(b)"}),
        (ConfigurationWarning, {"path": "app"}),
        (ConfigurationWarning, {"idle_timeout": 60, "absolute_timeout": 59}),
    ],
)
def test_a_warning_names_the_line_that_set_the_option(
    category: type[UserWarning], options: dict[str, Any]
) -> None:
    with pytest.warns(category) as caught:
        CookieSession(keys=KEYS, **options)

    assert __file__ == caught[0].filename


# --- the text of an error --------------------------------------------------------------------

ERRORS: list[tuple[CookieSessionError, dict[str, Any]]] = [
    (CookieSessionError("a message"), {}),
    (ConfigurationError("a message"), {}),
    (
        SessionEncodeError("session['at']", "datetime", "is not a JSON type"),
        {"path": "session['at']", "type_name": "datetime", "reason": "is not a JSON type"},
    ),
    (
        CookieTooLargeError(5000, 4093, {"cart": 4000, "note": 100}),
        {"size": 5000, "limit": 4093, "sizes": {"cart": 4000, "note": 100}},
    ),
    (SessionCommittedError(), {}),
]


@pytest.mark.parametrize(("error", "attributes"), ERRORS)
@pytest.mark.parametrize(
    "again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy]
)
def test_every_error_survives_pickling_and_copying_with_its_attributes(
    error: CookieSessionError, attributes: dict[str, Any], again: Callable[[Any], Any]
) -> None:
    returned = again(error)

    assert type(error) is type(returned)
    assert str(error) == str(returned)
    assert attributes == vars(error) == vars(returned)


def test_the_table_has_all_errors_of_the_library() -> None:
    def descendants(kind: type) -> set[type]:
        return {kind}.union(*map(descendants, kind.__subclasses__()))

    ours = {
        kind for kind in descendants(CookieSessionError) if kind.__module__.startswith("cookie")
    }

    assert ours == {type(error) for error, _ in ERRORS}


def test_the_error_about_a_large_cookie_names_sizes_and_what_to_do() -> None:
    text = str(CookieTooLargeError(5000, 4093, {"cart": 4000, "note": 100}))

    assert "would take 5000 bytes, 4093 are allowed" in text
    assert "'cart' 4000, 'note' 100" in text
    assert "Keep an id in the session" in text


def test_the_error_about_a_large_cookie_says_nothing_of_sizes_that_are_unknown() -> None:
    assert "would take 5000 bytes, 4093 are allowed. " in str(CookieTooLargeError(5000, 4093, {}))


def test_the_error_keeps_its_own_copy_of_the_sizes() -> None:
    sizes = {"cart": 4000}
    error = CookieTooLargeError(5000, 4093, sizes)

    sizes.clear()

    assert {"cart": 4000} == error.sizes


def test_an_error_forgets_the_frames_that_it_has_passed() -> None:
    with pytest.raises(ConfigurationError) as caught:
        CookieSession(keys=KEYS, path=";")
    error = caught.value
    error.__context__ = LookupError()

    assert without_frames(error) is error
    assert error.__traceback__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("text", "str that is something else"),
        (b"bytes", "bytes"),
        (2**256 - 1, f"int: {2**256 - 1}"),
        (2**256, "int"),
        (-(2**256), "int"),
        (True, "bool: True"),
        (0.5, "float: 0.5"),
        ([5], "list"),
    ],
)
def test_an_error_shows_numbers_and_no_text(value: object, said: str) -> None:
    assert said == got(value)


def test_an_object_without_the_methods_is_refused_by_the_name_of_its_type() -> None:
    check_methods("codec", {}, "items", "keys")

    with pytest.raises(
        ConfigurationError,
        match=r"^codec must be an object with encode\(\) and keys\(\), got dict$",
    ):
        check_methods("codec", {}, "encode", "keys")

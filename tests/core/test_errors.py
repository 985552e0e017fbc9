from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cookiesession_adapters.wsgi import CookieSessionMiddleware
from cookiesession_core import CookieLifetimeWarning, CookieSession, Keygrip, WeakKeyWarning
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


def test_a_warning_names_the_line_that_set_the_option() -> None:
    with pytest.warns(CookieLifetimeWarning) as caught:
        CookieSession(keys=KEYS, max_age=timedelta(days=401))

    assert __file__ == caught[0].filename

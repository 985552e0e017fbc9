"""Another object in the place of the application is refused where it is given."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cookiesession_core import ConfigurationError
from tests.support.keys import KEYS

EXPECTED = {
    "flask.setup": "the application of Flask or Quart",
    "quart.setup": "the application of Flask or Quart",
    "aiohttp.setup": r"an aiohttp\.web\.Application",
    "aiohttp_session.setup": r"an aiohttp\.web\.Application",
    "tornado.setup": r"a tornado\.web\.Application",
    "pyramid.setup": "a Configurator",
    "wsgi.CookieSessionMiddleware": "a WSGI application",
    "asgi.CookieSessionMiddleware": "an ASGI application",
}


@pytest.mark.parametrize("adapter", EXPECTED)
@pytest.mark.parametrize("wrong", [None, "app:app", SimpleNamespace()])
def test_another_object_than_the_application_is_an_error_that_names_its_type(
    adapter: str, wrong: Any
) -> None:
    module, _, name = adapter.partition(".")
    act = getattr(pytest.importorskip(f"cookiesession_adapters.{module}"), name)

    with pytest.raises(ConfigurationError, match=f"expected {EXPECTED[adapter]}") as caught:
        act(wrong, keys=KEYS)

    assert str(caught.value).endswith(f"got {type(wrong).__name__}")


def test_the_callable_inside_an_application_of_flask_is_not_the_application() -> None:
    flask = pytest.importorskip("flask")
    adapter = pytest.importorskip("cookiesession_adapters.flask")

    with pytest.raises(ConfigurationError, match="such as app, got method"):
        adapter.setup(flask.Flask("shop").wsgi_app, keys=KEYS)

"""The log names the library of a cookie with our name, for cookies of the real libraries."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from cookiesession_core import CookieSession
from tests.legacy.test_readers import LONG, by_django, by_flask, by_starlette
from tests.support.keys import KEYS, OTHER


def by_jose(contents: object) -> str:
    return jwt.encode({"alg": "HS256"}, {"session": contents}, OctKey.import_key(OTHER))


LOOKS: dict[str, tuple[Callable[..., str], str]] = {
    "Flask": (by_flask, "a session of Flask or Starlette"),
    "Starlette": (by_starlette, "a session of Flask or Starlette"),
    "Django": (by_django, "a session of Django"),
    "JWT": (by_jose, "a JWT"),
}


@pytest.mark.parametrize("contents", [{"user": 7}, {}, LONG])
@pytest.mark.parametrize("beside", ["", "; session.sig=left-from-ours"])
@pytest.mark.parametrize(("write", "look"), LOOKS.values(), ids=LOOKS)
def test_the_log_names_the_library(
    write: Callable[..., str],
    look: str,
    beside: str,
    contents: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    CookieSession(keys=KEYS).open(f"session={write(contents)}{beside}").get("user")

    (record,) = caplog.records
    assert record.getMessage().endswith(f"the value looks like {look}")


@pytest.mark.parametrize("library", ["Flask", "Django", "JWT"])
def test_the_log_names_the_library_where_nothing_is_signed(
    library: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Starlette's is loaded: as in Node, base64 ends at the padding.
    write, look = LOOKS[library]
    CookieSession(signed=False).open(f"session={write({'user': 7})}").get("user")

    (record,) = caplog.records
    assert record.getMessage().endswith(f"the value looks like {look}")


@pytest.mark.parametrize("contents", [{}, {"user": 7}, LONG])
def test_the_log_does_not_take_our_own_cookie_for_one_of_them(
    contents: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    CookieSession(keys=KEYS).open(CookieSession(keys=[OTHER]).cookie_header(contents)).get("user")

    assert "looks like" not in caplog.text

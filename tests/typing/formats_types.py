from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from cookiesession_adapters.formats.authjs import AuthJSReader, read_session
from cookiesession_adapters.formats.react_router import ReactRouter, flash
from cookiesession_adapters.formats.signed import unsign
from cookiesession_core import (
    BoundFormat,
    CookieFormat,
    CookieOptions,
    CookieSession,
    LegacyReader,
    Session,
    SessionView,
    request_cookies,
)


def react_router_is_a_format() -> None:
    format_: CookieFormat = ReactRouter(["newest", b"older"])
    assert_type(format_.bound("__session"), BoundFormat)
    CookieSession(format=ReactRouter(None), name="__session")

    ReactRouter()  # type: ignore[call-arg]
    ReactRouter(7)  # type: ignore[arg-type]
    ReactRouter([7])  # type: ignore[list-item]
    CookieSession(format=ReactRouter)  # type: ignore[arg-type]


def flash_values(session: Session, view: SessionView) -> None:
    assert_type(flash(session, "note"), Any)
    assert_type(flash(view, "note"), Any)
    flash(session, "note", ["saved"])

    flash(session, 7)  # type: ignore[call-overload]
    flash({"note"}, "note")  # type: ignore[call-overload]
    flash(session, "note", 1, 2)  # type: ignore[call-overload]


def signed_values(value: str | None) -> None:
    assert_type(unsign("value", ["secret", b"older"]), str | None)

    unsign(value, ["secret"])  # type: ignore[arg-type]
    unsign("value", [7])  # type: ignore[list-item]


def a_login_of_authjs_is_a_dict(header: str | None) -> None:
    claims = read_session(header, ["newest", b"older"])
    assert_type(claims, dict[str, Any] | None)
    read_session(b"a=b", ["secret"], name="mine", version=4, clock=lambda: 0)
    read_session({"a": "b"}, ("secret",))
    read_session([(b"cookie", b"a=b")], ["secret"])
    read_session(request_cookies(header), ["secret"])

    read_session(5, ["secret"])  # type: ignore[arg-type]
    read_session(header, [5])  # type: ignore[list-item]
    read_session(header, ["secret"], version=3)  # type: ignore[arg-type]


def a_reader_of_authjs_is_a_legacy_reader() -> None:
    reader = AuthJSReader(["secret"], name="mine", options=CookieOptions(domain="example.com"))
    assert_type(reader.names, tuple[str, ...])
    assert_type(reader.read(request_cookies({})), dict[str, Any] | None)
    legacy: list[LegacyReader] = [reader]
    CookieSession(secret="a key", legacy=legacy)

    AuthJSReader(["secret"], name=7)  # type: ignore[arg-type]

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from cookiesession_adapters.formats.react_router import ReactRouter, flash
from cookiesession_adapters.formats.signed import unsign
from cookiesession_core import BoundFormat, CookieFormat, CookieSession, Session, SessionView


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

from __future__ import annotations

from datetime import timedelta
from typing import Any

from typing_extensions import assert_type

from cookiesession_adapters.formats.iron_session import IronSession, seal_data, unseal_data
from cookiesession_core import CookieFormat, CookieSession, TimedFormat


def the_sessions_of_iron_session() -> None:
    formats: list[CookieFormat] = [
        IronSession("a password"),
        IronSession({2: "new", 1: "old"}, ttl=3600),
        IronSession({"1": "old"}, ttl=timedelta(days=1)),
    ]
    timed: TimedFormat = IronSession("a password")
    CookieSession(format=formats[0], name="sid", idle_timeout=3600)
    CookieSession(format=timed)

    IronSession(b"a password")  # type: ignore[arg-type]
    IronSession(["a password"])  # type: ignore[arg-type]
    CookieSession(format=IronSession)  # type: ignore[arg-type]


def seals_for_other_places() -> None:
    seal = seal_data({"email": "ada@example.com"}, "a password", ttl=900)
    assert_type(seal, str)
    assert_type(unseal_data(seal, {1: "a password"}), dict[str, Any] | None)

    seal_data(["x"], "a password")  # type: ignore[arg-type]
    unseal_data(b"x", "a password")  # type: ignore[arg-type]

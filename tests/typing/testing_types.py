from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from typing_extensions import assert_type

from cookiesession_adapters.testing import log_in, read
from cookiesession_core import CookieSession


def what_takes_a_client(sessions: CookieSession) -> None:
    client = SimpleNamespace()
    log_in(client, sessions, {"user": 7})
    log_in(client, sessions, {"user": 7}, url="https://shop.example.com/")
    assert_type(read(client, sessions), dict[str, Any] | None)
    assert_type(read(client, sessions, url="https://shop.example.com/"), dict[str, Any] | None)

    log_in(sessions, client, {"user": 7})  # type: ignore[arg-type]
    log_in(client, sessions, [7])  # type: ignore[arg-type]
    log_in(client, sessions)  # type: ignore[call-arg]
    read(client, {"keys": ["newest"]})  # type: ignore[arg-type]

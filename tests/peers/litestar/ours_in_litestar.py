"""Put our sessions in the place of Litestar's, before Litestar's own tests import them."""

from __future__ import annotations

from typing import Any

from litestar.middleware.session import client_side, server_side

from cookiesession_adapters.litestar import CookieSessionConfig

KEY = "a key for tests of thirty-two bytes or more"


class CookieConfig(CookieSessionConfig):
    """Our configuration, whatever options a test has for Litestar's cookies."""

    def __init__(self, *_arguments: Any, **_options: Any) -> None:
        super().__init__(keys=[KEY])


class StoreConfig(CookieConfig):
    """Our configuration where a test has options for Litestar's stores."""


client_side.CookieBackendConfig = CookieConfig  # type: ignore[assignment, misc]
server_side.ServerSideSessionConfig = StoreConfig  # type: ignore[assignment, misc]

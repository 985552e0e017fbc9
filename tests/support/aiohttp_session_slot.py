"""aiohttp-session's ``get_session`` under aiohttp's own server."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import cast

from aiohttp import web
from aiohttp_session import get_session

from cookiesession_adapters.aiohttp_session import setup
from cookiesession_core import SessionView
from tests.conformance.script import Find

from .aiohttp import application, serving
from .targets import Feature, Setup, Target


async def in_the_slot(request: web.Request) -> Find:
    """Return what finds the session of aiohttp-session: it has one."""
    session = cast("SessionView", await get_session(request))
    return lambda _: session


def serve(configuration: Setup) -> AbstractContextManager[str]:
    """Serve the script handler."""
    return serving(application(configuration, setup, in_the_slot))


LIMITS = {Feature.SILENCE, Feature.REFUSAL, Feature.TWO_SESSIONS, Feature.KEPT_EMPTY}
TARGET = Target("aiohttp-session", frozenset(Feature) - LIMITS, serve)

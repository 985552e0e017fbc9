"""Every suite that runs on our sessions, and every difference from the framework's own."""

from __future__ import annotations

from .runner import Suite

STARLETTE_JSON = "a session is no dict"

SUITES: list[Suite] = []

"""Quart's own tests, which are in Debian's source package: on its sessions and on ours."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent / "quart"

PACKAGES = ("quart==0.20.0", "pytest==8.3.5", "pytest-asyncio<0.26", "hypothesis", "python-dotenv")
"""What the environment of the tests needs, beside this library."""

SOURCES = {"quart==0.20.0": ("tests", "-o", "addopts=")}
"""A source distribution, and the arguments of pytest that run its tests as they are."""

WITH_OURS = {source: ("-p", "ours_in_quart", *arguments) for source, arguments in SOURCES.items()}
"""The arguments that run these tests on our sessions, with ``HERE`` in ``PYTHONPATH``."""

DIFFERENCES: dict[str, str] = {}
"""The tests that fail on ours, and why."""

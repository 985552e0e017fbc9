"""Run every Python block of the README and the documentation, each page from top to bottom.

The whole suite is watched for messages that show a secret.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from sybil import Sybil
from sybil.integration.pytest import SybilItem
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_plugins = ["tests.support.leaks"]
FRAMEWORKS = Path(__file__).parent / "examples" / "frameworks"
# The applications there read their keys when they are imported.
os.environ.setdefault("COOKIESESSION_KEYS", "a-key-for-tests-of-more-than-thirty-two-bytes")
# Django can be set up once in a process; tests run these in another.
collect_ignore = ["examples/channels/test_chat.py", "examples/frameworks/test_django_asgi.py"]


def prepare(namespace: dict[str, Any]) -> None:
    """Let each page import its applications anew, and be a module: Litestar looks for it."""
    namespace["__name__"] = __name__
    for name, module in list(sys.modules.items()):
        file = str(getattr(module, "__file__", ""))
        if file.startswith(str(FRAMEWORKS)) and not name.startswith("django"):
            del sys.modules[name]


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    setup=prepare,
).pytest()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Undo the shuffling of blocks within a page: they build on each other."""
    places = [index for index, item in enumerate(items) if isinstance(item, SybilItem)]
    blocks = sorted((items[index] for index in places), key=lambda block: block.location[:2])
    for index, block in zip(places, blocks, strict=True):
        items[index] = block

"""Run every Python block of the README and the documentation, each page from top to bottom.

The whole suite is watched for messages that show a secret.
"""

from __future__ import annotations

import pytest
from sybil import Sybil
from sybil.integration.pytest import SybilItem
from sybil.parsers.markdown import PythonCodeBlockParser

pytest_plugins = ["tests.leaks"]

pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser()],
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
).pytest()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Undo the shuffling of blocks within a page: they build on each other."""
    places = [index for index, item in enumerate(items) if isinstance(item, SybilItem)]
    blocks = sorted((items[index] for index in places), key=lambda block: block.location[:2])
    for index, block in zip(places, blocks, strict=True):
        items[index] = block

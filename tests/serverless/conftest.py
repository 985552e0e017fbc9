"""The examples for AWS Lambda, imported as Lambda imports them: with their settings at hand."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import pytest

from .callers import KEYS


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Import an example afresh, by its name."""
    monkeypatch.setenv("COOKIESESSION_KEYS", "\n".join(KEYS))

    def load(name: str) -> Any:
        module = f"examples.lambda.{name}"
        monkeypatch.delitem(sys.modules, module, raising=False)
        return importlib.import_module(module)

    return load

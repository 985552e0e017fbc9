"""Pyramid's shared tests of sessions in cookies, on ours. Its own tests stand in the path."""

from __future__ import annotations

import unittest
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.interfaces import ISessionFactory
from tests import test_session  # type: ignore[attr-defined]

from cookiesession_adapters.pyramid import setup

NAMES = {"cookie_name": "name", "httponly": "http_only", "timeout": "idle_timeout"}
"""Pyramid's names of options, and ours, if they differ."""


class TestOurs(test_session.SharedCookieSessionTests, unittest.TestCase):  # type: ignore[misc]
    """Makes sessions of ours where Pyramid's tests ask for sessions."""

    def _makeOne(self, request: Any, **kw: Any) -> Any:  # noqa: N802 - Pyramid's name
        config = Configurator(autocommit=True)
        options = {NAMES.get(name, name): value for name, value in kw.items()}
        setup(config, keys=["a key for the tests of a framework, of 32 bytes"], **options)
        return config.registry.getUtility(ISessionFactory)(request)

    def _serialize(self, _value: Any) -> Any:
        pytest.skip("a cookie in Pyramid's own serialisation")

"""Django's tests of its sessions in signed cookies, on our store.

Copy this file to ``tests/sessions_tests/test_own_store.py`` of Django's source distribution.
"""

from cookiesession_adapters.django import SessionStore

from .tests import CookieSessionTests  # type: ignore[import-untyped]


class OurSessionTests(CookieSessionTests):  # type: ignore[misc]
    backend = SessionStore


del CookieSessionTests

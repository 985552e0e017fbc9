"""Settings for Django's own tests: the session is Django's own in a signed cookie."""

from test_sqlite import *  # type: ignore[import-not-found] # noqa: F403 - of Django's tests

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"

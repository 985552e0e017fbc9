"""Settings for Django's own tests: the session is ours, also where a test names Django's class."""

import django.contrib.sessions.middleware as django_middleware
from test_sqlite import *  # type: ignore[import-not-found] # noqa: F403 - of Django's tests

import cookiesession_adapters.django as ours

SESSION_ENGINE = "cookiesession_adapters.django"
COOKIESESSION = {"keys": ["newest key: thirty-two bytes or more"]}

django_middleware.SessionMiddleware = ours.SessionMiddleware

"""Our middleware for WSGI."""

from benchmarks.apps import WSGI
from benchmarks.contenders import around
from benchmarks.payloads import KEY
from cookiesession_adapters.wsgi import CookieSessionMiddleware

CONTENDER = around("cookiesession", WSGI, CookieSessionMiddleware, keys=[KEY])

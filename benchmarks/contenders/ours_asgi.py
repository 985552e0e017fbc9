"""Our middleware for ASGI."""

from benchmarks.apps import ASGI
from benchmarks.contenders import around
from benchmarks.payloads import KEY
from cookiesession_adapters.asgi import CookieSessionMiddleware

CONTENDER = around("cookiesession", ASGI, CookieSessionMiddleware, keys=[KEY])

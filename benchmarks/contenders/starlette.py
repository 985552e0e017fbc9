"""Starlette's ``SessionMiddleware``."""

from starlette.middleware.sessions import SessionMiddleware

from benchmarks.apps import ASGI
from benchmarks.contenders import around
from benchmarks.payloads import KEY

CONTENDER = around("Starlette", ASGI, SessionMiddleware, secret_key=KEY)

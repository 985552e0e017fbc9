"""What is said when an adapter is given another object than the application."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any

_DJANGOS_HANDLERS = "django.core.handlers.exception"
"""Where the functions are from that Django gives to each entry of MIDDLEWARE."""


def check_application(app: object, expected: type, named: str, options: Any) -> None:
    """Refuse another object in the place of the application, and empty ``options`` then.

    Args:
        app: what an adapter was given as the application.
        expected: the class of applications.
        named: what the error calls such an application.
        options: the options that the adapter was given. They hold keys.

    Raises:
        TypeError: says what is expected, and names the type of the object.
    """
    if not isinstance(app, expected):
        options.clear()
        message = f"the first argument must be {named}, got {type(app).__name__}"
        del app  # it may be a list of keys, by mistake
        raise TypeError(message)


def check_callable(app: object, options: Any, *, is_wsgi: bool = False) -> None:
    """Refuse an object that is not an application of WSGI or ASGI, and empty ``options`` then.

    Args:
        app: what an adapter was given as the application.
        options: the options that the adapter was given. They hold keys.
        is_wsgi: whether the application must be one of WSGI, which is never asynchronous.

    Raises:
        TypeError: says what to do.
    """
    message = ""
    if not callable(app):
        message = f"the first argument must be the application, got {type(app).__name__}"
    elif is_wsgi and (iscoroutinefunction(app) or iscoroutinefunction(type(app).__call__)):
        message = "the application is one of ASGI: use cookiesession_adapters.asgi"
    if getattr(app, "__globals__", {}).get("__name__") == _DJANGOS_HANDLERS:
        message = (
            "this is not a middleware for Django's MIDDLEWARE: list "
            "cookiesession_adapters.django.SessionMiddleware there"
        )
    if message:
        options.clear()
        del app
        raise TypeError(message)

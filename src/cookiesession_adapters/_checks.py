"""What is said when an adapter is given another object than the application."""

from __future__ import annotations

from cookiesession_core import ConfigurationError


def check_application(app: object, expected: str, *names: str) -> None:
    """Refuse an object without these attributes.

    Call it when the frame holds no keys any more.

    Args:
        app: what was given as the application.
        expected: what is expected, with its article.
        names: attributes that the adapter uses.

    Raises:
        ConfigurationError: if one of them is missing.
    """
    if not all(hasattr(app, name) for name in names):
        message = f"expected {expected}, got {type(app).__name__}"
        raise ConfigurationError(message)

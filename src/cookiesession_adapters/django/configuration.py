"""The configuration of the sessions, from Django's settings."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from cookiesession_core import ConfigurationError, CookieSession, CookieSessionOptions

DJANGOS_OWN = "django.contrib.sessions.middleware"


@lru_cache(maxsize=1)
def configured() -> CookieSession:
    """Return the sessions that Django's settings describe.

    Raises:
        ConfigurationError: for wrong settings.
    """
    if not hasattr(settings, "COOKIESESSION"):
        message = (
            "COOKIESESSION is missing in Django's settings: write COOKIESESSION = "
            '{"keys": parse_keys(os.environ["COOKIESESSION_KEYS"])}'
        )
        raise ConfigurationError(message)
    if isinstance(settings.COOKIESESSION, Mapping):
        sessions = CookieSession.from_arguments(
            None, cast("CookieSessionOptions", {**settings.COOKIESESSION}), _defaults()
        )
    elif isinstance(settings.COOKIESESSION, CookieSession):
        sessions = settings.COOKIESESSION
    else:
        kind = type(settings.COOKIESESSION).__name__
        message = f"COOKIESESSION must be a CookieSession or a dict of its options, got {kind}"
        raise ConfigurationError(message)
    if sessions.name != settings.SESSION_COOKIE_NAME:
        message = (
            f"COOKIESESSION has the name {sessions.name!r} and SESSION_COOKIE_NAME is "
            f"{settings.SESSION_COOKIE_NAME!r}: they must be equal, because Django's test client "
            "uses the setting"
        )
        raise ConfigurationError(message)
    _check_middleware()
    return sessions


def _check_middleware() -> None:
    """Refuse Django's own middleware: it would write our session into one cookie of its own."""
    name = f"{DJANGOS_OWN}.SessionMiddleware"
    if name not in settings.MIDDLEWARE or settings.SESSION_ENGINE.startswith("django."):
        return
    if import_string(name).__module__ == DJANGOS_OWN:  # nobody has put ours there
        message = (
            f"MIDDLEWARE lists {name}, which cannot send these sessions: write "
            "cookiesession_adapters.django.SessionMiddleware in its place"
        )
        raise ConfigurationError(message)


def _forget(*, setting: str, **_: object) -> None:
    if setting in ("COOKIESESSION", "MIDDLEWARE") or setting.startswith("SESSION_"):
        configured.cache_clear()


setting_changed.connect(_forget)  # tests override settings


def _defaults() -> CookieSessionOptions:
    defaults: CookieSessionOptions = {
        "name": settings.SESSION_COOKIE_NAME,
        "path": settings.SESSION_COOKIE_PATH,
        "domain": (settings.SESSION_COOKIE_DOMAIN or "").lstrip(".") or None,
        "http_only": bool(settings.SESSION_COOKIE_HTTPONLY),
        "same_site": settings.SESSION_COOKIE_SAMESITE,
    }
    if "expires" not in settings.COOKIESESSION:
        defaults["max_age"] = _max_age
    if settings.SESSION_COOKIE_SECURE:
        defaults |= {"secure": True, "assume_https": True}
    return defaults


def _max_age(contents: Mapping[str, Any]) -> float | None:
    expiry = contents.get("_session_expiry")
    if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE if expiry is None else expiry == 0:
        return None
    seconds: float = SessionBase().get_expiry_age(expiry=expiry)
    return max(1, seconds)  # a date in the past

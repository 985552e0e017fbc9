"""What the sessions of Flask and of Quart have in common: the object, and the settings."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any, cast

from flask.sessions import SessionInterface, SessionMixin

from cookiesession_core import (
    ConfigurationError,
    CookieOptions,
    CookieSession,
    CookieSessionOptions,
    Outcome,
    Session,
    SessionView,
    commit_headers,
    end_emptied,
    log_late_writes,
    report_late_setting,
)


class FlaskSession(SessionView, SessionMixin):
    """The session of a request, with the attributes that Flask and its extensions use."""

    _is_sent_again = False
    _before: dict[str, Any] | None = None
    """The contents when ``modified`` was set to ``False``."""

    @property
    def new(self) -> bool:  # type: ignore[override]
        """Whether the contents did not come from the client."""
        return self.core.is_new

    @property
    def modified(self) -> bool:
        """Whether the contents have changed.

        ``True`` sends the session even if it is unchanged. After ``False``, this attribute tells
        whether the contents have changed since; but what the client does not have is sent.
        """
        core = self.core
        if self._before is not None:
            return dict(core) != self._before
        is_changed = core.is_changed and (core.is_populated or core.outcome is Outcome.LOADED)
        return self._is_sent_again or is_changed

    @modified.setter
    def modified(self, value: bool) -> None:
        if value:
            self.core.resend()
        self._is_sent_again = value
        self._before = None if value else deepcopy(dict(self.core))

    def clear(self) -> None:
        """Remove all items and end the session, as Flask does."""
        self.core.destroy(only_if_sent=True)


SETTINGS = {
    "name": "SESSION_COOKIE_NAME",
    "domain": "SESSION_COOKIE_DOMAIN",
    "path": "SESSION_COOKIE_PATH",
    "http_only": "SESSION_COOKIE_HTTPONLY",
    "same_site": "SESSION_COOKIE_SAMESITE",
    "partitioned": "SESSION_COOKIE_PARTITIONED",
    "secure": "SESSION_COOKIE_SECURE",
}
"""The settings that are read once, by their option."""


class SettingsCheck:
    """Reports, at the first request, the settings that have changed after they were read.

    Args:
        app: the application.
        read: the options that its settings stand for, without those that were given.
    """

    def __init__(self, app: Any, read: Mapping[str, Any]) -> None:
        self._app = app
        self._read: Mapping[str, Any] | None = read

    def __call__(self) -> None:
        """Compare, if this is the first call."""
        if self._read is None:
            return
        read, self._read = self._read, None
        now: Mapping[str, Any] = {**attributes_of(self._app)}
        for option in read:
            if read[option] != now[option]:
                report_late_setting(SETTINGS[option])


def configured_for(
    app: Any, sessions: CookieSession | None, options: CookieSessionOptions
) -> tuple[CookieSession, SettingsCheck]:
    """Return the configuration that an application of Flask or Quart was given."""
    given = {*options}
    try:
        defaults = None if sessions is not None else settings_of(app, options.get("format"))
        read = {name: value for name, value in (defaults or {}).items() if name in SETTINGS}
        check = SettingsCheck(app, {name: read[name] for name in read.keys() - given})
        return CookieSession.from_arguments(sessions, options, defaults), check
    except BaseException:
        cast("dict[str, Any]", options).clear()  # wrong settings are found before wrong options
        raise
    finally:
        del sessions


def settings_of(app: Any, own_format: object = None) -> CookieSessionOptions:
    """Return the options that the settings of an application of Flask or Quart stand for.

    Args:
        app: the application.
        own_format: the format of its sessions, if it was given one. A session that is not
            permanent has the lifetime of the format.

    Raises:
        ConfigurationError: for a ``PERMANENT_SESSION_LIFETIME`` below one second.
    """
    try:
        CookieOptions(max_age=app.permanent_session_lifetime)
    except ConfigurationError as error:
        message = f"PERMANENT_SESSION_LIFETIME: {error}"
        raise ConfigurationError(message) from None
    defaults = getattr(own_format, "defaults", None)
    formats_own: Mapping[str, Any] = {}
    if isinstance(defaults, Mapping):
        formats_own = cast("Mapping[str, Any]", defaults)
    otherwise: float | timedelta | None = formats_own.get("max_age")

    def max_age(contents: Mapping[str, Any]) -> float | timedelta | None:
        lifetime: timedelta = app.permanent_session_lifetime
        return lifetime if contents.get("_permanent") else otherwise

    settings: CookieSessionOptions = {**attributes_of(app), "max_age": max_age}
    if settings.get("secure"):  # in Flask, this also counts over plain HTTP
        settings["assume_https"] = True
    return settings


def attributes_of(app: Any) -> CookieSessionOptions:
    """Return the options that stand for the settings in ``SETTINGS``."""
    interface = SessionInterface()
    same_site: Any = interface.get_cookie_samesite(app)
    return {
        "name": interface.get_cookie_name(app),
        "domain": (interface.get_cookie_domain(app) or "").removeprefix(".") or None,
        "path": interface.get_cookie_path(app),
        "http_only": interface.get_cookie_httponly(app),
        "same_site": same_site,
        "partitioned": app.config.get("SESSION_COOKIE_PARTITIONED", False),  # new in Flask 3.1
        "secure": True if interface.get_cookie_secure(app) else None,
    }


def write_headers(session: Session, response: Any) -> None:
    """Commit a session into the headers of a response of Flask or Quart."""
    end_emptied(session)
    before = list(response.headers)
    try:
        fields = commit_headers(session, before)
    except BaseException:
        del before  # it may hold cookies
        raise
    if fields is not before:
        response.headers[:] = fields
    if response.status_code >= 500:  # noqa: PLR2004 - the request has failed
        log_late_writes(session)

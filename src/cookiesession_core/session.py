"""The session of one request: a mapping that loads when touched and is written once.

It wraps a plain ``dict``. The commit compares the contents with those that were read. So a change
inside a list counts, and without a change no cookie is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import repeat
from typing import Any, NoReturn

from . import log
from .attributes import CookieOptions, RequestOptions
from .cookies import CookieHeader, check_request
from .errors import ConfigurationError, SessionCommittedError
from .format import Contents, Payload
from .hidden import refuse_pickling, with_total_repr
from .loading import LoadingMapping
from .set_cookie import as_list, is_deletion
from .settings import LateWrites, Settings
from .state import NOT_SENT, NOTHING, READ, RENEWALS, RESIGNED, UNTOUCHED, VERIFIED, Written, decide


@with_total_repr
class Session(LoadingMapping):
    """A request's session; made by :meth:`CookieSession.open`.

    Use it as a ``dict`` with ``str`` keys. Nothing is searched, verified or decoded before
    the first touch. :meth:`commit` then returns the ``Set-Cookie`` values that the response needs.
    """

    __slots__ = (
        "_asked_to_resend",
        "_https",
        "_late_writes",
        "_options",
        "_payload",
        "_set_cookies",
        "written",
    )

    _https: bool
    _options: RequestOptions | None
    _late_writes: LateWrites
    """What a write after the response headers does."""
    _payload: Payload | None
    """The payload of the last comparison or save. A commit sends it, and the end of the request
    compares it once more."""
    _set_cookies: list[str] | None
    """Our ``Set-Cookie`` values for the response; ``None`` until a commit succeeds."""
    written: Written | None
    """What :meth:`commit` has sent, or why it sent nothing. ``None`` before the first commit, and
    again when a session is written to after a commit that raised."""

    def __init__(self, settings: Settings, header: CookieHeader, https: bool) -> None:  # noqa: FBT001
        # Fast path: what servers have. The plain way is check_request().
        kind = type(header)
        if (kind is not list and kind is not str and header is not None) or type(https) is not bool:
            check_request(header, https)
        self._settings = settings
        self._header = header
        self._https = https or settings.assume_https
        self._late_writes = settings.late_writes
        self._state = UNTOUCHED
        self._asked_to_resend = self._is_shared = False
        self._data = self._snapshot = self._reading = self._payload = None
        self._options = self._set_cookies = self.written = None

    def __repr__(self) -> str:
        """Show the state and none of the contents."""
        state = self._state.value if self._set_cookies is None else "committed"
        return f"<Session {self._settings.name!r} {state}>"

    def __sentry_repr__(self) -> str:
        # Sentry's SDK asks for this before it unfolds a mapping.
        return repr(self)

    # --- facts about the session -------------------------------------------------------------

    @property
    def is_changed(self) -> bool:
        """Whether the contents differ from those of the client; touches the session.

        A new session counts as changed, as in Node, but it is saved only if it holds something.

        Raises:
            SessionEncodeError: when the contents cannot be written.
        """
        return self.is_new or self._has_new_contents()

    @property
    def options(self) -> CookieOptions:
        """This request's own cookie attributes; each is checked when it is set.

        A change of these attributes alone does not send the cookie. After the response headers
        were sent, a change raises, as any write does. ``copy.copy`` gives plain ``CookieOptions``.
        Node: ``req.sessionOptions``.
        """
        if self._options is None:
            self._options = RequestOptions(
                self._settings.options,
                self._settings.name,
                https=self._https,
                clock=self._settings.clock,
                check_open=self._check_not_sent,
            )
        return self._options

    def __reduce__(self) -> NoReturn:
        refuse_pickling("session", "Pickle dict(session).")

    # --- changes by the application ----------------------------------------------------------

    def destroy(self, *, only_if_sent: bool = False) -> None:
        """End the session: the client is told to drop it. A later write starts a new session.

        Node: ``req.session = null``.

        Args:
            only_if_sent: tell only a client that has sent a cookie of ours, valid or not.

        Raises:
            SessionCommittedError: after the response headers were sent.
        """
        has_cookie = not only_if_sent or self._was_sent()
        self._check_open(is_lost=has_cookie)
        if has_cookie:
            self._state = self._state.after_destroy()
        else:
            self._state = self._state.after_replace()  # no cookie to end
        self._data, self._snapshot = {}, None

    def replace(self, contents: Mapping[str, Any]) -> None:
        """Replace all contents of the session. Empty ``contents`` end the client's session.

        Call this at login. Node: ``req.session = {...}``.

        Raises:
            SessionCommittedError: after the response headers were sent.
            TypeError: when ``contents`` is not a mapping.
        """
        if type(contents) is not dict and not isinstance(contents, Mapping):
            kind = type(contents).__name__
            message = f"a session is replaced by a mapping, got {kind}; destroy() ends a session"
            del contents
            raise TypeError(message)
        try:
            is_late = self._set_cookies is not None
            is_lost = bool(contents) or (is_late and self._read().outcome in VERIFIED)
            self._check_open(is_lost=is_lost)
            self._data, self._snapshot = dict(contents), None
        finally:
            del contents
        self._state, self._is_shared = self._state.after_replace(), True

    def resend(self) -> None:
        """Send the session even if it is unchanged, with this request's attributes.

        The idle time begins again; the absolute timeout still counts from the session's start.
        A session that the client does not have is sent only if it holds something.

        Raises:
            SessionCommittedError: after the response headers were sent.
        """
        self._contents()  # an untouched session is not sent
        self._check_open(is_lost=self._loaded() is not None)
        self._asked_to_resend = True

    def _begin_write(self) -> dict[str, Any]:
        if self._set_cookies is None:
            self.written = None
        else:
            self._check_not_sent()
        if self._snapshot is None:
            self._take_snapshot()
        return self._data  # type: ignore[return-value] # loaded

    def _hand_out(self) -> None:
        self._is_shared = True
        if self._snapshot is None:
            self._take_snapshot()
        if self._set_cookies is not None and self._payload is None:
            # After the headers. The end of the request compares the contents with this payload.
            with suppress(Exception):
                self._serialise()

    def _check_open(self, *, is_lost: bool) -> None:
        """Refuse or log a write after the response headers; forget a commit that has raised.

        Args:
            is_lost: whether the client needs this write, if the response has no cookies of ours.
        """
        if self._set_cookies is None:
            self.written = None
        elif is_lost or self._set_cookies:
            self._check_not_sent()

    def _check_not_sent(self) -> None:
        if self._set_cookies is None:
            return
        if self._late_writes == "raise":
            raise SessionCommittedError
        log.too_late(self._settings.name)
        self._payload = None  # this change is reported

    # --- the commit --------------------------------------------------------------------------

    def commit(self, existing: Iterable[str] = ()) -> list[str]:
        """Return the ``Set-Cookie`` values that the response must now have, in order.

        Call this method when the response headers are about to be sent. The first call takes
        the decision; a further call applies it to other ``existing`` values.

        If a commit raises, the session is still open. If nothing is written before the next
        commit, that commit sends nothing and does not raise: an error page can be sent.

        Args:
            existing: the response's ``Set-Cookie`` values so far, in order.

        Raises:
            SessionEncodeError: the contents cannot be written.
            CookieTooLargeError: a cookie would exceed ``max_cookie_size``.
        """
        try:
            self._commit()
            kept = as_list(existing)
            if kept and self._data is not None:
                kept = self._beside(kept)
        except BaseException:
            existing = kept = []  # they may hold cookies
            raise
        return kept + (self._set_cookies or [])

    def _commit(self) -> None:
        """Decide, once, what the response carries; set ``written`` and the values to send."""
        if self._set_cookies is not None:
            return
        self._payload = None
        has_failed = self.written is not None  # a commit raised, and nothing was written since
        try:
            self.written = written = decide(self)
            self._set_cookies = [] if written in NOT_SENT else self._new_set_cookies(written)
        except Exception as error:
            due, self.written = self.written, Written.REFUSED
            if due in RENEWALS and not self._asked_to_resend:  # nobody wrote: the page is sent
                self._settings.log_once(log.not_renewed, self._settings.name, error)
            elif not has_failed:
                log.not_saved(self._settings.name, error)
                raise
            self._set_cookies = []

    def _beside(self, existing: list[str]) -> list[str]:
        """Return the ``Set-Cookie`` values of a response that stay beside ours.

        A renewal gives way: nothing is sent if the response sets or deletes one of our cookies.
        """
        ours, settings = self._set_cookies or [], self._settings
        starts = settings.starts
        if settings.has_leftovers:
            starts = settings.all_starts(self._cookies())
        if not any(map(str.startswith, existing, repeat(starts))):
            return existing
        # A value of ours is from an earlier commit to the same response.
        kept = [value for value in existing if value not in ours]
        for value in kept:
            if value.startswith(settings.starts) and not is_deletion(value):
                settings.log_once(log.other_writer, value.partition("=")[0])
        if not ours:
            return existing
        if self.written in RENEWALS:
            if any(value.startswith(starts) for value in kept):
                self.written, self._set_cookies = NOTHING, []
                if self._asked_to_resend and not all(map(is_deletion, kept)):
                    log.not_answered(settings.name, "the response has another cookie of this name")
        elif (self._options or settings.options).overwrite:
            kept = [value for value in kept if not value.startswith(settings.starts)]
        return kept

    # --- the facts for the decision ----------------------------------------------------------

    def _has_new_contents(self) -> bool:
        if self._snapshot is None and self._state is READ:  # nothing was written or handed out
            return False
        loaded = self._loaded()
        if loaded is None:
            if not self._data:
                return False
            self._serialise()  # contents that cannot be written raise over plain HTTP as well
            return True
        payload = self._serialise()
        # Fast path: a value that is not a container has changed.
        return self._has_surely_changed() or not self._settings.format.unchanged(loaded, payload)

    def _needs_refresh(self) -> bool:
        settings, lifetime = self._settings, self._settings.lifetime
        if lifetime is None or self._asked_to_resend:
            return self._asked_to_resend
        max_age = settings.attribute_text.max_age
        if settings.max_age_of is not None or self._options is not None:
            try:
                max_age = settings.max_age(Contents(self._data or {}), self._options)
            except ConfigurationError:
                return True  # the renewal fails in the same way, and is logged
        return lifetime.needs_refresh(self._timestamps(), settings.milliseconds(), max_age)

    def _can_be_sent(self, due: Written) -> bool:
        settings = self._settings
        options = self._options or settings.options
        # Where nobody wrote, a client can ask again and again.
        is_lost = due not in RENEWALS or self._asked_to_resend
        if options.secure and not self._https:
            if is_lost:
                log.not_secure(settings.name)
            else:
                settings.log_once(log.not_secure, settings.name)
            return False
        if options.expires is not None and due is not Written.EXPIRED and self._is_out_of_date():
            if is_lost:
                log.out_of_date(settings.name)
            else:
                error = ConfigurationError("expires has passed")
                settings.log_once(log.not_renewed, settings.name, error)
            return False
        return True

    def _is_out_of_date(self) -> bool:
        """Whether the date of ``expires`` would be sent, and has passed."""
        settings = self._settings
        if not (self._options or settings.options).has_passed(settings.clock):
            return False
        try:
            return settings.max_age(Contents(self._data or {}), self._options) is None
        except ConfigurationError:
            return False  # the commit fails in the same way

    # --- what is sent ------------------------------------------------------------------------

    def _new_set_cookies(self, written: Written) -> list[str]:
        """Return the ``Set-Cookie`` values that a decision asks for."""
        settings = self._settings
        if written is Written.EXPIRED:
            set_cookies = settings.expired(self._options, self._https)
        else:
            timestamps = self._timestamps() if written in RENEWALS else None
            has_end = timestamps is not None and timestamps.end is not None
            if settings.lifetime is not None and not (written is RESIGNED and has_end):
                now = settings.milliseconds()
                timestamps = settings.lifetime.renewed(self._timestamps(), now)
            payload = self._payload or self._serialise()
            set_cookies = settings.sealed(payload, timestamps, self._options, self._https)
        if settings.has_leftovers:
            leftovers = settings.expired_leftovers(self._cookies(), self._options, self._https)
            return leftovers + set_cookies
        return set_cookies

    def _serialise(self) -> Payload:
        self._payload = payload = self._settings.format.payload(Contents(self._data or {}))
        return payload


# The mark keeps templates from calling these methods.
_CHANGES: Any = (Session.destroy, Session.replace, Session.resend, Session.commit)
for _method in _CHANGES:
    _method.alters_data = True

"""The session of one request: a mapping that loads when touched and is written once.

It wraps a plain ``dict``. What the application changes is noticed at the end, by comparing
what would be written with what came in; so nested changes count, and no change means no
cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import isawaitable
from types import MappingProxyType
from typing import Any

import attrs

from .cookies import check_value, drop_set_cookie
from .errors import (
    ConfigurationError,
    CookieSessionError,
    CookieTooLargeError,
    SessionCommittedError,
)
from .expiry import UNSTAMPED, Lifetime, unstamped
from .mapping import UNREAD, LazyMapping
from .options import CookieOptions
from .state import WRITES, Contents, Event, Outcome, State, Write, Written, after
from .wire import Header, Reading, Wire, header_text, logger

# Bound once: before Python 3.12, reaching an enum's member takes longer than the work around it.
_UNTOUCHED, _NEW, _LOADED, _COMMITTED = State.UNTOUCHED, State.NEW, State.LOADED, State.COMMITTED
_FOUND, _BAD_SIGNATURE = Outcome.LOADED, Outcome.BAD_SIGNATURE
_SAVE, _DROP, _EXPIRE = Write.SAVE, Write.DROP, Write.EXPIRE
_NOTHING, _SAVED, _REFUSED = Written.NOTHING, Written.SAVED, Written.REFUSED
_EMPTY, _UNCHANGED, _CHANGED = Contents.EMPTY, Contents.UNCHANGED, Contents.CHANGED

_NO_LINES: tuple[tuple[str, ...], Written] = ((), _NOTHING)
_NOT_READ = Reading(Outcome.ABSENT, UNREAD)

_AFTER_FINDING, _AFTER_FINDING_NOTHING = after(Event.LOAD_FOUND), after(Event.LOAD_NOTHING)
_AFTER_WRITING, _AFTER_COMMIT = after(Event.WRITE), after(Event.COMMIT)
_AFTER_REPLACING, _AFTER_DESTROYING = after(Event.REPLACE), after(Event.DESTROY)


@attrs.frozen
class Policy:
    """What is asked of a session beyond its signature, and how it is written.

    Shared by all requests, changed by none.
    """

    options: CookieOptions
    max_cookie_size: int | None
    clock: Callable[[], float]
    """Seconds since the epoch."""
    lifetime: Lifetime | None
    validate: Callable[[Mapping[str, Any]], object] | None
    asks: bool = attrs.field(init=False)
    """Whether there is anything to ask beyond the signature."""
    attributes: tuple[str, str] | None = attrs.field(init=False)
    """The text behind ``name=value`` over HTTP and over HTTPS, where no date is in it."""

    def __attrs_post_init__(self) -> None:
        options, attributes = self.options, None
        if options.max_age is None and options.expires is None:
            http, https = (options.attributes(https=https, now=0) for https in (False, True))
            attributes = (http, https)
        asks = self.lifetime is not None or self.validate is not None
        object.__setattr__(self, "attributes", attributes)
        object.__setattr__(self, "asks", asks)

    def now(self) -> int:
        """Return the time in milliseconds since the epoch."""
        return int(self.clock() * 1000)

    def admit(self, reading: Reading) -> Reading:
        """Return a verified reading as the application sees it, or why it does not see it.

        Raises:
            ConfigurationError: when ``validate`` is asynchronous.
        """
        contents, stamp = reading.contents, UNSTAMPED
        if self.lifetime is not None:
            contents, stamp = unstamped(contents)
            if self.lifetime.is_over(stamp, self.now()):
                return Reading(Outcome.EXPIRED, {}, key_index=reading.key_index)
        if self.validate is not None:
            answer = self.validate(MappingProxyType(contents))
            if isawaitable(answer):
                message = "validate must be synchronous; await the check, then session.destroy()"
                raise ConfigurationError(message)
            if not answer:
                return Reading(Outcome.REFUSED, {}, key_index=reading.key_index)
        return Reading(_FOUND, contents, reading.text, reading.key_index, stamp)


class Session(LazyMapping):
    """A request's session; made by :meth:`CookieSession.open`.

    Use it as a ``dict`` with ``str`` keys. Nothing is searched, verified or decoded before
    the first touch. :meth:`commit` then tells which ``Set-Cookie`` values the response needs.
    """

    __slots__ = (
        "_header",
        "_https",
        "_lines",
        "_options",
        "_policy",
        "_reading",
        "_repairs",
        "_state",
        "_state_at_commit",
        "_wire",
        "written",
    )

    _reading: Reading
    _options: CookieOptions | None
    _lines: tuple[str, ...] | None
    written: Written | None
    """After :meth:`commit`: what was sent, or why nothing was; before it, ``None``."""

    def __init__(self, wire: Wire, policy: Policy, header: Header, https: bool) -> None:  # noqa: FBT001 - keywords cost, and every request passes here
        self._wire = wire
        self._policy = policy
        self._header = header
        self._https = https
        self._data = UNREAD
        self._state = self._state_at_commit = _UNTOUCHED
        self._maybe_changed = self._writing = self._repairs = False
        self._before = self._options = self._lines = self.written = None
        self._reading = _NOT_READ

    def __repr__(self) -> str:
        """Show the state and none of the contents."""
        return f"<Session {self._wire.name!r} {self._state.value}>"

    # --- what it is --------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the session's cookie."""
        return self._wire.name

    @property
    def accessed(self) -> bool:
        """Whether this request touched its session: the response then varies on ``Cookie``."""
        return self._data is not UNREAD

    @property
    def outcome(self) -> Outcome:
        """Why the session is what it is. Reading this touches the session."""
        return self._touched_reading().outcome

    @property
    def key_index(self) -> int | None:
        """The index of the key that verified the cookie; touches the session."""
        return self._touched_reading().key_index

    @property
    def is_new(self) -> bool:
        """Whether the contents did not come from the client; touches the session."""
        self._contents()
        state = self._state if self._state is not _COMMITTED else self._state_at_commit
        return state is not _LOADED

    @property
    def is_changed(self) -> bool:
        """Whether it differs from what the client has; touches the session.

        A new session counts as changed, as in Node, and is yet only saved once populated.

        Raises:
            SessionEncodeError: when the contents cannot be written.
        """
        return self.is_new or self._changed_text() is not None

    @property
    def is_populated(self) -> bool:
        """Whether it holds anything; touches the session."""
        return bool(self._contents())

    @property
    def options(self) -> CookieOptions:
        """This request's own cookie attributes; each is checked when it is set.

        Changing only these does not send the cookie. Node: ``req.sessionOptions``.
        """
        if self._options is None:
            self._options = self._policy.options.for_request(self._wire.name, https=self._https)
        return self._options

    # --- what can happen to it ---------------------------------------------------------------

    def destroy(self) -> None:
        """End the session: the client is told to drop it. A later write starts afresh.

        Node: ``req.session = null``.

        Raises:
            SessionCommittedError: after the response headers went out.
        """
        self._move(_AFTER_DESTROYING)
        self._data = {}
        self._maybe_changed, self._writing = True, False

    def replace(self, contents: Mapping[str, Any]) -> None:
        """Put ``contents`` in the place of everything the client has; empty ones destroy.

        This is what to call at login. Node: ``req.session = {...}``.

        Raises:
            SessionCommittedError: after the response headers went out.
            TypeError: when ``contents`` is no mapping.
        """
        if type(contents) is not dict and not isinstance(contents, Mapping):
            message = f"a session is replaced by a mapping, got {type(contents).__name__}"
            raise TypeError(message)
        data = dict(contents)
        self._move(_AFTER_REPLACING)
        self._data = data
        self._maybe_changed = self._writing = True

    def _move(self, after_event: Mapping[State, State]) -> None:
        state = after_event.get(self._state)
        if state is None:
            raise SessionCommittedError
        self._state = state

    def _load(self) -> dict[str, Any]:
        reading = self._read()
        self._data = reading.contents
        found = reading.outcome is _FOUND
        if self._state is _UNTOUCHED:
            self._state = (_AFTER_FINDING if found else _AFTER_FINDING_NOTHING)[_UNTOUCHED]
            self._repairs = reading.outcome is _BAD_SIGNATURE
        else:
            # Read for the first time after the headers left; too late for any repair.
            self._state_at_commit = _LOADED if found else _NEW
        return reading.contents

    def _read(self) -> Reading:
        """Return what the request's cookies say; searches them once."""
        reading = self._reading
        if reading is _NOT_READ:
            reading, policy = self._wire.read(header_text(self._header)), self._policy
            if policy.asks and reading.outcome is _FOUND:
                reading = policy.admit(reading)
            self._reading = reading
        return reading

    def _touched_reading(self) -> Reading:
        self._contents()
        return self._read()

    def _begin_write(self) -> None:
        self._contents()
        self._move(_AFTER_WRITING)
        if not self._maybe_changed:
            self._lend()
        self._writing = True

    # --- the end -----------------------------------------------------------------------------

    def commit(self, existing: Iterable[str] = ()) -> list[str]:
        """Return the ``Set-Cookie`` values that the response must now have, in order.

        Call it when the response headers are about to go out. The decision is taken at the
        first call; a further one applies it to the header list it is given.

        If it raises, the session is still open. If nothing is written to it before the next
        call, that call sends nothing and does not raise: an error page can go out.

        Args:
            existing: the response's ``Set-Cookie`` values so far, in order.

        Raises:
            SessionEncodeError: the contents cannot be written.
            CookieTooLargeError: a cookie would exceed ``max_cookie_size``.
        """
        state = self._state
        if state is _UNTOUCHED:
            self._state, self.written = _COMMITTED, _NOTHING
            return list(existing)
        values = list(existing)
        if state is _COMMITTED:
            own = self._lines or ()
            values = [value for value in values if value not in own]
        else:
            if self.written is not _REFUSED or self._maybe_changed:
                self._decide()
            self._state_at_commit, self._state = state, _AFTER_COMMIT[state]
            self._writing = False
        lines = self._lines
        if not lines:
            return values
        if values and self.written is not Written.REPAIRED and self._current_options().overwrite:
            values = drop_set_cookie(values, *self._wire.names)
        values += lines
        return values

    def _decide(self) -> None:
        try:
            lines, written = self._result()
        except Exception as error:
            self.written, self._lines = _REFUSED, None
            self._maybe_changed = self._writing = False
            # Only our own errors are known to hold no contents.
            ours = isinstance(error, CookieSessionError)
            # Logged besides: some frameworks turn the exception into a page that names nothing.
            logger.error(
                "the session cookie %r was not sent: %s: %s",
                self._wire.name,
                type(error).__name__,
                error if ours else "from the codec, the signer or validate",
            )
            raise
        if lines and not self._https and self._current_options().secure:
            logger.warning(
                "the session cookie %r was not sent: secure=True over plain HTTP. If TLS ends at "
                "a proxy, let the server trust its X-Forwarded-Proto, or set assume_https=True.",
                self._wire.name,
            )
            lines, written = (), _REFUSED
        self._lines, self.written = lines, written

    def _result(self) -> tuple[tuple[str, ...], Written]:
        """Return the lines to send, and what they are."""
        state, text = self._state, None
        if state is _LOADED:
            text = self._changed_text()
            contents = _UNCHANGED if text is None else _CHANGED
        elif self._data:
            text, contents = self._wire.encode(self._data), _CHANGED
        else:
            contents = _EMPTY
        write = WRITES[state, contents]
        if write is _SAVE and text is not None:
            if self._policy.lifetime is not None:
                text = self._stamped_text(self._policy.lifetime)
            lines, written = self._pair_lines(text), _SAVED
        elif write is _EXPIRE or (write is _DROP and self._read().outcome is _FOUND):
            lines, written = self._expire_lines(), Written.EXPIRED
        elif self._repairs:
            return (self._repair_line(),), Written.REPAIRED
        else:
            return self._sent_again()
        if self._repairs and not self._current_options().overwrite:
            lines = (self._repair_line(), *lines)
        return lines, written

    def _changed_text(self) -> str | None:
        """Return the encoded contents if they differ from what was loaded."""
        if not self._maybe_changed:
            return None
        loaded = self._reading.text
        text = self._wire.encode(self._data)
        if text == loaded:
            return None
        if self._data != self._before:
            return text
        # The top level is equal, so the change is nested, or in the order or type of values, or
        # there is none and the text differs by its spelling or by the stamp of a lifetime.
        codec = self._wire.codec
        contents = codec.decode(loaded)
        if self._policy.lifetime is not None:
            contents, _ = unstamped(contents)
        return None if codec.encode(contents) == text else text

    def _stamped_text(self, lifetime: Lifetime) -> str:
        """Return the encoded contents with a lifetime that begins now."""
        stamp = self._reading.stamp if self._state is _LOADED else UNSTAMPED
        return self._wire.encode(lifetime.stamped(self._data, stamp, self._policy.now()))

    def _pair_lines(self, text: str) -> tuple[str, ...]:
        policy, options = self._policy, self._options
        if options is None and policy.attributes is not None:
            attributes = policy.attributes[self._https]
        else:
            options = options or policy.options
            attributes = options.attributes(https=self._https, now=policy.clock())
        lines = self._wire.sign(text, attributes)
        limit = policy.max_cookie_size
        if limit is not None:
            for line in lines:
                if len(line) > limit:
                    raise CookieTooLargeError(len(line), limit, self._largest_keys())
        return lines

    def _largest_keys(self) -> dict[str, int]:
        # Measured in the codec's text: what counts is what each key adds to the cookie.
        encode = self._wire.codec.encode
        sizes = {key: len(encode({key: value})) for key, value in self._data.items()}
        return dict(sorted(sizes.items(), key=lambda item: -item[1])[:3])

    def _expire_lines(self) -> tuple[str, ...]:
        options = self._current_options()
        return self._wire.sign("", options.attributes(https=self._https, now=0, expire=True))

    def _repair_line(self) -> str:
        options = self._current_options().for_repair()
        attributes = options.attributes(https=self._https, now=0, expire=True)
        return f"{self._wire.signature_name}={attributes}"

    def _sent_again(self) -> tuple[tuple[str, ...], Written]:
        """Send unchanged contents again where that is due; a reading request never raises."""
        if self._state is not _LOADED:
            return _NO_LINES
        reading = self._reading
        lifetime = self._policy.lifetime
        try:
            if lifetime is not None and lifetime.needs_refresh(reading.stamp, self._policy.now()):
                return self._pair_lines(self._stamped_text(lifetime)), Written.REFRESHED
            if reading.key_index:
                check_value(reading.text)
                return self._pair_lines(reading.text), Written.RESIGNED
        except CookieSessionError as error:
            logger.warning(
                "the unchanged session cookie %r was not sent again, to be prolonged or signed "
                "by the newest key: %s",
                self._wire.name,
                error,
            )
            return (), _REFUSED
        return _NO_LINES

    def _current_options(self) -> CookieOptions:
        return self._options or self._policy.options

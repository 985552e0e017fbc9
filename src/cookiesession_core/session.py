"""The session of one request: a mapping that loads when touched and is written once.

It wraps a plain ``dict``. What the application changes is noticed at the end, by comparing
what would be written with what came in; so nested changes count, and no change means no
cookie.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from .cookies import check_value, drop_set_cookie
from .errors import (
    CookieSessionError,
    CookieTooLargeError,
    SessionCommittedError,
)
from .expiry import UNSTAMPED, Lifetime, Stamp, unstamped
from .former import expire_lines, take_over
from .mapping import UNREAD, LazyMapping
from .options import CookieOptions
from .policy import Policy, repair_attributes
from .state import Contents, Event, Outcome, State, Write, Written, after, writes_of
from .wire import Header, Wire, header_text, logger

# Bound once: before Python 3.12, reaching an enum's member takes longer than the work around it.
_UNTOUCHED, _NEW, _LOADED, _COMMITTED = State.UNTOUCHED, State.NEW, State.LOADED, State.COMMITTED
_FOUND, _BAD_SIGNATURE = Outcome.LOADED, Outcome.BAD_SIGNATURE
_SAVE, _DROP, _EXPIRE = Write.SAVE, Write.DROP, Write.EXPIRE
_NOTHING, _SAVED, _REFUSED = Written.NOTHING, Written.SAVED, Written.REFUSED

Lines = tuple[str, ...]
"""``Set-Cookie`` values."""

_NOTHING_STAYS: dict[str, Any] = {}
"""Stands in ``_before`` where nothing of what the client has stays."""


class _After(dict[State, State]):
    """What an event of the application's makes of each state, but for the one that is too late."""

    def __init__(self, event: Event) -> None:
        super().__init__(after(event))

    def __missing__(self, state: State) -> State:
        raise SessionCommittedError


# The tables column by column: looking up a pair takes several times longer.
_AFTER_FINDING, _AFTER_FINDING_NOTHING = after(Event.LOAD_FOUND), after(Event.LOAD_NOTHING)
_AFTER_WRITING = _After(Event.WRITE)
_AFTER_REPLACING, _AFTER_DESTROYING = _After(Event.REPLACE), _After(Event.DESTROY)
_IF_EMPTY, _IF_UNCHANGED = writes_of(Contents.EMPTY), writes_of(Contents.UNCHANGED)
_IF_CHANGED = writes_of(Contents.CHANGED)


class Session(LazyMapping):
    """A request's session; made by :meth:`CookieSession.open`.

    Use it as a ``dict`` with ``str`` keys. Nothing is searched, verified or decoded before
    the first touch. :meth:`commit` then tells which ``Set-Cookie`` values the response needs.
    """

    __slots__ = (
        "_header",
        "_https",
        "_key_index",
        "_lines",
        "_options",
        "_outcome",
        "_policy",
        "_repairs",
        "_stamp",
        "_state",
        "_state_at_commit",
        "_text",
        "_wire",
        "written",
    )

    _options: CookieOptions | None
    _repairs: bool
    """Whether the client has a signature that it must drop."""

    # Set when the request's cookies are read:
    _outcome: Outcome | None
    """``None`` until then."""
    _text: str
    """The cookie value as it came in."""
    _key_index: int | None
    _stamp: Stamp
    """When the session began and ends; only where the policy asks."""

    # Set when the response headers go out:
    _lines: Lines
    """What was sent."""
    _state_at_commit: State
    written: Written | None
    """After :meth:`commit`: what was sent, or why nothing was; before it, ``None``."""

    def __init__(self, wire: Wire, policy: Policy, header: Header, https: bool) -> None:  # noqa: FBT001 - keywords cost, and every request passes here
        self._wire = wire
        self._policy = policy
        self._header = header
        self._https = https
        self._state = _UNTOUCHED
        self._data = UNREAD
        self._writing = self._repairs = False
        self._before = self._options = self._outcome = self.written = None

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
        if self._outcome is None:
            self._load()
        return cast("Outcome", self._outcome)

    @property
    def key_index(self) -> int | None:
        """The index of the key that verified the cookie; touches the session."""
        if self._outcome is None:
            self._load()
        return self._key_index

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
        return self.is_new or (self._before is not None and self._changed_text() is not None)

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
        self._state = _AFTER_DESTROYING[self._state]
        self._data, self._before = {}, _NOTHING_STAYS
        self._writing = False

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
        self._state = _AFTER_REPLACING[self._state]
        self._data, self._before = data, _NOTHING_STAYS
        self._writing = True

    def _load(self) -> dict[str, Any]:
        """Read the request's cookies: take their contents, or only note the outcome if replaced."""
        wire, policy = self._wire, self._policy
        header = self._header = header_text(self._header)
        reading = wire.read(header)
        if policy.former:
            reading = take_over(policy.former, reading, header, wire)
        outcome, contents, self._text, self._key_index = reading
        if policy.asks and outcome is _FOUND:
            outcome, contents, self._stamp = policy.admit(contents)
        self._outcome = outcome
        if self._data is UNREAD:
            self._data = contents
            after_loading = _AFTER_FINDING if outcome is _FOUND else _AFTER_FINDING_NOTHING
            if self._state is _UNTOUCHED:
                self._state = after_loading[_UNTOUCHED]
                self._repairs = outcome is _BAD_SIGNATURE
            else:
                # Read for the first time after the headers left; too late for any repair.
                self._state_at_commit = after_loading[_UNTOUCHED]
        return self._data

    def _begin_write(self) -> None:
        self._lend()
        self._state = _AFTER_WRITING[self._state]
        self._writing = True

    # --- the end -----------------------------------------------------------------------------

    def commit_untouched(self) -> bool:
        """Commit if nobody has touched the session, and tell whether that is so.

        The response then needs nothing of it. For adapters: :meth:`commit` does the same.
        """
        if self._data is not UNREAD:
            return False
        if self._state is _UNTOUCHED:
            self._state, self._lines, self.written = _COMMITTED, (), _NOTHING
        return True

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
        values = [*existing]
        if self.commit_untouched():
            return values
        state = self._state
        if state is _COMMITTED:
            values = [value for value in values if value not in self._lines]
        else:
            try:
                self._lines, self.written = self._decide()
            except Exception as error:
                # Again, and nothing was written since: a page that only reads the session goes out.
                if self.written is not _REFUSED or self._writing:
                    self._note_failure(error)
                    raise
                self._lines = ()
            if self._lines and self._policy.former and self.written is not Written.REPAIRED:
                self._lines = (*self._former_lines(), *self._lines)
            self._state_at_commit, self._state = state, _COMMITTED
            self._writing = False
        lines = self._lines
        if not lines:
            return values
        if values and self.written is not Written.REPAIRED and self._current_options().overwrite:
            values = drop_set_cookie(values, *self._wire.names)
        return [*values, *lines]

    def _note_failure(self, error: Exception) -> None:
        self.written, self._writing = _REFUSED, False
        # Only our own errors are known to hold no contents.
        ours = isinstance(error, CookieSessionError)
        # Logged besides: some frameworks turn the exception into a page that names nothing.
        logger.error(
            "the session cookie %r was not sent: %s: %s",
            self._wire.name,
            type(error).__name__,
            error if ours else "from the codec, the signer or validate",
        )

    def _decide(self) -> tuple[Lines, Written]:
        """Return the lines to send, and what they are."""
        state, text = self._state, None
        if state is _LOADED:
            text = None if self._before is None else self._changed_text()
            write = (_IF_UNCHANGED if text is None else _IF_CHANGED)[state]
        elif self._data:
            encode = self._wire.encode
            text, write = encode(self._data), _IF_CHANGED[state]
        else:
            write = _IF_EMPTY[state]
        if write is _SAVE and text is not None:
            if self._policy.lifetime is not None:
                text = self._stamped_text(self._policy.lifetime)
            lines, written = self._pair_lines(text), _SAVED
        elif write is _EXPIRE or (write is _DROP and self.outcome is _FOUND):
            lines, written = self._expire_lines(), Written.EXPIRED
        elif self._repairs:
            lines, written = (self._repair_line(),), Written.REPAIRED
        elif state is _LOADED and (self._key_index != 0 or self._policy.lifetime is not None):
            lines, written = self._sent_again()
        else:
            return (), _NOTHING
        options = self._options or self._policy.options
        if lines and options.secure and not self._https:
            logger.warning(
                "the session cookie %r was not sent: secure=True over plain HTTP. If TLS ends at "
                "a proxy, let the server trust its X-Forwarded-Proto, or set assume_https=True.",
                self._wire.name,
            )
            return (), _REFUSED
        if self._repairs and written is not Written.REPAIRED and not options.overwrite:
            lines = (self._repair_line(), *lines)
        return lines, written

    def _changed_text(self) -> str | None:
        """Return the encoded contents if they differ from what was loaded."""
        loaded = self._text
        encode = self._wire.encode
        text = encode(self._data)
        if text == loaded:
            return None
        if self._has_surely_changed():
            return text
        # The change is nested, or in the order or type of values, or there is none and the text
        # differs by its spelling or by the stamp of a lifetime.
        codec = self._wire.codec
        contents = codec.decode(loaded)
        if self._policy.lifetime is not None:
            contents, _ = unstamped(contents)
        canonical = getattr(codec, "canonical", None)
        if canonical is not None:
            return None if canonical(contents) == canonical(self._data) else text
        return None if codec.encode(contents) == text else text

    def _stamped_text(self, lifetime: Lifetime) -> str:
        """Return the encoded contents with a lifetime that begins now."""
        stamp = self._stamp if self._state is _LOADED else UNSTAMPED
        return self._wire.encode(lifetime.stamped(self._data, stamp, self._policy.now()))

    def _pair_lines(self, text: str) -> Lines:
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

    def _expire_lines(self) -> Lines:
        options = self._current_options()
        return self._wire.sign("", options.attributes(https=self._https, now=0, expire=True))

    def _former_lines(self) -> tuple[str, ...]:
        header, options = header_text(self._header), self._current_options()
        return expire_lines(
            self._policy.former, header, self._wire.name, options, https=self._https
        )

    def _repair_line(self) -> str:
        if self._options is None:
            attributes = self._policy.repair[self._https]
        else:
            attributes = repair_attributes(self._options, https=self._https)
        return f"{self._wire.signature_name}={attributes}"

    def _sent_again(self) -> tuple[Lines, Written]:
        """Send unchanged contents again where that is due; a reading request never raises."""
        lifetime = self._policy.lifetime
        try:
            if lifetime is not None and lifetime.needs_refresh(self._stamp, self._policy.now()):
                return self._pair_lines(self._stamped_text(lifetime)), Written.REFRESHED
            # None: a former library had signed it, or we sign nothing.
            if self._key_index != 0 and self._wire.signer is not None:
                check_value(self._text)
                return self._pair_lines(self._text), Written.RESIGNED
        except CookieSessionError as error:
            logger.warning(
                "the unchanged session cookie %r was not sent again, to be prolonged or signed "
                "by the newest key: %s",
                self._wire.name,
                error,
            )
            return (), _REFUSED
        return (), _NOTHING

    def _current_options(self) -> CookieOptions:
        return self._options or self._policy.options

"""The session of one request: a mapping that loads when touched and is written once.

It wraps a plain ``dict``. What the application changes is noticed at the end, by comparing
what would be written with what came in; so nested changes count, and no change means no
cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from .cookies import check_value, drop_set_cookie
from .errors import (
    CookieSessionError,
    CookieTooLargeError,
    SessionCommittedError,
)
from .expiry import UNSTAMPED, Lifetime, Stamp, unstamped
from .former import take_over
from .mapping import UNREAD, LazyMapping
from .options import CookieOptions
from .policy import Policy
from .state import TRANSITIONS, Contents, Event, Outcome, State, Write, Written, after, writes_of
from .wire import Form, Header, Lines, header_text, logger

# Bound once: before Python 3.12, reaching an enum's member takes longer than the work around it.
_UNTOUCHED, _LOADED, _COMMITTED = State.UNTOUCHED, State.LOADED, State.COMMITTED
_FOUND, _BAD_SIGNATURE = Outcome.LOADED, Outcome.BAD_SIGNATURE
_DROP, _EXPIRE = Write.DROP, Write.EXPIRE
_NOTHING, _SAVED, _REFUSED = Written.NOTHING, Written.SAVED, Written.REFUSED
_REPAIRED = Written.REPAIRED

_NOTHING_STAYS: dict[str, Any] = {}
"""Stands in ``_before`` where nothing of what the client has stays."""


class _After(dict[State, State]):
    """What an event of the application's makes of each state, but for the one that is too late."""

    def __init__(self, event: Event) -> None:
        super().__init__(after(event))

    def __missing__(self, state: State) -> State:
        raise SessionCommittedError


# The tables column by column: looking up a pair takes several times longer.
_STATE_IF_FOUND = TRANSITIONS[State.UNTOUCHED, Event.LOAD_FOUND]
_STATE_IF_NOT_FOUND = TRANSITIONS[State.UNTOUCHED, Event.LOAD_NOTHING]
_AFTER_WRITING = _After(Event.WRITE)
_AFTER_REPLACING, _AFTER_DESTROYING = _After(Event.REPLACE), _After(Event.DESTROY)
_IF_EMPTY = writes_of(Contents.EMPTY)


class Session(LazyMapping):
    """A request's session; made by :meth:`CookieSession.open`.

    Use it as a ``dict`` with ``str`` keys. Nothing is searched, verified or decoded before
    the first touch. :meth:`commit` then tells which ``Set-Cookie`` values the response needs.
    """

    __slots__ = (
        "_form",
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
        "_value",
        "written",
    )

    _policy: Policy
    _header: Header
    _https: bool
    _state: State
    _options: CookieOptions | None
    # Set when the request's cookies are read:
    _outcome: Outcome | None
    """``None`` until then."""
    _value: str
    """The cookie's value as it came in."""
    _form: Form
    """The contents as they came in."""
    _key_index: int | None
    _repairs: bool
    """Whether the client has a signature that it must drop."""
    _stamp: Stamp
    """When the session began and ends; only where the policy asks."""

    # Set when the response headers go out:
    _lines: Lines
    """What was sent."""
    _state_at_commit: State
    written: Written | None
    """After :meth:`commit`: what was sent, or why nothing was; before it, ``None``."""

    def __repr__(self) -> str:
        """Show the state and none of the contents."""
        return f"<Session {self._policy.wire.name!r} {self._state.value}>"

    # --- what it is --------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The name of the session's cookie."""
        return self._policy.wire.name

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
        before = self._before
        return self.is_new or (before is not None and self._changed_form(before) is not None)

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
            self._options = self._policy.options.for_request(self.name, https=self._https)
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
        if type(contents) is dict:
            data = contents.copy()
        elif isinstance(contents, Mapping):
            data = dict(contents)
        else:
            message = f"a session is replaced by a mapping, got {type(contents).__name__}"
            raise TypeError(message)
        self._state = _AFTER_REPLACING[self._state]
        self._data = data
        self._before = _NOTHING_STAYS
        self._writing = True

    def _load(self) -> dict[str, Any]:
        """Read the request's cookies: take their contents, or only note the outcome if replaced."""
        policy, header = self._policy, self._header
        if type(header) is not str:
            header = self._header = header_text(header)
        reading = policy.wire.read(header)
        if policy.former:
            reading = take_over(policy.former, reading, header, policy.wire)
        outcome, contents, self._value, self._form, self._key_index = reading
        if policy.asks and outcome is _FOUND:
            outcome, contents, self._stamp = policy.admit(contents)
        self._outcome, self._repairs = outcome, False
        if self._data is UNREAD:
            self._data = contents
            state = _STATE_IF_FOUND if outcome is _FOUND else _STATE_IF_NOT_FOUND
            if self._state is _UNTOUCHED:
                self._state = state
                self._repairs = outcome is _BAD_SIGNATURE
            else:
                # Read for the first time after the headers left; too late for any repair.
                self._state_at_commit, self._lines = state, ()
        return self._data

    def _begin_write(self) -> None:
        if self._before is None:
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
            self._state, self.written = _COMMITTED, _NOTHING
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
        data = self._data
        if data is UNREAD:
            self.commit_untouched()
            return [*existing]
        state = self._state
        if state is _COMMITTED:
            lines = self._lines
            values: Iterable[str] = [value for value in existing if value not in lines]
        else:
            try:
                if state is _LOADED:
                    before = self._before
                    form = None if before is None else self._changed_form(before)
                elif data:
                    encode = self._policy.wire.encode
                    form = encode(data)
                else:
                    form = None
                lines = self._unchanged_lines(state) if form is None else self._saved_lines(form)
            except Exception as error:
                # Again, and nothing was written since: a page that only reads the session goes out.
                if self.written is not _REFUSED or self._writing:
                    self._note_failure(error)
                    raise
                lines = ()
            self._lines = lines
            self._state_at_commit, self._state = state, _COMMITTED
            self._writing = False
            values = existing
        if not values:
            return [*lines]
        values = [*values]
        if lines and self.written is not _REPAIRED and self._current_options().overwrite:
            values = drop_set_cookie(values, *self._policy.wire.names)
        return [*values, *lines]

    def _note_failure(self, error: Exception) -> None:
        self.written, self._writing = _REFUSED, False
        # Only our own errors are known to hold no contents.
        ours = isinstance(error, CookieSessionError)
        # Logged besides: some frameworks turn the exception into a page that names nothing.
        logger.error(
            "the session cookie %r was not sent: %s: %s",
            self.name,
            type(error).__name__,
            error if ours else "from the codec, the signer or validate",
        )

    # What follows returns the lines to send, and notes in `written` what they are. It goes by
    # state.WRITES: contents that changed are saved in every state, and unchanged ones are kept.

    def _saved_lines(self, form: Form) -> Lines:
        """Send changed contents; most go the first and shortest way."""
        policy = self._policy
        attributes = policy.attributes[self._https]
        if attributes is not None and self._options is None:
            make_lines = policy.wire.lines
            lines = make_lines(form, attributes)
            if len(lines[0]) > policy.most_octets:
                raise self._too_large(lines)
            self.written = _SAVED
            return lines
        if policy.lifetime is not None:
            form = self._stamped_form(policy.lifetime)
        return self._sendable(self._pair_lines(policy.wire.lines, form), _SAVED)

    def _unchanged_lines(self, state: State) -> Lines:
        """Send what is due although there is nothing to save."""
        if state is _LOADED:
            return self._lines_sent_again()
        policy, write = self._policy, _IF_EMPTY[state]
        if write is _EXPIRE or (write is _DROP and self.outcome is _FOUND):
            lines = policy.expired_lines(self._current_options(), https=self._https)
            return self._sendable(lines, Written.EXPIRED)
        if self._repairs:
            return self._sendable((self._repair_line(),), _REPAIRED)
        self.written = _NOTHING
        return ()

    def _lines_sent_again(self) -> Lines:
        """Send unchanged contents again where that is due; a reading request never raises."""
        policy, written = self._policy, _NOTHING
        lifetime = policy.lifetime
        try:
            if lifetime is not None and lifetime.needs_refresh(self._stamp, policy.now()):
                lines = self._pair_lines(policy.wire.lines, self._stamped_form(lifetime))
                return self._sendable(lines, Written.REFRESHED)
            # None: a former library had signed it, or we sign nothing.
            if self._key_index != 0 and policy.wire.signer is not None:
                check_value(self._value)
                lines = self._pair_lines(policy.wire.lines_of_value, self._value)
                return self._sendable(lines, Written.RESIGNED)
        except CookieSessionError as error:
            logger.warning(
                "the unchanged session cookie %r was not sent again, to be prolonged or signed "
                "by the newest key: %s",
                self.name,
                error,
            )
            written = _REFUSED
        self.written = written
        return ()

    def _sendable(self, lines: Lines, written: Written) -> Lines:
        """Return what of these lines the connection can carry, and what must go with them."""
        policy, options = self._policy, self._current_options()
        if options.secure and not self._https:
            logger.warning(
                "the session cookie %r was not sent: secure=True over plain HTTP. If TLS ends at "
                "a proxy, let the server trust its X-Forwarded-Proto, or set assume_https=True.",
                self.name,
            )
            lines, written = (), _REFUSED
        elif written is not _REPAIRED:
            if not options.overwrite and self._outcome is _BAD_SIGNATURE and self._repairs:
                lines = (self._repair_line(), *lines)
            if policy.former:
                header = header_text(self._header)
                lines = (*policy.former_lines(header, options, https=self._https), *lines)
        self.written = written
        return lines

    # --- what these are made of --------------------------------------------------------------

    def _changed_form(self, before: dict[str, Any]) -> Form | None:
        """Return the form of the contents if they differ from what was loaded."""
        wire, loaded = self._policy.wire, self._form
        encode = wire.encode
        # What was assigned is looked through in any case; what was only lent, if its text differs.
        anything_assigned = self._writing or self.written
        form: Form = encode(self._data) if anything_assigned else encode(self._data, loaded)
        if form == loaded:
            return None
        if self._has_surely_changed(before):
            return form
        # The change is nested, or in the order or type of values, or there is none and the form
        # differs by its spelling or by the stamp of a lifetime.
        codec = wire.codec
        contents = codec.decode(self._value)
        if self._policy.lifetime is not None:
            contents, _ = unstamped(contents)
        canonical = getattr(codec, "canonical", None)
        if canonical is not None:
            return None if canonical(contents) == canonical(self._data) else form
        return None if encode(contents) == form else form

    def _stamped_form(self, lifetime: Lifetime) -> Form:
        """Return the form of the contents with a lifetime that begins now."""
        stamp = self._stamp if self._state is _LOADED else UNSTAMPED
        stamped = lifetime.stamped(self._data, stamp, self._policy.now())
        encode = self._policy.wire.encode
        form: Form = encode(stamped)
        return form

    def _pair_lines(self, make_lines: Callable[[Any, str], Lines], form: Form) -> Lines:
        options = self._current_options()
        attributes = options.attributes(https=self._https, now=self._policy.clock())
        lines = make_lines(form, attributes)
        if any(len(line) > self._policy.most_octets for line in lines):
            raise self._too_large(lines)
        return lines

    def _too_large(self, lines: Lines) -> CookieTooLargeError:
        # Measured in the codec's text: what counts is what each key adds to the cookie.
        encode = self._policy.wire.codec.encode
        sizes = {key: len(encode({key: value})) for key, value in self._data.items()}
        largest = dict(sorted(sizes.items(), key=lambda item: -item[1])[:3])
        limit = self._policy.most_octets
        octets = next(len(line) for line in lines if len(line) > limit)
        return CookieTooLargeError(octets, limit, largest)

    def _repair_line(self) -> str:
        return self._policy.repair_line(self._current_options(), https=self._https)

    def _current_options(self) -> CookieOptions:
        return self._options or self._policy.options

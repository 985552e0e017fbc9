"""The session of one request: a mapping that loads when touched and is written once.

It wraps a plain ``dict``. What the application changes is noticed at the end, by comparing
what would be written with what came in; so nested changes count, and no change means no
cookie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import attrs

from .cookies import check_value, drop_set_cookie
from .errors import (
    ConfigurationError,
    CookieSessionError,
    CookieTooLargeError,
    SessionCommittedError,
)
from .options import CookieOptions
from .state import TRANSITIONS, WRITES, Contents, Event, Outcome, State, Write, Written
from .wire import Header, Reading, Wire, header_text, logger

_UNREAD: dict[str, Any] = {}
"""Stands in a session's ``_data`` until somebody touches it."""

_IMMUTABLE = frozenset({str, int, float, bool, type(None)})
"""Values that the application cannot change behind our back once it has them."""


@attrs.frozen
class Policy:
    """How a response is written: shared by all requests, changed by none."""

    options: CookieOptions
    max_cookie_size: int | None
    clock: Callable[[], float]


class Session(MutableMapping[str, Any]):
    """A request's session; made by :meth:`CookieSession.open`.

    Use it as a ``dict`` with ``str`` keys. Nothing is searched, verified or decoded before
    the first touch. :meth:`commit` then tells which ``Set-Cookie`` values the response needs.
    """

    __slots__ = (
        "_before",
        "_data",
        "_header",
        "_https",
        "_lines",
        "_maybe_changed",
        "_options",
        "_policy",
        "_reading",
        "_repairs",
        "_state",
        "_state_at_commit",
        "_wire",
        "_writing",
        "written",
    )

    written: Written | None
    """After :meth:`commit`: what was sent, or why nothing was; before it, ``None``."""

    def __init__(self, wire: Wire, policy: Policy, header: Header, *, https: bool) -> None:
        self._wire = wire
        self._policy = policy
        self._header = header
        self._https = https
        self._data = _UNREAD
        self._state = self._state_at_commit = State.UNTOUCHED
        self._maybe_changed = self._writing = self._repairs = False
        self._before: dict[str, Any] | None = None
        self._reading: Reading | None = None
        self._options: CookieOptions | None = None
        self._lines: tuple[str, ...] | None = None
        self.written = None

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
        return self._data is not _UNREAD

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
        state = self._state if self._state is not State.COMMITTED else self._state_at_commit
        return state is not State.LOADED

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

    # --- the mapping -------------------------------------------------------------------------

    def __getitem__(self, key: str) -> Any:
        data = self._data
        if data is _UNREAD:
            data = self._load()
        value = data[key]
        if value.__class__ not in _IMMUTABLE:
            self._lend()
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        data = self._data
        if data is _UNREAD:
            data = self._load()
        value = data.get(key, default)
        if value.__class__ not in _IMMUTABLE:
            self._lend()
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        if not self._writing:
            self._begin_write()
        self._data[key] = value

    def __delitem__(self, key: str) -> None:
        if not self._writing:
            self._begin_write()
        del self._data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents())

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._contents())

    def __len__(self) -> int:
        return len(self._contents())

    def __contains__(self, key: object) -> bool:
        return key in self._contents()

    def popitem(self) -> tuple[str, Any]:
        """Remove and return the last item, as ``dict`` does."""
        self._begin_write()
        return self._data.popitem()

    def clear(self) -> None:
        """Remove all items. The client keeps an empty session; see :meth:`destroy`."""
        self._begin_write()
        self._data.clear()

    def copy(self) -> dict[str, Any]:
        """Return a shallow copy of the contents as a plain ``dict``."""
        self._lend()
        return self._contents().copy()

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.copy(), **other} if isinstance(other, Mapping) else NotImplemented

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**other, **self.copy()} if isinstance(other, Mapping) else NotImplemented

    def __ior__(self, other: Any) -> Session:  # noqa: PYI034 - Session is final in practice
        self.update(other)
        return self

    # --- what can happen to it ---------------------------------------------------------------

    def destroy(self) -> None:
        """End the session: the client is told to drop it. A later write starts afresh.

        Node: ``req.session = null``.

        Raises:
            SessionCommittedError: after the response headers went out.
        """
        self._move(Event.DESTROY)
        self._data = {}
        self._maybe_changed, self._writing = True, False

    def replace(self, contents: Mapping[str, Any]) -> None:
        """Put ``contents`` in the place of everything the client has; empty ones destroy.

        This is what to call at login. Node: ``req.session = {...}``.

        Raises:
            SessionCommittedError: after the response headers went out.
            TypeError: when ``contents`` is no mapping.
        """
        if not isinstance(contents, Mapping):
            message = f"a session is replaced by a mapping, got {type(contents).__name__}"
            raise TypeError(message)
        data = dict(contents)
        self._move(Event.REPLACE)
        self._data = data
        self._maybe_changed = self._writing = True

    def _move(self, event: Event) -> None:
        state = TRANSITIONS.get((self._state, event))
        if state is None:
            raise SessionCommittedError
        self._state = state

    def _contents(self) -> dict[str, Any]:
        return self._load() if self._data is _UNREAD else self._data

    def _load(self) -> dict[str, Any]:
        reading = self._read()
        self._data = reading.contents
        if self._state is State.UNTOUCHED:
            found = reading.outcome is Outcome.LOADED
            self._move(Event.LOAD_FOUND if found else Event.LOAD_NOTHING)
            self._repairs = reading.outcome is Outcome.BAD_SIGNATURE
        else:
            # Read for the first time after the headers left; too late for any repair.
            found = reading.outcome is Outcome.LOADED
            self._state_at_commit = State.LOADED if found else State.NEW
        return self._data

    def _read(self) -> Reading:
        if self._reading is None:
            self._reading = self._wire.read(header_text(self._header))
        return self._reading

    def _touched_reading(self) -> Reading:
        self._contents()
        return self._read()

    def _begin_write(self) -> None:
        self._contents()
        self._move(Event.WRITE)
        self._lend()
        self._writing = True

    def _lend(self) -> None:
        """Note that the contents may change from here on, and how they looked before."""
        if not self._maybe_changed:
            data = self._contents()
            self._maybe_changed = True
            if self._before is None:
                self._before = data.copy()

    # --- the end -----------------------------------------------------------------------------

    def commit(self, existing: Iterable[str] = ()) -> list[str]:
        """Return the ``Set-Cookie`` values that the response must now have, in order.

        Call it when the response headers are about to go out. The decision is taken at the
        first call; a further one applies it to the header list it is given.

        Args:
            existing: the response's ``Set-Cookie`` values so far, in order.

        Raises:
            SessionEncodeError: the contents cannot be written.
            CookieTooLargeError: a cookie would exceed ``max_cookie_size``.

            After either the session is still open. If nothing is written to it before the
            next call, that call sends nothing and does not raise: an error page can go out.
        """
        values = list(existing)
        if self._state is State.COMMITTED:
            own = self._lines or ()
            values = [value for value in values if value not in own]
        else:
            if self.written is not Written.REFUSED or self._maybe_changed:
                self._decide()
            self._state_at_commit = self._state
            self._move(Event.COMMIT)
            self._writing = False
        if not self._lines:
            return values
        options = self._options or self._policy.options
        if options.overwrite and self.written is not Written.REPAIRED:
            values = drop_set_cookie(values, *self._wire.names)
        return [*values, *self._lines]

    def _decide(self) -> None:
        try:
            lines, written = self._result()
        except CookieSessionError:
            self.written, self._lines = Written.REFUSED, None
            self._maybe_changed = self._writing = False
            raise
        options = self._options or self._policy.options
        if lines and options.secure and not self._https:
            logger.warning(
                "the session cookie %r was not sent: secure=True over plain HTTP. If TLS ends at "
                "a proxy, let the server trust its X-Forwarded-Proto, or set assume_https=True.",
                self._wire.name,
            )
            lines, written = (), Written.REFUSED
        self._lines, self.written = lines, written

    def _result(self) -> tuple[tuple[str, ...], Written]:
        """Return the lines to send, and what they are."""
        text, contents = self._text_to_save()
        write = WRITES[self._state, contents]
        if write is Write.DROP:
            loaded = self._read().outcome is Outcome.LOADED
            write = Write.EXPIRE if loaded else Write.KEEP
        if write is Write.NOTHING:
            return (), Written.NOTHING
        if write is Write.KEEP and not self._repairs:
            return self._re_signed()
        repairs = self._repair_lines()
        if write is Write.KEEP:
            return repairs, Written.REPAIRED
        options = self._options or self._policy.options
        if options.overwrite:
            repairs = ()
        if write is Write.EXPIRE:
            return (*repairs, *self._expire_lines()), Written.EXPIRED
        return (*repairs, *self._pair_lines(text)), Written.SAVED

    def _text_to_save(self) -> tuple[str, Contents]:
        """Return the encoded value to save, if any, and what the contents count as."""
        if self._state is State.LOADED:
            text = self._changed_text()
            return text or "", Contents.UNCHANGED if text is None else Contents.CHANGED
        if not self._data:
            return "", Contents.EMPTY
        return self._wire.encode(self._data), Contents.CHANGED

    def _changed_text(self) -> str | None:
        """Return the encoded contents if they differ from what was loaded."""
        if not self._maybe_changed:
            return None
        loaded = self._read().text
        text = self._wire.encode(self._data)
        if text == loaded:
            return None
        if self._data != self._before:
            return text
        # The top level is equal, so the change is nested, or in the order or type of values, or
        # there is none and another writer spelled the same contents differently.
        codec = self._wire.codec
        return None if codec.encode(codec.decode(loaded)) == text else text

    def _pair_lines(self, text: str) -> tuple[str, ...]:
        attributes = self._attributes()
        lines = tuple(
            f"{name}={value}{attributes}" for name, value in self._wire.sign(text).items()
        )
        limit = self._policy.max_cookie_size
        if limit is not None:
            size = max(map(len, lines))
            if size > limit:
                raise CookieTooLargeError(size, limit, self._largest_keys())
        return lines

    def _largest_keys(self) -> dict[str, int]:
        # Measured in the codec's text: what counts is what each key adds to the cookie.
        encode = self._wire.codec.encode
        sizes = {key: len(encode({key: value})) for key, value in self._data.items()}
        return dict(sorted(sizes.items(), key=lambda item: -item[1])[:3])

    def _expire_lines(self) -> tuple[str, ...]:
        attributes = self._attributes(expire=True)
        return tuple(f"{name}={value}{attributes}" for name, value in self._wire.sign("").items())

    def _repair_lines(self) -> tuple[str, ...]:
        if not self._repairs:
            return ()
        options = (self._options or self._policy.options).for_repair()
        attributes = options.attributes(https=self._https, now=0, expire=True)
        return (f"{self._wire.signature_name}={attributes}",)

    def _re_signed(self) -> tuple[tuple[str, ...], Written]:
        """Send the pair again if an old key had signed it; a reading request never raises."""
        reading = self._reading
        if self._state is not State.LOADED or reading is None or not reading.key_index:
            return (), Written.NOTHING
        try:
            check_value(reading.text)
            return self._pair_lines(reading.text), Written.RESIGNED
        except (ConfigurationError, CookieTooLargeError) as error:
            logger.warning(
                "the session cookie %r verified by an old key was not signed again: %s",
                self._wire.name,
                error,
            )
            return (), Written.REFUSED

    def _attributes(self, *, expire: bool = False) -> str:
        options = self._options or self._policy.options
        now = 0.0 if expire or options.max_age is None else self._policy.clock()
        return options.attributes(https=self._https, now=now, expire=expire)

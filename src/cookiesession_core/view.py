"""A view over a session, for a framework that has a place and an interface for sessions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from .attributes import CookieOptions
from .hidden import with_total_repr
from .mapping import Typed, check_type
from .option_names import WithoutNodeNames
from .session import Session
from .state import Outcome, Written


def began_at(session: Session) -> float | None:
    """Return when a session began, in **seconds** since the epoch; touches the session.

    ``None`` for a new session, and where ``absolute_timeout`` was not set when it began.
    """
    session._contents()
    timestamps = session._timestamps()
    return None if timestamps is None or timestamps.start is None else timestamps.start / 1000


@with_total_repr
class SessionView(WithoutNodeNames, MutableMapping[str, Any]):
    """The interface of a session, over a session that another object holds.

    One request has one session, and may have several views of it. A subclass adds the methods
    that its framework expects; the contents and every decision stay with ``core``.

    Args:
        core: the session.
    """

    __slots__ = ("core",)

    def __init__(self, core: Session) -> None:
        self.core: Session = core

    def __repr__(self) -> str:
        """Show the state and none of the contents."""
        return f"<{type(self).__name__} of {self.core!r}>"

    def __sentry_repr__(self) -> str:
        return repr(self)

    if not TYPE_CHECKING:  # type checkers would accept every name

        def __setattr__(self, name: str, value: object) -> None:
            """Set an attribute that the type has, or one with ``_``; refuse any other.

            A subclass has a ``__dict__``, so ``session.user = 7`` would be lost in silence.
            """
            is_known = any(name in vars(kind) for kind in type(self).__mro__)
            if not is_known and not name.startswith("_"):
                del value
                message = (
                    f"{name} is not an attribute of a session; did you mean session[{name!r}]?"
                )
                raise AttributeError(message)
            super().__setattr__(name, value)

    # --- the dict interface ------------------------------------------------------------------

    def __getitem__(self, key: str) -> Any:
        return self.core[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        return self.core.get(key, default)

    def __setitem__(self, key: str, value: Any) -> None:
        try:
            self.core[key] = value
        except Exception:
            del value
            raise

    def __delitem__(self, key: str) -> None:
        del self.core[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.core)

    def __reversed__(self) -> Iterator[str]:
        return reversed(self.core)

    def __len__(self) -> int:
        return len(self.core)

    def __contains__(self, key: object) -> bool:
        return key in self.core

    def popitem(self) -> tuple[str, Any]:
        """Remove and return the last item, as ``dict`` does."""
        return self.core.popitem()

    def clear(self) -> None:
        """Remove all items. The client keeps an empty session; see :meth:`destroy`."""
        self.core.clear()

    def update(self, *others: Any, **items: Any) -> None:
        """Set items from a mapping, from pairs or from keywords, as ``dict`` does."""
        try:
            self.core.update(*others, **items)
        finally:
            del others, items

    def copy(self) -> dict[str, Any]:
        """Return a shallow copy of the contents as a plain ``dict``."""
        return self.core.copy()

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return self.core.__deepcopy__(memo)

    def __reduce__(self) -> Any:
        return self.core.__reduce__()

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.core | other
        finally:
            del other

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.core.__ror__(other)
        finally:
            del other

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]
        try:
            self.core.update(other)
        finally:
            del other
        return self

    # --- what it is --------------------------------------------------------------------------

    @property
    def accessed(self) -> bool:
        """Whether this request touched its session. Setting this attribute has no effect."""
        return self.core.accessed

    @accessed.setter
    def accessed(self, _: object) -> None:
        """Ignore what a framework sets: the session itself notes its first access."""

    @property
    def is_new(self) -> bool:
        """See :attr:`Session.is_new`."""
        return self.core.is_new

    @property
    def is_changed(self) -> bool:
        """See :attr:`Session.is_changed`."""
        return self.core.is_changed

    @property
    def is_populated(self) -> bool:
        """See :attr:`Session.is_populated`."""
        return self.core.is_populated

    @property
    def outcome(self) -> Outcome:
        """See :attr:`Session.outcome`."""
        return self.core.outcome

    @property
    def key_index(self) -> int | None:
        """See :attr:`Session.key_index`."""
        return self.core.key_index

    @property
    def written(self) -> Written | None:
        """See :attr:`Session.written`."""
        return self.core.written

    @property
    def options(self) -> CookieOptions:
        """See :attr:`Session.options`."""
        return self.core.options

    # --- what can happen to it ---------------------------------------------------------------

    def typed(self, type_: type[Typed]) -> Typed:
        """Return this view itself, typed as the ``TypedDict`` ``type_``. No value is checked.

        Raises:
            TypeError: for another class, such as a model of pydantic.
        """
        check_type(type_)
        return self  # type: ignore[return-value]

    def destroy(self, *, only_if_sent: bool = False) -> None:
        """See :meth:`Session.destroy`."""
        self.core.destroy(only_if_sent=only_if_sent)

    def replace(self, contents: Mapping[str, Any]) -> None:
        """See :meth:`Session.replace`."""
        try:
            self.core.replace(contents)
        finally:
            del contents

    def resend(self) -> None:
        """See :meth:`Session.resend`."""
        self.core.resend()

    destroy.alters_data = True  # type: ignore[attr-defined]
    replace.alters_data = True  # type: ignore[attr-defined]
    resend.alters_data = True  # type: ignore[attr-defined]

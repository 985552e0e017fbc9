"""A dict that is loaded on first access and takes a snapshot before it can change.

The mapping cannot see a change inside a list or dict that it has handed out. So it takes a
snapshot before it hands out the first list or dict. The commit then compares the contents.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, TypeVar, cast

from typing_extensions import Self

from .option_names import WithoutNodeNames

Typed = TypeVar("Typed")
"""The ``TypedDict`` that a session is seen as."""

_IMMUTABLE = frozenset({str, int, float, bool, type(None)})
"""Types whose values the application cannot change in place."""


def copied(contents: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that shares no dict or list with the contents, however deep they nest."""
    copies: list[Any] = [contents.copy()]
    for container in copies:  # grows
        members = container.items() if type(container) is dict else enumerate(container)
        for place, value in [*members]:
            if type(value) is dict or type(value) is list:
                container[place] = value.copy()
                copies.append(container[place])
    result: dict[str, Any] = copies[0]
    return result


def check_type(type_: Any) -> None:
    """Refuse a class that is not a mapping, because a session has none of its attributes.

    A ``TypedDict`` is a mapping.

    Raises:
        TypeError: names the class.
    """
    if issubclass(type(type_), type) and not issubclass(type_, Mapping):
        message = (
            f"a session is typed as a TypedDict, got the class {type_.__name__}; "
            "make an object of it from dict(session), and store its values with update()"
        )
        raise TypeError(message)


class LazyMapping(WithoutNodeNames, MutableMapping[str, Any]):
    """The whole interface of ``dict``. A subclass loads, and says whether writing is allowed.

    No method keeps contents in a local variable where it can raise: error reporters collect
    the locals of every frame that an exception passes.
    """

    __slots__ = ("_data", "_is_shared", "_snapshot")

    _data: dict[str, Any] | None
    """The contents; ``None`` before the first access."""
    _snapshot: dict[str, Any] | None
    """A shallow copy of the loaded contents, taken before they can change; else ``None``."""
    _is_shared: bool
    """Whether the application may hold a list or dict of the contents."""

    @abstractmethod
    def _load(self) -> dict[str, Any]:
        """Set and return ``_data``."""

    @abstractmethod
    def _hand_out(self) -> None:
        """Prepare for changes inside the contents: the application gets a list or dict."""

    @abstractmethod
    def _begin_write(self) -> dict[str, Any]:
        """Return ``_data`` for a change, loaded and with a snapshot; raise if it is too late."""

    def _contents(self) -> dict[str, Any]:
        return self._load() if self._data is None else self._data

    def _take_snapshot(self) -> None:
        """Take a shallow snapshot. Take it once: before the first change."""
        self._snapshot = (self._load() if self._data is None else self._data).copy()

    def _has_surely_changed(self) -> bool:
        """Whether a key, or a value that is not a container, differs from the snapshot.

        The snapshot is shallow: it shares lists and dicts with the contents, so they are skipped.
        """
        data, snapshot = self._data or {}, self._snapshot or {}
        if len(data) != len(snapshot):
            return True
        for key, value in snapshot.items():  # a loop: any() costs more than the comparisons
            if value.__class__ in _IMMUTABLE and data.get(key, snapshot) != value:
                # A NaN does not equal itself, and so tells nothing.
                return value == value or key not in data  # noqa: PLR0124
        return False

    def __getitem__(self, key: str) -> Any:
        value = (self._load() if self._data is None else self._data)[key]
        if value.__class__ not in _IMMUTABLE:
            self._hand_out()
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        value = (self._load() if self._data is None else self._data).get(key, default)
        if value.__class__ not in _IMMUTABLE:
            self._hand_out()
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        if value.__class__ not in _IMMUTABLE:
            self._is_shared = True
        try:
            self._begin_write()[key] = value
        except Exception:
            del value
            raise

    # Removing nothing is not a write: after the response headers, nothing is lost.

    def __delitem__(self, key: str) -> None:
        if key not in self._contents():
            raise KeyError(key)
        del self._begin_write()[key]

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
        return (self._begin_write() if self._contents() else {}).popitem()

    def clear(self) -> None:
        """Remove all items. The client keeps an empty session; see :meth:`Session.destroy`."""
        if self._contents():
            self._begin_write().clear()

    def update(self, *others: Any, **items: Any) -> None:
        """Set items from a mapping, from pairs or from keywords, as ``dict`` does."""
        try:
            changes = dict(*others, **items)
            if changes:
                self._begin_write().update(changes)
                self._is_shared = True
        except Exception:
            others, items, changes = (), {}, {}
            raise

    def copy(self) -> dict[str, Any]:
        """Return a shallow copy of the contents as a plain ``dict``."""
        self._hand_out()
        return self._contents().copy()

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {**self.copy(), **other}
        finally:
            del other

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return {**other, **self.copy()}
        finally:
            del other

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]
        try:
            self.update(other)
        finally:
            del other
        return self

    def typed(self, type_: type[Typed]) -> Typed:
        """Return this mapping itself, typed as the ``TypedDict`` ``type_``. No value is checked.

        Raises:
            TypeError: for another class, such as a model of pydantic.
        """
        # Fast path: the default of get_session(). The plain way is check_type().
        if type_ is not type(self):
            check_type(type_)
        return cast("Typed", self)

    def __copy__(self) -> dict[str, Any]:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return copy.deepcopy(self.copy(), memo)

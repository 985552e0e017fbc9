"""A mapping over a plain ``dict`` that is loaded at the first touch and knows when it was lent.

It cannot see a change inside a list or dict that it has handed out. So it keeps how it looked
before it handed the first one out; whether anything did change is asked in the end.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from typing_extensions import Self

UNREAD: dict[str, Any] = {}
"""Stands in ``_data`` until somebody touches it."""

_IMMUTABLE = frozenset({str, int, float, bool, type(None)})
"""Values that the application cannot change behind our back once it has them."""


class LazyMapping(MutableMapping[str, Any]):
    """The whole interface of ``dict``, with loading and the right to write left open."""

    __slots__ = ("_before", "_data", "_writing")

    _data: dict[str, Any]
    """The contents; ``UNREAD`` before the first touch."""
    _before: dict[str, Any] | None
    """A copy from before they could change; ``None`` while they cannot have changed."""
    _writing: bool
    """Whether writing was found to be allowed."""

    @abstractmethod
    def _load(self) -> dict[str, Any]:
        """Set and return ``_data``."""

    @abstractmethod
    def _begin_write(self) -> None:
        """Load, make sure that writing is allowed, and set ``_writing``."""

    def _contents(self) -> dict[str, Any]:
        return self._load() if self._data is UNREAD else self._data

    def _lend(self) -> None:
        """Keep how the contents look, for from here on they may change."""
        if self._before is None:
            data = self._data
            if data is UNREAD:
                data = self._load()
            self._before = data.copy()

    def _has_surely_changed(self, before: dict[str, Any]) -> bool:
        """Whether the contents differ from how they looked before.

        A list or dict is the same one there, however it has changed; so these tell nothing.
        """
        data = self._data
        if len(data) != len(before):
            return True
        for key, value in before.items():  # a loop: any() costs more than all it looks at
            if value.__class__ in _IMMUTABLE and data.get(key, before) != value:
                return True
        return False

    def __getitem__(self, key: str) -> Any:
        data = self._data
        if data is UNREAD:
            data = self._load()
        value = data[key]
        if value.__class__ not in _IMMUTABLE:
            self._lend()
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        data = self._data
        if data is UNREAD:
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

    def update(self, *others: Any, **items: Any) -> None:
        """Set items from a mapping, from pairs or from keywords, as ``dict`` does."""
        changes = dict(*others, **items)
        if changes:
            self._begin_write()
            self._data.update(changes)

    def copy(self) -> dict[str, Any]:
        """Return a shallow copy of the contents as a plain ``dict``."""
        self._lend()
        return self._contents().copy()

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.copy(), **other}

    def __ror__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**other, **self.copy()}

    def __ior__(self, other: Any) -> Self:  # type: ignore[misc]
        self.update(other)
        return self

"""An object that carries a secret from one function to the next.

Error reporters collect the locals of every frame that an exception passes, by their ``repr``.
So contents, keys and cookies cross the boundary of a function inside an object whose ``repr``
hides them.
"""

from __future__ import annotations

from functools import wraps
from typing import Any, Generic, NoReturn, TypeVar

from typing_extensions import Self

Value = TypeVar("Value")


Kind = TypeVar("Kind", bound=type)


def with_total_repr(kind: Kind) -> Kind:
    """Let the ``repr`` of a half-built object not raise.

    A debugger and an error reporter show such an object while its ``__init__`` raises.
    """
    show: Any = kind.__repr__

    @wraps(show)
    def total(self: object) -> str:
        try:
            text: str = show(self)
        except AttributeError:
            return f"<unfinished {type(self).__name__}>"
        return text

    kind.__repr__ = total  # type: ignore[method-assign, assignment]
    return kind


@with_total_repr
class Hidden(Generic[Value]):
    """Holds a value, and shows only its type."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value: Value = value

    def __repr__(self) -> str:
        return f"<hidden {type(self.value).__name__}>"


class HoldsKeys:
    """Base of immutable objects that hold keys. A copy is the object itself; pickling fails."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        refuse_pickling(type(self).__name__, "Pickle what you read the keys from.")


def refuse_pickling(what: str, instead: str) -> NoReturn:
    """Raise the error for something that must not be pickled.

    Raises:
        TypeError: always.
    """
    message = f"a {what} cannot be pickled: the pickle would hold secrets. {instead}"
    raise TypeError(message)

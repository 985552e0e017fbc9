"""What is said when the package of an extra is not installed."""

from __future__ import annotations

from types import TracebackType

import attrs


@attrs.frozen
class NeedsExtra:
    """Imports within ``with NeedsExtra("fast"):`` say which extra brings the missing package."""

    extra: str

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if isinstance(error, ModuleNotFoundError):
            message = (
                f"the package {error.name} is not installed: "
                f'pip install "cookiesession[{self.extra}]"'
            )
            raise ModuleNotFoundError(message, name=error.name) from error

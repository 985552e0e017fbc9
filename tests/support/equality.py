"""When two values are the same for JSON, and so for a session that went over the wire."""

from __future__ import annotations

from typing import Any


def as_read_back(value: Any) -> Any:
    """A value after JSON: -0.0 is 0, 1.0 is 1, split surrogate pairs are one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(f"{value:.0f}") if abs(value) < 2**53 else float(value)
    if isinstance(value, str):
        units = value.encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "surrogatepass")
    if isinstance(value, (list, tuple)):
        return [as_read_back(item) for item in value]
    if isinstance(value, dict):
        return {as_read_back(key): as_read_back(item) for key, item in value.items()}
    return value


def nearly_equal(left: Any, right: Any) -> bool:
    """Equal but for doubles beyond 2**53, which come back as the integer their text names."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(nearly_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(
            nearly_equal(left[key], right[key]) for key in left
        )
    if isinstance(left, float) or isinstance(right, float):
        return bool(float(left) == float(right))
    return bool(left == right)

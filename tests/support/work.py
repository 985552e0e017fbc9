"""The work of a call: the steps of Python that run, and the bytes that are allocated.

The steps show loops in Python: each line, call and return is one. The bytes show the work within a
step: text that is joined, sliced or copied. A step counts with the most memory that it holds at a
time, because it may free memory itself.

Neither sees a search or a comparison in C, which allocates nothing. Where a client can cause
these, ``tests/security/test_hostile_input.py`` counts the characters that are searched.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

IGNORED = (str(Path(__file__).parents[1]), "<frozen abc>")
"""Files whose frames do not count: the tests, and the check of a type, which costs the same for
every input."""
IGNORED_BYTES = 1024
"""A step that allocates less counts as a step only: frames and other small objects are new
at one time, and used again at another."""
SMALL, TIMES = 60, 4
"""The size of the small input, and how many times larger the large one is."""
TOLERANCE = 1.5
"""Lists and dicts grow in leaps."""
STEPS, BYTES = 50, 64 * 1024
"""What a call may cost beside its input. Python keeps eighty freed dicts for the next ones."""


@attrs.define
class Work:
    """What a call has cost."""

    steps: int = 0
    allocated: int = 0
    """Bytes."""


def check_linear(prepare: Callable[[int], Callable[[], object]]) -> None:
    """Compare the work of what ``prepare`` returns for an input with that for a larger one."""
    prepare(SMALL)()  # fills caches
    small, large = (work_of(prepare(size)) for size in (SMALL, SMALL * TIMES))

    said = f"{small}, and {large} for {TIMES} times the input"
    assert large.steps <= TOLERANCE * TIMES * small.steps + STEPS, f"too many steps: {said}"
    assert large.allocated <= TOLERANCE * TIMES * small.allocated + BYTES, f"too many bytes: {said}"


def work_of(act: Callable[[], object]) -> Work:
    """Run a function, and return its work."""
    work = Work()
    held, counts = 0, False

    def note(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal held, counts
        grown = tracemalloc.get_traced_memory()[1] - held
        if counts and grown > IGNORED_BYTES:  # in the step that ends here
            work.allocated += grown
        counted = not is_ignored(frame)
        work.steps += counted
        counts = counted and not (event == "return" and is_ignored(frame.f_back))
        tracemalloc.reset_peak()
        held = tracemalloc.get_traced_memory()[0]
        return note if counted else None

    before = sys.gettrace()  # coverage measures by such a function, too
    tracemalloc.start()
    sys.settrace(note)
    try:
        act()
    finally:
        sys.settrace(before)
        tracemalloc.stop()
    return work


def is_ignored(frame: FrameType | None) -> bool:
    """Whether a frame does not count, such as one of the watch over secrets."""
    return frame is not None and frame.f_code.co_filename.startswith(IGNORED)

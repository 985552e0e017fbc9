"""Instances behind nginx share their visitors, while keys are rotated or a timeout is turned on.

The instances keep nothing, so this is also how the library scales out. ``make fleet`` does the
same with more visitors.
"""

from __future__ import annotations

import pytest

from tests.live.fleet.drill import (
    COMMANDS,
    IDLE,
    IN_ONE_STEP,
    IN_THREE_STEPS,
    Step,
    run,
    turn_on_a_timeout,
)

VISITORS = 300


def test_every_count_is_exact_while_keys_are_rotated_and_an_instance_is_away(
    node: str, nginx: str
) -> None:
    figures = run(VISITORS, node=node, nginx=nginx)
    assert [] == figures.problems
    # Three steps on five instances, and a visit of everybody meanwhile; before each step one
    # more, one at the beginning, and one each with and without the instance that goes away.
    assert 15 == figures.restarts
    assert VISITORS * (15 + 3 + 1 + 2) == figures.requests == figures.served.total()
    assert {"Express", "WSGI", "ASGI", "aiohttp", "Tornado"} == set(figures.served)
    # Every fifth visitor was sent to the instance that was away, and noticed nothing.
    assert figures.passed_on >= VISITORS // 5


@pytest.mark.parametrize(
    ("steps", "roll_out"), [(IN_ONE_STEP, IDLE / 2), (IN_THREE_STEPS, 3 * IDLE)]
)
def test_a_timeout_is_turned_on_server_by_server_and_nobody_is_logged_out(
    nginx: str, steps: list[Step], roll_out: float
) -> None:
    figures = turn_on_a_timeout(steps, roll_out, 20, nginx=nginx)

    assert [] == figures.problems
    assert len(steps) * len(COMMANDS) == figures.restarts
    assert set(COMMANDS) == set(figures.served)


def test_a_timeout_that_is_turned_on_too_slowly_logs_visitors_out(nginx: str) -> None:
    figures = turn_on_a_timeout(IN_ONE_STEP, 12 * IDLE, 20, nginx=nginx)

    assert figures.problems

"""Instances behind nginx share their visitors, while keys are rotated or a timeout is turned on.

One fleet has the signed pair, another one the sessions of iron-session.

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
    run_with_iron_session,
    turn_on_a_timeout,
)

VISITORS = 100
VISITORS_OF_IRON_SESSION = 41
"""No multiple of a number of instances, so that the next request mostly meets another instance."""


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


def test_passwords_of_iron_session_are_rotated_node_first_and_nobody_loses_a_session(
    iron_session: str, nginx: str
) -> None:
    visitors = VISITORS_OF_IRON_SESSION
    figures = run_with_iron_session(visitors, node=iron_session, nginx=nginx)
    assert [] == figures.problems
    # Two steps on six instances, and a visit of everybody meanwhile; one more after each instance
    # of Python in the first step, and one before the second step; one at the beginning, three at
    # each of two logouts, and one each with and without the instance that goes away.
    assert 12 == figures.restarts
    assert visitors * (12 + 4 + 1 + 1 + 3 * 2 + 2) == figures.requests == figures.served.total()
    assert {"iron-session 8", "iron-session 9", "WSGI", "ASGI", "aiohttp", "Tornado"} == set(
        figures.served
    )
    # While Python gets the new password, an instance without it does not see some of the sessions.
    assert 0 < figures.unseen


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

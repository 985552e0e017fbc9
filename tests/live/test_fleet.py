"""Five kinds of instances behind nginx share their visitors, while keys are rotated.

The instances keep nothing, so this is also how the library scales out. ``make fleet`` does the
same with more visitors.
"""

from __future__ import annotations

from tests.live.fleet.drill import run

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

"""Every recorded case of the Node packages: answered equally, or as the table of deviations says.

``deviations.json`` groups the ids of all cases that are answered differently on purpose: what
Node does, what the library does, why, and the library's exact answer.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cookiesession_adapters.codecs.fast import FastJSONCodec
from tests.node.vectors.replay import REPLAYS, Replay, expected, replay_session

HERE = Path(__file__).parent
SUITES = {
    suite: json.loads((HERE / "data" / f"{suite}.json").read_text(encoding="utf-8"))
    for suite in REPLAYS
}
DEVIATIONS: list[dict[str, Any]] = json.loads(
    (HERE / "deviations.json").read_text(encoding="utf-8")
)
DEVIATING_ANSWERS = {
    case_id: answer for entry in DEVIATIONS for case_id, answer in entry["answers"].items()
}

pytestmark = pytest.mark.filterwarnings(
    "ignore::cookiesession_core.WeakKeyWarning",
    "ignore::cookiesession_core.CookieNameWarning",
    "ignore::cookiesession_core.ConfigurationWarning",
)


WAYS: dict[str, tuple[str, Replay]] = {
    **{suite: (suite, replay) for suite, replay in REPLAYS.items()},
    "session with FastJSONCodec": ("session", partial(replay_session, codec=FastJSONCodec())),
}


@pytest.mark.parametrize(
    ("suite", "replay", "case"),
    [
        pytest.param(suite, replay, case, id=f"{way}: {case['id']}")
        for way, (suite, replay) in WAYS.items()
        for case in SUITES[suite]["cases"]
    ],
)
def test_a_recorded_case_is_answered_as_node_does_or_as_the_table_says(
    suite: str, replay: Replay, case: dict[str, Any]
) -> None:
    answer = replay(case)

    node = expected(suite, case)
    assert DEVIATING_ANSWERS.get(case["id"], node) == answer


def test_every_entry_of_the_table_names_recorded_cases_that_do_deviate() -> None:
    cases = {
        case["id"]: (suite, case)
        for suite, recorded in SUITES.items()
        for case in recorded["cases"]
    }
    not_deviating = [
        case_id
        for case_id, answer in DEVIATING_ANSWERS.items()
        if answer == expected(*cases[case_id])
    ]

    assert [] == not_deviating


def test_no_case_stands_in_two_entries() -> None:
    counts = Counter(case_id for entry in DEVIATIONS for case_id in entry["answers"])

    assert [] == [case_id for case_id, count in counts.items() if count > 1]


def test_no_recorded_case_is_missing() -> None:
    counted = {suite: len(recorded["cases"]) for suite, recorded in SUITES.items()}

    assert {suite: SUITES[suite]["header"]["count"] for suite in SUITES} == counted

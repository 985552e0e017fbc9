from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.node.differential import table
from tests.node.differential.drill import run
from tests.node.differential.oracle import Oracle, running_oracle
from tests.node.vectors.replay import REPLAYS, Answer, Case, expected
from tests.node.vectors.test_vectors import SUITES

ROOT = Path(__file__).resolve().parents[3]
CASES = 2000


@pytest.fixture(scope="module")
def oracle(node: str) -> Iterator[Oracle]:
    with running_oracle(node) as oracle:
        yield oracle


@pytest.mark.parametrize("suite", SUITES)
def test_node_gives_the_recorded_answers_also_without_sockets(suite: str, oracle: Oracle) -> None:
    cases = SUITES[suite]["cases"]

    answers = oracle.ask([(suite, case) for case in cases])

    recorded = [
        expected(suite, {"expect": {**case["expect"], "expect_cookies_latest": case["expect"]}})
        for case in cases
    ]
    assert recorded == answers


@pytest.mark.filterwarnings("ignore::cookiesession_core.WeakKeyWarning")
def test_random_cases_are_answered_as_node_does_or_as_the_deviations_say(oracle: Oracle) -> None:
    # The same for every run of the suite; `make differential` draws another each time.
    seed = int(os.environ.get("DIFFERENTIAL_SEED", "20"))

    tally = run(oracle, CASES, seed)

    shown = "\n\n".join(str(difference) for difference in tally.unexplained[:3])
    assert not tally.unexplained, f"make differential CASES={CASES} SEED={seed} shows all\n{shown}"
    assert tally.different > CASES / 10


def test_every_row_of_the_differential_test_is_documented() -> None:
    page = (ROOT / "docs" / "deviations.md").read_text(encoding="utf-8")
    cells = [cell for name, cell in vars(table).items() if name.isupper()]

    assert cells
    assert [] == [cell for cell in cells if f"\n| {cell} |" not in page]


def sends_too_little(answer: Answer) -> Answer:
    return {**answer, "set_cookie": answer["set_cookie"][:-1]}


def sends_other_attributes(answer: Answer) -> Answer:
    set_cookies = [each.replace("; httponly", "") for each in answer["set_cookie"]]
    return {**answer, "set_cookie": set_cookies}


def swallows_exceptions(answer: Answer) -> Answer:
    observed = [None if item == {"throws": True} else item for item in answer["observed"]]
    return {**answer, "observed": observed}


def reads_wrongly(answer: Answer) -> Answer:
    observed = [{**item, "isNew": True} if item and "isNew" in item else item
                for item in answer["observed"]]  # fmt: skip
    return {**answer, "observed": observed}


@pytest.mark.parametrize(
    "spoil", [sends_too_little, sends_other_attributes, swallows_exceptions, reads_wrongly]
)
def test_no_rule_hides_a_mistake(
    spoil: Callable[[Answer], Answer], oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = REPLAYS["session"]
    mistaken: list[tuple[Case, Answer]] = []

    def spoilt(case: Case) -> Answer:
        answer = replay(case)
        if answer.get("construct_error") or spoil(answer) == answer:
            return answer
        mistaken.append((case, spoil(answer)))
        return spoil(answer)

    monkeypatch.setitem(REPLAYS, "session", spoilt)

    tally = run(oracle, 250, seed=1)

    # This test cannot see a mistake that Node makes as well; the recorded cases can.
    answers = oracle.ask([("session", case) for case, _ in mistaken])
    visible = [case for (case, wrong), node in zip(mistaken, answers, strict=True) if wrong != node]
    assert visible
    assert visible == [difference.case for difference in tally.unexplained]


def test_no_deviation_explains_a_case_that_only_node_refuses(
    oracle: Oracle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REPLAYS, "keygrip", lambda _: {"digest": "x"})

    tally = run(oracle, 250, seed=1)

    assert {"keygrip"} == {difference.suite for difference in tally.unexplained}

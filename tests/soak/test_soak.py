"""A short soak: it runs, it sees everything, and it would notice growing memory."""

from __future__ import annotations

import subprocess

import pytest

from tests.soak.__main__ import SLACK, Sample, Soak
from tests.support.servers import PYTHON, ROOT


def test_a_short_soak_sees_everything_and_is_flat() -> None:
    # In a process of its own: the suite remembers the secrets it has seen, so its memory grows.
    run = subprocess.run(
        [PYTHON, "-m", "tests.soak", "3000"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.stderr == ""
    assert "3,000 of 3,000 requests" in run.stdout
    assert run.stdout.endswith("flat\n")
    assert 0 == run.returncode


@pytest.mark.parametrize("kind", SLACK)
def test_memory_that_grows_is_noticed(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    def reported(growth: int) -> str:
        soak = Soak(100)
        soak.samples = [
            Sample(n, **{"traced": 10**6, "resident": 10**7, kind: 10**7 + n * growth})
            for n in range(100)
        ]
        assert 1 == soak.report()
        return capsys.readouterr().out

    assert f"{kind} memory has grown by" in reported(SLACK[kind] // 60)
    assert "has grown" not in reported(SLACK[kind] // 120)


def test_a_soak_that_never_sees_an_outcome_fails(capsys: pytest.CaptureFixture[str]) -> None:
    soak = Soak(1)
    soak.samples = [Sample(1, 1, 1)]

    assert 1 == soak.report()
    assert "never seen: MALFORMED" in capsys.readouterr().out

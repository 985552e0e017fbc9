"""Sentry's SDK reports failures without a secret of the session; ``error_reporter.py`` fails."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from tests.security.error_reporter import CLIENTS, FAILURES
from tests.support.servers import PYTHON, ROOT

CASES = [*(f"{framework}: {what}" for framework in CLIENTS for what in FAILURES), "at start-up"]
UNREPORTED = {"Flask: a late write", "Flask: a late change inside"}
"""They happen after Flask has handed its response over, and no integration is there any more."""


@pytest.fixture(scope="module")
def reported() -> dict[str, Any]:
    """Run the program once."""
    command = [PYTHON, "-W", "ignore", "-m", "tests.security.error_reporter"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120, check=False)
    assert 0 == run.returncode, run.stderr.decode()
    report: dict[str, Any] = json.loads(run.stdout)
    return report


def events(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the bodies of the envelopes: each is a header, the header of an item, and the item."""
    return [json.loads(envelope.splitlines()[2]) for envelope in case["events"]]


def frames(event: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the frames of all exceptions of an event."""
    errors = event.get("exception", {}).get("values", [])
    return [frame for error in errors for frame in error["stacktrace"]["frames"]]


def is_ours(frame: dict[str, Any]) -> bool:
    return str(frame["filename"]).startswith(("cookiesession_core", "cookiesession_adapters"))


def secrets_in(case: dict[str, Any], event: object) -> list[str]:
    text = json.dumps(event)
    return [secret for secret in case["secrets"] if secret in text]


@pytest.mark.parametrize("name", CASES)
def test_the_defaults_report_no_secret_outside_the_frames_of_the_framework(
    name: str, reported: dict[str, Any]
) -> None:
    case = reported["defaults"][name]
    found = events(case)
    assert (name in UNREPORTED) == (not found)
    for event in found:
        for frame in frames(event):
            if not is_ours(frame) and not name.startswith("Flask"):
                frame.pop("vars")

        assert [] == secrets_in(case, event)


@pytest.mark.parametrize("name", CASES)
def test_with_the_hook_of_the_documentation_no_event_has_a_secret(
    name: str, reported: dict[str, Any]
) -> None:
    case = reported["hook"][name]

    assert [] == secrets_in(case, case["events"])


@pytest.mark.parametrize("framework", CLIENTS)
def test_the_report_does_not_touch_a_session(framework: str, reported: dict[str, Any]) -> None:
    case = reported["defaults"][f"{framework}: a session that nobody touched"]

    (event,) = events(case)
    assert re.search("<Session 'session' (untouched|committed)>", json.dumps(event))
    assert not case["touched"]


def test_the_report_has_the_local_variables_of_our_frames(reported: dict[str, Any]) -> None:
    (event,) = events(reported["defaults"]["Flask: a missing key"])
    (ours,) = [frame["vars"] for frame in frames(event) if is_ours(frame)]

    assert {"self": "<Session 'session' read>", "key": "'missing'"} == ours


@pytest.mark.parametrize("framework", CLIENTS)
def test_the_defaults_report_no_cookies_of_the_request(
    framework: str, reported: dict[str, Any]
) -> None:
    (event,) = events(reported["defaults"][f"{framework}: a missing key"])
    headers = {name.lower(): value for name, value in event["request"]["headers"].items()}

    assert "cookies" not in event["request"]
    assert "[Filtered]" == headers["cookie"]


def test_the_frames_of_starlette_have_the_cookies(reported: dict[str, Any]) -> None:
    case = reported["defaults"]["Starlette: a missing key"]

    assert secrets_in(case, case["events"])  # the reason for the hook

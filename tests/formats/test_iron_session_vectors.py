"""Every recorded case of iron-session 8 and 9: answered equally, or as the table says.

``iron_session_deviations.json`` groups the cases that are answered differently on purpose: what
Node does, what the library does, why, and the library's exact answer for each version.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cookiesession_adapters.formats.iron_session import IronSession, seal_data, unseal_data
from cookiesession_core import CookieSession, CookieSessionError
from tests.node.vectors.replay import NOW, is_undefined, translated
from tests.support.servers import ROOT
from tests.support.user_agent import parse_date

VECTORS = Path(__file__).parent / "vectors"
RECORDED = json.loads((VECTORS / "iron_session.json").read_text(encoding="utf-8"))
CASES: dict[str, Any] = {case["id"]: case for case in RECORDED["cases"]}
DEVIATIONS: list[dict[str, Any]] = json.loads(
    (VECTORS / "iron_session_deviations.json").read_text(encoding="utf-8")
)
DEVIATING_ANSWERS = {
    case_id: answer for entry in DEVIATIONS for case_id, answer in entry["answers"].items()
}
REFUSED = {"error": True}
DEFAULT_PASSWORD = "complex_password_at_least_32_characters_long"

Case = dict[str, Any]
Answer = dict[str, Any]

pytestmark = pytest.mark.filterwarnings(
    "ignore::cookiesession_core.WeakKeyWarning", "ignore::cookiesession_core.CookieLifetimeWarning"
)


# --- our answers -------------------------------------------------------------------------------


def clock(case: Case) -> float:
    return float(case["now_ms"] / 1000)


def replay_unseal(case: Case, _: str) -> Answer:
    try:
        data = unseal_data(case["seal"], case["password"], clock=lambda: clock(case))
    except CookieSessionError:
        return REFUSED
    return {"data": data or {}}


def replay_seal(case: Case, version: str) -> Answer:
    """Seal with the random numbers of the recording, and read what Node has sealed."""
    recorded = case["expect"][version]
    # Version 8 draws the salt first, and version 9 the initial vector.
    draws = [bytes.fromhex(draw) for draw in recorded.get("random", ())]
    draws.sort(key=len)
    data = case["data"]
    if case["id"] == "seal-circular":
        data = {}
        data["me"] = data
    answer: Answer = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "urandom", lambda size: draws.pop(0) if draws else bytes(size))
        try:
            answer["seal"] = seal_data(
                translated(data) if case["id"] != "seal-circular" else data,
                case["password"],
                ttl=translated(case.get("ttl")),
                clock=lambda: clock(case),
            )
        except (CookieSessionError, TypeError):
            answer.update(REFUSED)
    if "seal" in recorded:
        answer["read"] = replay_unseal({**case, "seal": recorded["seal"]}, version)
    return answer


PYTHON_NAMES = {"maxAge": "max_age", "httpOnly": "http_only", "sameSite": "same_site"}


def sessions_of(options: Case) -> CookieSession:
    """Return the configuration for the argument of ``getIronSession``. It never splits."""
    attributes: dict[str, Any] = {
        PYTHON_NAMES.get(name, name): None if is_undefined(value) else translated(value)
        for name, value in options.get("cookieOptions", {}).items()
    }
    return CookieSession(
        format=IronSession(options["password"], ttl=options.get("ttl")),
        name=options["cookieName"],
        max_cookie_size=4096,
        clock=lambda: NOW,
        **attributes,
    )


def replay_session(case: Case, _: str) -> Answer:
    """Do the steps on a session. It is saved by itself, and ``save()`` sends it in any case."""
    try:
        sessions = sessions_of(case["options"])
    except CookieSessionError:
        return {**REFUSED, "loaded": None, "cookies": []}
    session = sessions.open(case["cookie"], https=True)
    answer: Answer = {"loaded": short(dict(session))}
    try:
        for step in case["steps"]:
            ((name, value),) = step.items()
            if name == "set":
                session.update(value)
            elif name == "delete":
                del session[value]
            elif name == "save":
                session.resend()
            elif name == "destroy":
                session.destroy()
        lines = session.commit()
    except CookieSessionError:
        return {**answer, **REFUSED, "cookies": []}
    return {**answer, "cookies": summaries(lines, case["options"])}


def summary(line: str, options: Case) -> dict[str, Any]:
    """Return the parts of a Set-Cookie value that a browser and a reader go by."""
    pair, *rest = line.split("; ")
    name, _, value = pair.partition("=")
    given = {key.lower(): text for key, _, text in (part.partition("=") for part in rest)}
    max_age, expires = given.pop("max-age", None), given.pop("expires", None)
    lifetime: float | None = None
    if max_age is not None:
        lifetime = int(max_age)
    elif expires is not None:
        lifetime = (parse_date(expires) or 0) - NOW
    found: dict[str, Any] = {"name": name, **dict(sorted(given.items()))}
    if "samesite" in found:
        found["samesite"] = found["samesite"].lower()
    if lifetime is not None:
        found["lifetime"] = max(math.ceil(lifetime), 0)  # a date has whole seconds
    if value and name == options["cookieName"]:
        data = unseal_data(value, options["password"], clock=lambda: NOW)
        found.update(end=value.split("*")[5], contents=short(data))
    return found


def summaries(lines: list[str], options: Case) -> list[dict[str, Any]]:
    """Return the summaries of a response; the order counts only between lines of one name."""
    found = [summary(line, options) for line in lines]
    return sorted(found, key=lambda each: str(each["name"]))


def short(data: Any) -> Any:
    """Return contents, or the length of large ones."""
    text = json.dumps(data)
    return data if len(text) < 1000 else f"{len(text)} characters"


REPLAYS = {"seal": replay_seal, "unseal": replay_unseal, "session": replay_session}


# --- Node's answers ----------------------------------------------------------------------------


def expected(case: Case, version: str) -> Answer:
    recorded = case["expect"][version]
    if case["kind"] == "session":
        answer: Answer = {"loaded": short(translated(recorded["loaded"]))}
        if recorded["errors"]:
            answer.update(REFUSED)
        return {**answer, "cookies": summaries(recorded["set_cookie"], case["options"])}
    if "error" in recorded:
        return REFUSED
    if case["kind"] == "unseal":
        return {"data": translated(recorded["data"])}
    read = {"data": translated(recorded["read_back"][version]["data"])}
    return {"seal": recorded["seal"], "read": read}


ALL = [(case_id, version) for case_id in CASES for version in ("v8", "v9")]


@pytest.mark.parametrize(
    ("case", "version"),
    [pytest.param(CASES[case_id], version, id=f"{version}: {case_id}") for case_id, version in ALL],
)
def test_a_recorded_case_is_answered_as_node_does_or_as_the_table_says(
    case: Case, version: str
) -> None:
    answer = REPLAYS[case["kind"]](case, version)

    node = expected(case, version)
    assert DEVIATING_ANSWERS.get(f"{version}: {case['id']}", node) == answer


def test_every_entry_of_the_table_names_recorded_cases_that_do_deviate() -> None:
    answers = {
        f"{version}: {case_id}": expected(CASES[case_id], version) for case_id, version in ALL
    }

    assert set() == DEVIATING_ANSWERS.keys() - answers.keys()
    assert [] == [key for key, answer in DEVIATING_ANSWERS.items() if answer == answers[key]]


def test_no_case_stands_in_two_entries() -> None:
    counts = Counter(case_id for entry in DEVIATIONS for case_id in entry["answers"])

    assert [] == [case_id for case_id, count in counts.items() if count > 1]


def test_no_recorded_case_is_missing() -> None:
    assert RECORDED["header"]["count"] == len(CASES)


def test_the_page_on_next_js_shows_the_table() -> None:
    page = (ROOT / "docs" / "how-to" / "share-with-nextjs.md").read_text(encoding="utf-8")

    rows = [f"| {entry['node']} | {entry['here']} | {entry['why']} |" for entry in DEVIATIONS]
    section = page.split("## Differences from iron-session")[1]
    assert rows == re.findall(r"^\|.*\|$", section, re.MULTILINE)[2:]

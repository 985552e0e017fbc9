"""Every recorded case of Auth.js 5 and NextAuth 4: answered equally, or as the table says.

``authjs_deviations.json`` groups the ids of all cases that are answered differently on purpose:
what Auth.js does, what the library does, why, and the library's exact answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cookiesession_adapters.formats.authjs import AuthJSReader, read_session

HERE = Path(__file__).parent / "vectors"
RECORDED: dict[str, Any] = json.loads((HERE / "authjs.json").read_text("utf-8"))
DEVIATIONS: list[dict[str, Any]] = json.loads((HERE / "authjs_deviations.json").read_text("utf-8"))
ANSWERS = {key: answer for entry in DEVIATIONS for key, answer in entry["answers"].items()}
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "read-an-authjs-login.md"

Case = dict[str, Any]


def cases(*kinds: str) -> list[Any]:
    chosen = [each for each in RECORDED["cases"] if each["kind"] in kinds]
    return [pytest.param(each, id=each["id"]) for each in chosen]


def default_name(case: Case) -> str:
    prefix = "__Secure-" if case.get("secure_cookie") else ""
    return f"{prefix}{'authjs' if case['which'] == 'v5' else 'next-auth'}.session-token"


def answer(case: Case) -> Any:
    """Return what our reader answers to a case."""
    name = case.get("cookie_name") or case.get("salt") or default_name(case)
    if case["kind"] == "get_token":
        cookies = case["cookie"]
    else:
        cookies = {name: case["expect"]["token"] if case["kind"] == "encode" else case["token"]}
    secret = case["secret"]
    return read_session(
        cookies,
        [secret] if isinstance(secret, str) else secret,
        name=name,
        version=5 if case["which"] == "v5" else 4,
        clock=lambda: case["now_ms"] / 1000,
    )


def expected(case: Case) -> Any:
    """Return what Auth.js answers. An error is no login."""
    if case["kind"] == "get_token":
        return case["expect"]["token"]
    if case["kind"] == "encode":
        return case["expect"]["read_back"]["payload"]
    return case["expect"].get("payload")


@pytest.mark.parametrize("case", cases("encode", "decode", "get_token"))
def test_a_recorded_case_is_answered_as_authjs_does_or_as_the_table_says(case: Case) -> None:
    assert ANSWERS.get(case["id"], expected(case)) == answer(case)


@pytest.mark.parametrize("case", cases("chunk"))
def test_a_reader_knows_every_name_that_authjs_gives_a_chunk(case: Case) -> None:
    reader = AuthJSReader(["secret"], name="authjs.session-token")

    assert {each["name"] for each in case["expect"]} <= {*reader.names}


def test_every_entry_of_the_table_names_recorded_cases_that_do_deviate() -> None:
    recorded = {case["id"]: case for case in RECORDED["cases"]}

    assert [] == [key for key, ours in ANSWERS.items() if ours == expected(recorded[key])]
    assert len(ANSWERS) == sum(len(entry["answers"]) for entry in DEVIATIONS)


def test_no_recorded_case_is_missing() -> None:
    kinds = {"encode", "decode", "get_token", "chunk"}

    assert RECORDED["header"]["count"] == len(RECORDED["cases"])
    assert kinds == {case["kind"] for case in RECORDED["cases"]}


def test_the_table_is_documented() -> None:
    rows = [f"| {each['authjs']} | {each['here']} | {each['why']} |" for each in DEVIATIONS]
    section = PAGE.read_text("utf-8").split("## Differences from Auth.js")[1]

    assert rows == [line for line in section.splitlines() if line.startswith("| ")][2:]

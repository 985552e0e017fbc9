"""Keys that mean something to koa-session: recorded answers, and the table in the documentation."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from django.contrib.auth import SESSION_KEY

from cookiesession_core import CookieSession
from tests.node.koa_keys import CASES, FILE, IDLE, KOA, NOW, PACKAGES, Answer, koa_asked, version_of
from tests.support.keys import KEYS
from tests.support.servers import ROOT

PAGE = ROOT / "docs" / "how-to" / "share-with-koa.md"
RECORDING: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
RECORDED: dict[str, dict[str, Any]] = {case["name"]: case for case in RECORDING["cases"]}


@pytest.fixture(scope="module")
def ask(node: str) -> Iterator[Callable[[str], dict[str, Answer]]]:
    with koa_asked(node) as asked:
        yield asked


def saved(answer: Answer) -> dict[str, Any]:
    """Return the contents of the session cookie that Koa sent, with the timestamps."""
    value = answer["set_cookie"][0].partition(";")[0].removeprefix("session=")
    contents: dict[str, Any] = json.loads(base64.b64decode(value))
    return contents


@pytest.mark.parametrize("name", RECORDED)
def test_the_real_koa_session_answers_as_recorded(
    ask: Callable[[str], dict[str, Answer]], name: str
) -> None:
    assert RECORDED[name]["expect"] == ask(RECORDED[name]["cookie"])


def test_the_recording_is_of_the_installed_packages(node: str) -> None:
    assert node
    assert {name: version_of(name) for name in PACKAGES} == RECORDING["header"]["packages"]
    assert KOA == RECORDING["header"]["options"]


def test_the_recording_has_every_case_with_the_cookies_that_we_write_today() -> None:
    cases = [{**attrs.asdict(case), "cookie": case.cookie} for case in CASES]
    recorded = [{**case} for case in RECORDING["cases"]]
    for case in recorded:
        del case["expect"]

    assert cases == recorded


@pytest.mark.parametrize("name", [name for name in RECORDED if RECORDED[name]["age"] == 0])
def test_python_keeps_the_keys_that_koa_drops(name: str) -> None:
    case = RECORDED[name]
    sessions = CookieSession(keys=KEYS, idle_timeout=IDLE, clock=lambda: NOW / 1000)

    assert {**case["contents"], "views": 1} == dict(sessions.open(case["cookie"]))


@pytest.mark.parametrize("name", RECORDED)
def test_python_reads_what_koa_has_saved(name: str) -> None:
    sessions = CookieSession(keys=KEYS, idle_timeout=IDLE, clock=lambda: NOW / 1000)
    for answer in RECORDED[name]["expect"].values():
        if answer["set_cookie"]:
            contents = saved(answer)
            for stamp in ("_expire", "_maxAge"):
                del contents[stamp]
            assert contents == sessions.decode(answer["set_cookie"])


def test_the_page_says_what_koa_does_with_each_key() -> None:
    head, _rule, *rows = re.findall(r"^\| .* \|$|^\| ---.*$", section(), re.MULTILINE)
    said = {name: cells for first, *cells in map(cells_of, rows) for name in first.split(", ")}

    assert "top-level key" == cells_of(head)[0]
    assert {name: what_koa_does(case) for name, case in RECORDED.items()} == said


def test_the_page_names_the_version_of_the_recording_and_the_key_of_django() -> None:
    assert f"`koa-session` {RECORDING['header']['packages']['koa-session']}:" in section()
    assert f"Django (`{SESSION_KEY}`)" in section()


def section() -> str:
    return PAGE.read_text("utf-8").split("## Keys that Koa does not keep")[1]


def cells_of(row: str) -> list[str]:
    return row.strip("| ").split(" | ")


def what_koa_does(case: dict[str, Any]) -> list[str]:
    """Return the cells of the table for a case."""
    read, save = case["expect"]["read"], case["expect"]["save"]
    assert read["status"] == save["status"]
    if not save["set_cookie"]:
        after = "sends nothing"
    else:
        contents = saved(save)
        kept = case["contents"].items() <= contents.items()
        after = "keeps the key" if kept else "drops the key"
        assert kept or not case["contents"].keys() & contents.keys()
        assert 2 == contents["views"]
        if contents["_maxAge"] != IDLE * 1000:
            after += f"; the session now ends after {contents['_maxAge']} ms"
    reading = "saves the session" if read["set_cookie"] else "sends nothing"
    return [str(read["status"]), reading, after]

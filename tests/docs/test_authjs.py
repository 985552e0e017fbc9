"""The page on logins of Auth.js, with FastAPI and Django."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cookiesession_adapters.formats.authjs import read_session
from tests.formats.authjs_tokens import token
from tests.support.servers import ROOT

PAGE = (ROOT / "docs" / "how-to" / "read-an-authjs-login.md").read_text("utf-8")
BLOCKS: list[str] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SITE = """
import json
import sys

from django.conf import settings
from django.http import JsonResponse
from django.test import Client
from django.urls import path

from cookiesession_adapters.formats.authjs import read_session


{block}

settings.configure(ROOT_URLCONF=__name__, MIDDLEWARE=[__name__ + ".authjs"], ALLOWED_HOSTS=["*"])
urlpatterns = [path("", lambda request: JsonResponse({{"claims": request.claims}}))]
answers = [Client(headers=headers).get("/").json() for headers in json.load(sys.stdin)]
print(json.dumps(answers))
"""


@pytest.fixture
def page() -> dict[str, Any]:
    """Run the blocks of the page, and return the names that they define."""
    names: dict[str, Any] = {}
    for block in BLOCKS:
        exec(block, names)
    return names


def cookie_of(page: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{page['NAME']}={token(claims, page['SECRETS'][0], page['NAME'])}"


def test_fastapi_knows_the_user_of_authjs(page: dict[str, Any]) -> None:
    client = TestClient(page["app"])
    cookies = {
        "none": "",
        "a login": cookie_of(page, {"sub": "7"}),
        "one that has ended": cookie_of(page, {"sub": "7", "exp": 1}),
        "forged": cookie_of(page, {"sub": "7"})[:-1],
    }
    answers = {
        what: client.get("/account", headers={"Cookie": cookie}) for what, cookie in cookies.items()
    }

    assert {"none": 401, "a login": 200, "one that has ended": 401, "forged": 401} == {
        what: answer.status_code for what, answer in answers.items()
    }
    assert {"user": "7"} == answers["a login"].json()
    assert [] == [each for each in answers.values() if "set-cookie" in each.headers]


def test_django_knows_the_user_of_authjs(page: dict[str, Any], tmp_path: Path) -> None:
    block = next(each for each in BLOCKS if "def authjs" in each)
    settings = f"SECRETS = {page['SECRETS']!r}\nNAME = {page['NAME']!r}\n\n\n"
    (tmp_path / "shop.py").write_text(SITE.format(block=settings + block), "utf-8")
    headers = [{}, {"Cookie": cookie_of(page, {"sub": "7"})}]

    run = subprocess.run(
        [sys.executable, "-c", "import shop"],
        input=json.dumps(headers),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [{"claims": None}, {"claims": {"sub": "7"}}] == json.loads(run.stdout)


def test_who_leaves_authjs_logs_nobody_out(page: dict[str, Any]) -> None:
    sessions = page["sessions"]
    exp = int(time.time()) + 60
    session = sessions.open(cookie_of(page, {"sub": "7", "exp": exp}), https=True)

    assert {"sub": "7", "exp": exp} == session
    ended, *ours = session.commit()
    assert ended.startswith(f"{page['NAME']}=; path=/; expires=Thu, 01 Jan 1970")
    assert {"sub": "7", "exp": exp} == sessions.decode(ours)


def test_without_a_name_all_cookies_of_the_table_are_tried_row_by_row() -> None:
    names = re.findall(r"`([-\w]+\.session-token)`", PAGE.split("## Names")[1].split("##")[0])
    secret = "the secret of all of them: 32 bytes"
    cookies = {
        name: token({"by": name}, secret, name, version=4 if "next" in name else 5)
        for name in reversed(names)
    }

    assert 4 == len({*names})
    for name in names:
        assert {"by": name} == read_session(cookies, [secret])
        del cookies[name]

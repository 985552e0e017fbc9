"""The first screen of the README and of the site: every pane runs, and all send one cookie."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import django_app  # noqa: F401 - sets Django up
import pytest
from aiohttp.test_utils import TestClient as AiohttpClient
from aiohttp.test_utils import TestServer
from django.test import RequestFactory, override_settings
from django.utils.module_loading import import_string
from fastapi.testclient import TestClient as FastAPIClient
from werkzeug.test import Client

from cookiesession_core import CookieSession
from tests.node.express import EXPRESS
from tests.node.iron_session import HERE as IRON_SESSION
from tests.support.servers import ROOT, running
from tests.support.user_agent import UserAgent

PAGES = ("README.md", "docs/index.md")
TEXTS = {page: (ROOT / page).read_text("utf-8") for page in PAGES}
FENCED = re.compile(r"^( *)``` ?\{? ?\.?(\w+) ?\}?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in a language."""
    return [dedent(code) for _, each, code in FENCED.findall(TEXTS[page]) if each == language]


def pane(word: str) -> str:
    """Return the first block of Python or JavaScript on the home page that has this word."""
    return next(
        code for language in ("python", "js") for code in blocks(PAGES[1], language) if word in code
    )


def shown(page: str) -> list[str]:
    """Return the cookies that a page shows."""
    (cookies,) = blocks(page, "text")
    return cookies.splitlines()


def run(code: str) -> dict[str, Any]:
    """Run a block, and return the names that it defines."""
    names: dict[str, Any] = {"__name__": __name__}
    exec(code, names)
    return names


def visit_flask(cookie: str) -> list[str]:
    response = (
        run(pane("import Flask"))["app"]
        .test_client(use_cookies=False)
        .get("/", headers={"Cookie": cookie})
    )
    return list(response.headers.getlist("Set-Cookie"))


def visit_fastapi(cookie: str) -> list[str]:
    client = FastAPIClient(run(pane("import FastAPI"))["app"])
    return list(client.get("/", headers={"Cookie": cookie}).headers.get_list("Set-Cookie"))


def visit_django(cookie: str) -> list[str]:
    names = run(pane("SESSION_ENGINE"))
    (middleware,) = names["MIDDLEWARE"]
    with override_settings(**{name: names[name] for name in names if name.isupper()}):
        view: Callable[..., Any] = import_string(middleware)(names["home"])
        response = view(RequestFactory().get("/", headers={"Cookie": cookie}))
        return [morsel.OutputString() for morsel in response.cookies.values()]


def visit_aiohttp(cookie: str) -> list[str]:
    async def visit() -> list[str]:
        async with AiohttpClient(TestServer(run(pane("import web"))["app"])) as client:
            response = await client.get("/", headers={"Cookie": cookie})
            return list(response.headers.getall("Set-Cookie"))

    return asyncio.run(visit())


def visit_wsgi(cookie: str) -> list[str]:
    response = Client(run(pane("start_response"))["app"], use_cookies=False).get(
        "/", headers={"Cookie": cookie}
    )
    return response.headers.getlist("Set-Cookie")


VISITS = [visit_flask, visit_fastapi, visit_django, visit_aiohttp, visit_wsgi]


def pairs(set_cookies: list[str]) -> list[str]:
    return [each.partition(";")[0] for each in set_cookies]


def test_both_pages_show_the_same_panes_and_the_same_cookies() -> None:
    readme, home = ([*blocks(page, "js"), *shown(page)] for page in PAGES)
    python = [set(blocks(page, "python")) for page in PAGES]

    assert readme == home
    assert len(python[1]) == len(VISITS) + 1
    assert python[1] < python[0]


@pytest.mark.parametrize("visit", VISITS)
def test_a_new_visitor_gets_the_cookies_of_the_page(visit: Callable[[str], list[str]]) -> None:
    assert shown(PAGES[1]) == pairs(visit(""))


@pytest.mark.parametrize("visit", VISITS)
def test_the_pane_of_express_counts_on_and_the_other_way_round(
    node: str, visit: Callable[[str], list[str]], tmp_path: Path
) -> None:
    script = tmp_path / "server.js"
    script.write_text(pane("cookieSession").replace("3000", "Number(process.argv[2]), '127.0.0.1'"))
    with running(
        [node, script, "{port}"], env={"NODE_PATH": str(EXPRESS / "node_modules")}
    ) as server:
        agent = UserAgent()
        first = pairs(agent.get(server.url).set_cookie)
        second = pairs(visit("; ".join(first)))
        agent = UserAgent()
        third = agent.request("GET", server.url, [("Cookie", "; ".join(second))]).body

    assert shown(PAGES[1]) == first
    assert b"3 views" == third


def test_python_reads_what_the_pane_of_next_js_seals(iron_session: str, tmp_path: Path) -> None:
    modules = tmp_path / "node_modules"
    (modules / "next").mkdir(parents=True)
    shutil.copytree(IRON_SESSION / "node_modules", modules, dirs_exist_ok=True)
    (modules / "iron-session9").rename(modules / "iron-session")
    (modules / "next" / "package.json").write_text('{"exports": {"./headers": "./headers.mjs"}}')
    (modules / "next" / "headers.mjs").write_text(
        "const jar = new Map()\n"
        "export const cookies = async () => ({\n"
        "  get: (name) => jar.get(name),\n"
        "  set: (name, value) => jar.set(name, { name, value })\n"
        "})\n"
    )
    (tmp_path / "route.mjs").write_text(pane("getIronSession"))
    (tmp_path / "main.mjs").write_text(
        "import { GET } from './route.mjs'\n"
        "import { cookies } from 'next/headers'\n"
        "await GET()\n"
        "console.log((await cookies()).get('sid').value)\n"
    )
    sealed = subprocess.run(
        [iron_session, tmp_path / "main.mjs"], capture_output=True, text=True, check=True
    ).stdout.strip()

    sessions: CookieSession = run(pane("IronSession"))["sessions"]
    assert {"views": 1} == sessions.decode({"sid": sealed})


def test_the_drawing_shows_the_cookies_of_the_page() -> None:
    drawing = (ROOT / "docs" / "images" / "two-servers.svg").read_text("utf-8")

    assert [] == [cookie for cookie in shown(PAGES[1]) if f">{cookie}<" not in drawing]

"""The page on React Router: its code for Node, beside its code for Python."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pytest

from cookiesession_adapters.formats.react_router import flash
from tests.conftest import REACT_ROUTER
from tests.support.servers import ROOT

PAGE = (ROOT / "docs" / "how-to" / "share-with-react-router.md").read_text(encoding="utf-8")
FILES = re.findall(r'^``` \{ \.js title="(.*?)" \}\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)
PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
MAIN = """
import * as route from './app/routes/note.js'
const [method, Cookie] = process.argv.slice(2)
const request = new Request('https://example.com/', { headers: { Cookie } })
const response = await route[method]({ request })
console.log(JSON.stringify([response.headers.get('Set-Cookie'), await response.text()]))
"""


@attrs.frozen
class Application:
    """The application of the page, in a folder of its own."""

    node: str
    folder: Path

    def call(self, method: str, cookie: str) -> tuple[str, str]:
        """Return the cookie that the route sets, and its body."""
        done = subprocess.run(
            [self.node, "main.js", method, cookie],
            cwd=self.folder,
            check=True,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        set_cookie, body = json.loads(done.stdout)
        return set_cookie, body


@pytest.fixture(params=["react-router", "@remix-run/node"])
def application(request: pytest.FixtureRequest, react_router: str, tmp_path: Path) -> Application:
    (tmp_path / "node_modules").symlink_to(REACT_ROUTER / "node_modules")
    shown = dict(FILES)
    shown["app/sessions.server.js"] = shown["app/sessions.server.js"].replace(
        "from 'react-router'", f"from '{request.param}'"
    )
    for name, text in {**shown, "main.js": MAIN, "package.json": '{"type": "module"}'}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Application(react_router, tmp_path)


def test_the_code_of_both_sides_shares_a_session(application: Application) -> None:
    names: dict[str, Any] = {}
    exec(PYTHON[0], names)
    session = names["sessions"].open(None, https=True)
    session["user"] = 7
    flash(session, "note", "from Python")
    (line,) = session.commit()

    line_of_node, body = application.call("loader", line.partition(";")[0])
    assert {"note": "from Python"} == json.loads(body)
    assert {"user": 7} == names["sessions"].decode([line_of_node])

    line_of_node, _ = application.call("action", line_of_node.partition(";")[0])
    session = names["sessions"].open(line_of_node.partition(";")[0], https=True)
    assert "saved" == flash(session, "note")
    assert {"user": 7} == session


def test_both_sides_of_the_page_set_the_same_attributes(application: Application) -> None:
    names: dict[str, Any] = {}
    exec(PYTHON[0], names)
    options = names["sessions"].options

    line, _ = application.call("action", "")

    expected = f"Max-Age={options.max_age}; Path={options.path}; HttpOnly; Secure; SameSite=Lax"
    assert expected == line.partition("; ")[2]
    assert (True, True, "lax") == (options.http_only, options.secure, options.same_site)

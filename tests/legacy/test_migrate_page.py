"""The how-to on migration: its numbers and defaults, beside the real libraries."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string, session

from cookiesession_adapters.legacy.flask import FlaskReader
from cookiesession_core import CookieSession, CookieTooLargeError
from tests.legacy.sites import LEGACY_KEY
from tests.legacy.test_readers import by_django, by_flask, by_starlette
from tests.legacy.test_sites import LEGACY_NAME, site
from tests.support.keys import KEYS
from tests.support.servers import PYTHON, ROOT
from tests.support.user_agent import Cookie, CookieJar, UserAgent

PAGE = (ROOT / "docs" / "how-to" / "migrate.md").read_text("utf-8")
DEFAULTS = PAGE.split("## Keep the lifetime")[1].split("\n## ")[0]
SIZES = PAGE.split("## Sessions that do not fit")[1].split("\n## ")[0]
URL = "http://127.0.0.1/"
DAY = 24 * 3600
CART = [{"product": f"tea-{n:03}", "count": 1, "price": 350} for n in range(75)]
LARGE = {"user": 7, "cart": CART}
WRITERS: dict[str, Callable[..., str]] = {
    "Starlette": by_starlette,
    "Flask": by_flask,
    "Django": by_django,
}


def block(section: str, opening: str) -> str:
    """Return the first block of a section that opens in this way."""
    return section.split(f"{opening}\n", 1)[1].split("\n```", 1)[0] + "\n"


shown: dict[str, Any] = {}
exec(block(DEFAULTS, "```python"), shown)
EQUAL: dict[str, dict[str, Any]] = shown["EQUAL"]


def rows(section: str) -> list[list[str]]:
    """Return the cells of the table in a section, without its rule."""
    lines = re.findall(r"^\| .* \|$", section, re.MULTILINE)
    return [line.strip("|").strip().split(" | ") for line in lines if "---" not in line]


def test_a_template_of_flask_shows_our_session() -> None:
    recipe = next(
        each for each in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "setup(app" in each
    )
    names: dict[str, Any] = {"KEYS": KEYS, "LEGACY_KEY": LEGACY_KEY}
    exec(recipe, names)
    app: Flask = names["app"]
    app.add_url_rule("/", view_func=lambda: render_template_string("{{ session['user'] }}"))
    cookie = CookieSession(keys=KEYS).cookie_header({"user": 7})

    assert "7" == app.test_client(use_cookies=False).get("/", headers={"Cookie": cookie}).text


# --- lifetime and SameSite -------------------------------------------------------------------


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, str]]:
    """The addresses of sites with the frameworks' own sessions, by framework."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(site(name.lower(), "legacy")) for name in WRITERS}


def the_cookie(set_cookies: list[str], name: str) -> Cookie:
    """Return a cookie as a browser keeps it."""
    jar = CookieJar()
    for value in set_cookies:
        jar.store(value, URL, now=time.time())
    (kept,) = [cookie for cookie in jar.cookies(time.time()) if cookie.name == name]
    return kept


def own_cookie(row: str, sites: dict[str, str]) -> Cookie:
    """Return the cookie of a framework's own session, after a login."""
    if row == "Flask, `session.permanent = True`":
        application = Flask(__name__)
        application.secret_key = LEGACY_KEY

        @application.get("/")
        def log_in() -> str:
            session.permanent = True
            return "welcome"

        sent = application.test_client().get("/").headers.getlist("Set-Cookie")
        return the_cookie(sent, "session")
    framework = row.partition(",")[0]
    sent = UserAgent().get(f"{sites[framework]}/log-in/ada").set_cookie
    return the_cookie(sent, LEGACY_NAME[framework.lower()])


def in_words(cookie: Cookie) -> list[str]:
    """Return the cells of the table for a cookie: its lifetime and its SameSite."""
    life = "until it closes"
    if cookie.expires is not None:
        life = f"{round((cookie.expires - time.time()) / DAY, 2):g} days"
    return [life, "not sent" if cookie.same_site == "default" else cookie.same_site]


@pytest.mark.parametrize("row", EQUAL)
def test_the_table_has_the_attributes_of_the_library_and_the_options_do_the_same(
    row: str, sites: dict[str, str]
) -> None:
    said = {name: [life, same_site] for name, life, _server, same_site in rows(DEFAULTS)[1:]}
    theirs = own_cookie(row, sites)
    begun = CookieSession(keys=KEYS, **EQUAL[row]).open(None)
    begun["user"] = "ada"
    ours = the_cookie(begun.commit(), "session")

    assert said[row] == in_words(theirs) == in_words(ours)
    assert (theirs.path, theirs.http_only, theirs.secure, theirs.host_only) == (
        *(ours.path, ours.http_only, ours.secure, ours.host_only),
    )


@pytest.mark.parametrize("row", EQUAL)
def test_the_server_of_the_library_accepts_a_session_as_long_as_ours(
    row: str, sites: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (days,) = [int(server.split()[0]) for name, _, server, _ in rows(DEFAULTS)[1:] if name == row]
    framework = row.partition(",")[0]
    contents = {"user": "ada"} if "permanent" not in row else {"user": "ada", "_permanent": True}
    now = time.time()

    def users(age: float) -> list[Any]:
        """Return who is logged in by a session that was saved ``age`` seconds ago."""
        with monkeypatch.context() as patch:
            patch.setattr("time.time", lambda: now - age)
            value = WRITERS[framework](contents, LEGACY_KEY)
            header = CookieSession(keys=KEYS, **EQUAL[row]).cookie_header(contents)
        cookie = ("Cookie", f"{LEGACY_NAME[framework.lower()]}={value}")
        theirs = UserAgent().get(f"{sites[framework]}/user", [cookie]).body.decode()
        return [theirs, str(CookieSession(keys=KEYS, **EQUAL[row]).open(header).get("user"))]

    # Our servers accept a session for one more minute.
    assert ["ada", "ada"] == users(days * DAY - 120)
    assert ["None", "None"] == users(days * DAY + 120)


def test_the_table_and_the_options_have_the_same_rows() -> None:
    assert list(EQUAL) == [row[0] for row in rows(DEFAULTS)[1:]]


def test_the_reader_takes_over_that_a_session_of_flask_was_permanent() -> None:
    sessions = CookieSession(keys=KEYS, legacy=[FlaskReader(LEGACY_KEY)])
    value = by_flask({"user": 7, "_permanent": True}, LEGACY_KEY)
    migrated = sessions.open(f"session={value}")
    if migrated.get("_permanent"):
        migrated.options.max_age = 31 * DAY

    assert "31 days" == in_words(the_cookie(migrated.commit(), "session"))[0]


# --- sizes -----------------------------------------------------------------------------------


def test_the_sizes_are_those_of_the_real_libraries() -> None:
    names, (*sizes,) = rows(SIZES)
    said = dict(zip(names, map(int, sizes), strict=True))
    ours = CookieSession(keys=KEYS, max_cookie_size=None).encode(LARGE)["session"]

    assert len(f"session={ours}") == said.pop("here")
    measured = {name: len(f"{LEGACY_NAME[name.lower()]}={WRITERS[name](LARGE)}") for name in said}
    # Other builds of zlib compress a little better or worse.
    assert measured == {name: pytest.approx(size, rel=0.1) for name, size in said.items()}


def test_the_first_write_of_a_legacy_session_that_does_not_fit_is_an_error() -> None:
    sessions = CookieSession(keys=KEYS, legacy=[FlaskReader(LEGACY_KEY)])
    opened = sessions.open(f"session={by_flask(LARGE, LEGACY_KEY)}")
    opened["user"] = 8

    with pytest.raises(CookieTooLargeError):
        opened.commit()


def test_the_commands_on_the_page_measure_a_legacy_cookie(tmp_path: Path) -> None:
    (tmp_path / "as_json.py").write_text(block(SIZES, '``` { .python title="as_json.py" }'))
    (tmp_path / "cookie").write_text(by_flask(LARGE, LEGACY_KEY) + "\n")
    console = block(SIZES, "```console")
    commands = [line.removeprefix("$ ") for line in console.splitlines() if line.startswith("$ ")]

    output = []
    for command in commands:
        shell = subprocess.run(
            ["/bin/bash", "-c", command],
            env={
                "PATH": f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}",
                "COOKIESESSION_KEYS": "a-key-of-thirty-two-bytes-or-more",
                "LEGACY_KEY": LEGACY_KEY,
            },
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=True,
        )
        output.append(f"$ {command}\n{shell.stdout.decode()}")

    assert console == "".join(output)

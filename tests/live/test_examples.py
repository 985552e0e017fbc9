"""The applications that the documentation shows, as real processes, with a browser's cookie jar."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cookiesession_core import parse_keys
from tests.node.express import EXPRESS
from tests.support.servers import PYTHON, ROOT, Server, running
from tests.support.user_agent import UserAgent

FRAMEWORKS = ROOT / "examples" / "frameworks"
SHARED = ROOT / "examples" / "express_and_fastapi"
ENV = {"COOKIESESSION_KEYS": "newest-key-of-thirty-two-bytes...,older-key-of-thirty-two-bytes...."}
SERVES = re.compile(r"^\$ ((?:gunicorn|waitress-serve|uvicorn|hypercorn|python) .*)$", re.MULTILINE)

PAGES = {
    page.stem: page.read_text("utf-8").replace("\\\n> ", "")
    for page in sorted((ROOT / "docs" / "frameworks").glob("*.md"))
    if page.stem != "index"
}
TRUSTING = {
    stem
    for stem, text in PAGES.items()
    if len(SERVES.findall(text)) == 2 or "xheaders=True" in text
}
"""The pages whose server trusts a proxy, by its command or by the application."""
TRUSTS = ("--forwarded-allow-ips=", "--trusted-proxy")


def commands(page: str) -> list[list[str]]:
    """Return the commands of a page that start a server, as words."""
    return [shlex.split(line) for line in SERVES.findall(PAGES[page])]


def serving(words: list[str]) -> list[str | Path]:
    """Return such a command for any port, with the programs beside this Python."""
    program, *rest = words
    options = ["--no-control-socket"] if program == "gunicorn" else []
    return [Path(PYTHON).parent / program, *options, *(w.replace("8000", "{port}") for w in rest)]


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Server]]:
    """Serve the applications of all pages. They start together, because imports take long."""
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        with contextlib.ExitStack() as taken:
            # All at once, because another program may have taken a port that was free.
            probes = [taken.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PAGES]
            ports = [probe.getsockname()[1] for probe in probes]

        def start(page: str, port: int) -> Server:
            command = serving(commands(page)[-1])
            return stack.enter_context(running(command, env=ENV, cwd=FRAMEWORKS, port=port))

        yield dict(zip(PAGES, pool.map(start, PAGES, ports), strict=True))


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> str:
    stem: str = request.param
    return stem


@pytest.fixture
def site(page: str, sites: dict[str, Server]) -> Server:
    return sites[page]


@pytest.fixture
def agent() -> UserAgent:
    return UserAgent()


def test_behind_a_proxy_the_command_differs_only_in_the_trusted_proxy(page: str) -> None:
    plain, *behind = commands(page)
    same = [word for word in (behind or [plain])[0] if not word.startswith(TRUSTS)]

    assert plain == same


def test_visitors_fill_their_carts_and_log_out(site: Server, agent: UserAgent) -> None:
    stranger = UserAgent()

    assert b"nobody: " == agent.get(f"{site.url}/").body
    assert b"hello, ada" == agent.post(f"{site.url}/log-in/ada").body
    for item in ("tea", "milk"):
        agent.post(f"{site.url}/cart/{item}")

    assert b"ada: tea, milk" == agent.get(f"{site.url}/").body
    assert b"nobody: " == stranger.get(f"{site.url}/").body
    agent.post(f"{site.url}/log-out")
    assert b"nobody: " == agent.get(f"{site.url}/").body


def test_only_a_logged_in_visitor_sees_the_account(site: Server, agent: UserAgent) -> None:
    assert 401 == agent.get(f"{site.url}/account").status
    agent.post(f"{site.url}/log-in/ada")

    assert b"the account of ada" == agent.get(f"{site.url}/account").body


def test_the_cookie_is_secure_behind_a_trusted_proxy(
    page: str, site: Server, agent: UserAgent
) -> None:
    set_cookies = agent.post(f"https://127.0.0.1:{site.port}/log-in/ada").set_cookie

    assert [page in TRUSTING] * 2 == ["; secure" in each for each in set_cookies]


def test_a_cart_too_large_gives_the_error_page_that_the_documentation_names(
    page: str, site: Server, agent: UserAgent
) -> None:
    agent.post(f"{site.url}/log-in/ada")
    response = agent.post(f"{site.url}/cart/{'tea-and-' * 440}")

    assert (500, []) == (response.status, response.set_cookie)
    # The framework's own page passes the adapter, which adds Vary. The server's page does not, nor
    # does that of Django, which is made outside its middlewares.
    passes = "This happens outside" not in PAGES[page] and page != "django"
    assert passes is bool(response.all("Vary"))
    assert site.writes("CookieTooLargeError")
    assert b"ada: " == agent.get(f"{site.url}/").body


@pytest.mark.parametrize(
    ("page", "behind"), [("flask", True), ("starlette", True), ("pyramid", False)]
)
def test_another_proxy_is_not_trusted(page: str, agent: UserAgent, *, behind: bool) -> None:
    """waitress trusts no proxy by default."""
    words = [
        re.sub("(?<=^--forwarded-allow-ips=).*", "10.0.0.7", word)
        for word in commands(page)[behind]
    ]

    with running(serving(words), env=ENV, cwd=FRAMEWORKS) as server:
        set_cookies = agent.post(f"https://127.0.0.1:{server.port}/log-in/ada").set_cookie

    assert [False, False] == ["; secure" in each for each in set_cookies]


def test_express_and_fastapi_share_a_login(node: str, agent: UserAgent) -> None:
    node_env = {**ENV, "NODE_PATH": str(EXPRESS / "node_modules")}
    with (
        running([node, "server.js", "{port}"], env=node_env, cwd=SHARED) as express,
        running(serving(["uvicorn", "--port=8000", "app:app"]), env=ENV, cwd=SHARED) as fastapi,
    ):
        assert 403 == agent.post(f"{fastapi.url}/cart/tea").status
        agent.post(f"{express.url}/log-in/ada")
        assert b"ada: tea" == agent.post(f"{fastapi.url}/cart/tea").body
        assert b"ada: tea" == agent.get(f"{express.url}/").body
        agent.post(f"{fastapi.url}/log-out")
        assert b"nobody: " == agent.get(f"{express.url}/").body

        secure = [
            agent.post(f"https://127.0.0.1:{express.port}/log-in/ada").set_cookie,
            agent.post(f"https://127.0.0.1:{fastapi.port}/cart/tea").set_cookie,
        ]
        assert [[True, True]] * 2 == [["; secure" in each for each in sent] for sent in secure]


NODE_EXAMPLES = {
    path.parent.name: path.read_text("utf-8") for path in ROOT.glob("examples/*/server.js")
} | {"tutorial": (ROOT / "docs" / "tutorial.md").read_text("utf-8")}


@pytest.mark.parametrize("text", ["{}\n{}\n", "{}\r\n{}", "\n{}, {}\n", "{},{}"])
@pytest.mark.parametrize("example", NODE_EXAMPLES)
def test_each_example_for_node_reads_the_keys_as_python_does(
    node: str, example: str, text: str
) -> None:
    keys = ENV["COOKIESESSION_KEYS"].split(",")
    variable = text.format(*keys)
    code = re.search(r"const text = .*\nconst keys = .*\n", NODE_EXAMPLES[example])
    assert code is not None
    script = f"{code[0]}console.log(JSON.stringify(keys))"

    read = subprocess.run(
        [node, "-e", script],
        env={"COOKIESESSION_KEYS": variable},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout

    assert keys == parse_keys(variable) == json.loads(read)

"""The applications that the documentation shows, as real processes, with a browser's cookie jar."""

from __future__ import annotations

import contextlib
import re
import shlex
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.node.express import EXPRESS
from tests.support.servers import PYTHON, ROOT, Server, running
from tests.support.user_agent import UserAgent

FRAMEWORKS = ROOT / "examples" / "frameworks"
SHARED = ROOT / "examples" / "express_and_fastapi"
ENV = {"COOKIESESSION_KEYS": "newest-key-of-thirty-two-octets.,older-key-of-thirty-two-octets.."}
SERVES = re.compile(r"^\$ ((?:gunicorn|waitress-serve|uvicorn|hypercorn|python) .*)$", re.MULTILINE)

PAGES = {
    page.stem: page.read_text("utf-8")
    for page in sorted((ROOT / "docs" / "frameworks").glob("*.md"))
    if page.stem != "index"
}
BELIEVES = {
    stem
    for stem, text in PAGES.items()
    if len(SERVES.findall(text)) == 2 or "xheaders=True" in text
}
"""The pages whose server is told by its command, or by the application, to believe a proxy."""
BELIEVING = ("--forwarded-allow-ips=", "--trusted-proxy")


def commands(page: str) -> list[list[str]]:
    """Return the commands of a page that start a server, as words."""
    return [shlex.split(line) for line in SERVES.findall(PAGES[page])]


def serving(words: list[str]) -> list[str | Path]:
    """Return what runs such a command on any port, by the programs beside this Python."""
    program, *rest = words
    options = ["--no-control-socket"] if program == "gunicorn" else []
    return [Path(PYTHON).parent / program, *options, *(w.replace("8000", "{port}") for w in rest)]


@pytest.fixture(scope="module")
def sites() -> Iterator[dict[str, Server]]:
    """Serve the applications of all pages; most of the time they import, so several at once."""
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        with contextlib.ExitStack() as taken:
            # All at once, for a port that was free a moment ago may be another one's by now.
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


def test_behind_a_proxy_the_command_differs_only_in_whom_it_believes(page: str) -> None:
    plain, *behind = commands(page)
    same = [word for word in (behind or [plain])[0] if not word.startswith(BELIEVING)]

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


def test_the_cookie_is_secure_where_a_proxy_is_believed(
    page: str, site: Server, agent: UserAgent
) -> None:
    lines = agent.post(f"https://127.0.0.1:{site.port}/log-in/ada").set_cookie

    assert [page in BELIEVES] * 2 == ["; secure" in line for line in lines]


def test_a_cart_too_large_is_an_error_page_of_whom_the_page_says(
    page: str, site: Server, agent: UserAgent
) -> None:
    agent.post(f"{site.url}/log-in/ada")
    response = agent.post(f"{site.url}/cart/{'tea-and-' * 440}")

    assert (500, []) == (response.status, response.set_cookie)
    # Only what has come by the adapter says so: the framework's own pages.
    assert ("outside of" not in PAGES[page]) is bool(response.all("Vary"))
    assert site.writes("CookieTooLargeError")
    assert b"ada: " == agent.get(f"{site.url}/").body


@pytest.mark.parametrize(
    ("page", "behind"), [("flask", True), ("starlette", True), ("pyramid", False)]
)
def test_a_proxy_that_the_server_was_not_told_of_is_not_believed(
    page: str, agent: UserAgent, *, behind: bool
) -> None:
    """Nor is any, by waitress, unless it was told."""
    words = [
        re.sub("(?<=^--forwarded-allow-ips=).*", "10.0.0.7", word)
        for word in commands(page)[behind]
    ]

    with running(serving(words), env=ENV, cwd=FRAMEWORKS) as server:
        lines = agent.post(f"https://127.0.0.1:{server.port}/log-in/ada").set_cookie

    assert [False, False] == ["; secure" in line for line in lines]


def test_express_and_fastapi_share_a_login(node: str, agent: UserAgent) -> None:
    node_env = {**ENV, "NODE_PATH": str(EXPRESS / "node_modules")}
    with (
        running([node, "server.js", "{port}"], env=node_env, cwd=SHARED) as express,
        running(
            serving(["uvicorn", "--port=8000", "app:application"]), env=ENV, cwd=SHARED
        ) as fastapi,
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
        assert [[True, True]] * 2 == [["; secure" in each for each in lines] for lines in secure]

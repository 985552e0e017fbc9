"""What the pages for operators print: files and commands, with real servers."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from cookiesession_core import CookieSession
from tests.live.fleet.nginx import balancing
from tests.support.servers import PYTHON, ROOT, running

FRAMEWORKS = ROOT / "examples" / "frameworks"
OLD, NEW, OTHER = (secrets.token_urlsafe(32) for _ in range(3))
FLASK = (PYTHON, "-m", "gunicorn", "--bind=127.0.0.1:{port}", "--no-control-socket")
NOT_LOADED = "INFO cookiesession: the session cookie 'session' was not loaded: BAD_SIGNATURE"

linux = pytest.mark.skipif(sys.platform != "linux", reason="the commands are those of Linux")


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text("utf-8")


def file_on(name: str, title: str) -> str:
    """Return the file that a page shows under a title."""
    return page(name).split(f'title="{title}" }}\n')[1].split("```")[0]


def section(name: str, heading: str) -> str:
    return page(name).split(f"## {heading}\n")[1].split("\n## ")[0]


def command_in(text: str) -> str:
    """Return the commands of the first console block, without prompts."""
    (block, *_) = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return re.sub(r"^\$ ", "", block, flags=re.MULTILINE)


def shell(command: str, folder: Path) -> str:
    """Return what a command prints."""
    programs = Path(PYTHON).parent
    env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    env.pop("COOKIESESSION_KEYS", None)
    bash = shutil.which("bash") or pytest.skip("bash is not installed")
    run = subprocess.run(
        [bash, "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    return run.stdout


def env_of(*keys: str) -> dict[str, str]:
    return {"COOKIESESSION_KEYS": ",".join(keys), "PYTHONPATH": str(FRAMEWORKS)}


# --- log lines, without a change of the application ------------------------------------------


@pytest.mark.parametrize(
    ("file", "command"),
    [
        ("gunicorn.conf.py", (*FLASK, "flask_app:app")),
        (
            "logging.json",
            (
                *(PYTHON, "-m", "uvicorn", "--port={port}", "--log-config", "logging.json"),
                "fastapi_app:app",
            ),
        ),
        (
            "logging.json",
            (
                *(PYTHON, "-m", "hypercorn", "--bind=127.0.0.1:{port}"),
                *("--log-config", "json:logging.json", "starlette_app:application"),
            ),
        ),
    ],
    ids=["gunicorn", "uvicorn", "hypercorn"],
)
def test_a_file_of_the_server_switches_the_lines_on(
    tmp_path: Path, file: str, command: tuple[str, ...]
) -> None:
    (tmp_path / file).write_text(file_on("operations", file), encoding="utf-8")
    cookies = CookieSession(keys=[OTHER]).cookie_header({"user": "ada"})

    with running(command, env=env_of(OLD), cwd=tmp_path) as server:
        httpx.get(server.url, headers={"Cookie": cookies})

        assert server.writes(NOT_LOADED)


# --- keys ------------------------------------------------------------------------------------


@linux
def test_processes_with_equal_keys_have_equal_sums(tmp_path: Path) -> None:
    (command, _) = command_in(section("how-to/keep-the-keys", "Compare two servers")).splitlines()
    sums = []
    for keys in ([OLD, NEW], [OLD, NEW], [NEW, OLD]):
        waiting = [PYTHON, "-c", "print(flush=True); input()"]
        with subprocess.Popen(
            waiting, env={**os.environ, **env_of(*keys)}, stdin=-1, stdout=-1
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()  # from here on, the process has its environment
            line = command.replace("$PID", str(process.pid)).replace("sudo ", "")
            sums.append(shell(line, tmp_path))
            process.communicate(b"\n")

    assert sums[0] == sums[1] != sums[2]
    assert [] == [key for key in (OLD, NEW) if key in "".join(sums)]
    assert all(re.fullmatch(r"[0-9a-f]{64}  -\n", each) for each in sums)


@linux
@pytest.mark.usefixtures("curl")
def test_the_check_of_a_step_tells_whether_a_server_has_the_new_key(tmp_path: Path) -> None:
    text = section("how-to/rotate-keys", "Check a step")
    (said,) = re.findall(r"^```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (tmp_path / "gunicorn.conf.py").write_text(file_on("operations", "gunicorn.conf.py"), "utf-8")
    (tmp_path / "keys.txt").write_text(f"{OLD}\n{NEW}\n", encoding="utf-8")

    def check(port: int) -> str:
        command = command_in(text).replace("server-a:8000", f"127.0.0.1:{port}")
        return shell(command, tmp_path)

    with running((*FLASK, "flask_app:app"), env=env_of(OLD, NEW), cwd=tmp_path) as server:
        assert said in check(server.port)
    with running((*FLASK, "flask_app:app"), env=env_of(OLD), cwd=tmp_path) as server:
        assert "from Set-Cookie values" not in check(server.port)
        assert server.writes("BAD_SIGNATURE")
    assert ["gunicorn.conf.py", "keys.txt"] == sorted(each.name for each in tmp_path.glob("*.*"))


# --- large sessions behind nginx -------------------------------------------------------------


def test_nginx_refuses_a_large_session_until_its_buffer_is_larger(
    nginx: str, tmp_path: Path
) -> None:
    text = section("how-to/behind-a-proxy", "Large sessions behind nginx")
    (directives,) = re.findall(r"^```nginx\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    # Whatever the size of a page of memory is here, nginx has the smaller of its two defaults.
    small = "proxy_buffer_size 4k; proxy_buffers 8 4k;"
    sessions = CookieSession(keys=[OLD])
    cart = sessions.cookie_header({"user": "ada", "cart": ["x" * 2900]})

    with running((*FLASK, "flask_app:app"), env=env_of(NEW, OLD), cwd=tmp_path) as server:
        statuses = []
        for each in (small, directives):
            with balancing(nginx, [server.port], each) as proxy:
                statuses.append(httpx.get(proxy.url, headers={"Cookie": cart}).status_code)

    assert [502, 200] == statuses

"""The tutorial, done from top to bottom: files written, servers started, commands run."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
from pathlib import Path

from tests.node.express import EXPRESS
from tests.support.servers import PYTHON, ROOT, free_port, running

PAGE = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(
    r'^``` ?(?:\{ \.\w+ title="([^"]+)" \}|console)\n(.*?)^```$', re.MULTILINE | re.DOTALL
)
PREPARES = re.compile(r"pip |npm |mkdir |python3 -m venv ")
"""The preparation, which the environment of the tests has done before."""


def test_every_command_has_the_output_on_the_page(node: str, tmp_path: Path) -> None:
    places = {"8000": str(free_port()), "3000": str(free_port())}
    env = {
        "PATH": os.pathsep.join([str(Path(PYTHON).parent), str(Path(node).parent), os.defpath]),
        "NODE_PATH": str(EXPRESS / "node_modules"),
    }
    shown, done = [], []

    with contextlib.ExitStack() as everything:
        servers = {
            port: everything.enter_context(contextlib.ExitStack()) for port in places.values()
        }
        for name, text in BLOCK.findall(PAGE.read_text("utf-8")):
            here = moved(text, places)
            if name:
                (tmp_path / name).write_text(here, "utf-8")
                continue
            shown.append(here)
            output = []
            for line in here.splitlines():
                if not line.startswith("$ "):
                    continue
                output.append(line)
                command = line.removeprefix("$ ")
                if command.startswith("export "):
                    variable = command.removeprefix("export ").partition("=")[0]
                    env[variable] = run(f'{command}; printf %s "${variable}"', env, tmp_path)
                elif command.startswith(("flask run", "node ")):
                    port = places["8000" if command.startswith("flask") else "3000"]
                    servers[port].close()
                    process = running(shlex.split(command), env=env, cwd=tmp_path, port=int(port))
                    servers[port].enter_context(process)
                elif not PREPARES.match(command):
                    output += run(command, env, tmp_path).splitlines()
            done.append("\n".join([*output, ""]))

    assert len(shown) > 10
    assert shown == done


def moved(text: str, places: dict[str, str]) -> str:
    """Return a block with other ports than the page's, which may be in use here."""
    for port, place in places.items():
        text = re.sub(
            rf"(?<=127\.0\.0\.1:){port}|(?<=--port=){port}|(?<=listen\(){port}", place, text
        )
    return text


def run(command: str, env: dict[str, str], folder: Path) -> str:
    """Return the output of a command in a shell."""
    shell = subprocess.run(
        ["/bin/bash", "-c", command],
        env=env,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return shell.stdout.decode()

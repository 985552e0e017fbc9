"""The page on the command shows real output of a shell."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cookiesession_adapters.command_line.arguments import parse
from cookiesession_adapters.command_line.program import COMMANDS
from tests.command_line.terminal import NOW, header, run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
FILE = re.compile(r'^``` \{ \.text title="(.*?)" \}\n(.*?)^```$', re.MULTILINE | re.DOTALL)

# The installed command with another clock.
PROGRAM = f"""\
#!{sys.executable}
import sys
from cookiesession_adapters.command_line import main
sys.exit(main(clock=lambda: {NOW}.0))
"""


def as_run(blocks: list[str], folder: Path) -> list[str]:
    """Run the commands of all blocks in one shell; return the blocks with their output."""
    for name, text in FILE.findall(PAGE.read_text(encoding="utf-8")):
        (folder / name).write_text(text)
    program = folder / "cookiesession"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    script: list[str] = []
    for block in blocks:
        for line in block.splitlines():
            if line.startswith("$ "):
                # The typed line, then the output.
                script += [f"cat <<'TYPED'\n{line}\nTYPED", line.removeprefix("$ ")]
        script.append("printf '\\036'")
    shell = subprocess.run(
        ["/bin/bash"],
        input="\n".join(script).encode(),
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=True,
    )
    return shell.stdout.decode().split("\x1e")[:-1]


def test_a_shell_shows_the_sessions_on_the_page(tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))

    assert len(blocks) > 5
    assert blocks == as_run(blocks, tmp_path)


def test_a_key_can_be_read_and_saved_as_the_page_says(tmp_path: Path) -> None:
    saving, reading = re.findall(r"`(\(umask .*?\)|read -rs .*?)`", PAGE.read_text("utf-8"))
    script = f"{saving}; {{ {reading}; }} < keys.txt; printenv COOKIESESSION_KEYS | cmp - keys.txt"
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    subprocess.run(
        ["/bin/bash", "-c", script], env={"PATH": path}, cwd=tmp_path, timeout=60, check=True
    )

    assert 0o600 == stat.S_IMODE((tmp_path / "keys.txt").stat().st_mode)
    assert 44 == len((tmp_path / "keys.txt").read_bytes())


def test_the_page_names_every_command_option_and_member(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    members = run("inspect", "--json", stdin=header({})).report
    options = set()
    for command in COMMANDS:
        with pytest.raises(SystemExit):
            parse([command, "--help"])
        options |= set(re.findall(r"--[a-z-]+", capsys.readouterr().out))

    assert [] == [name for name in COMMANDS if f"| `{name}` |" not in page]
    assert [] == [name for name in members if f"`{name}`" not in page]
    assert [] == [name for name in options if name not in page]


def test_the_page_lists_the_exit_statuses_of_the_help() -> None:
    text = run("--help").words
    rows = re.findall(r"^\| (\d) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert ["0", "1", "2", "3", "4"] == [status for status, _ in rows]
    for status, meaning in rows:
        assert f"{status} {meaning.replace('`', '').partition(';')[0]}" in text

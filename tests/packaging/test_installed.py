from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest


def answer(environment: Path, program: str, *arguments: str) -> str:
    """Return the output of a program of that environment, started outside the source."""
    run = subprocess.run(
        [environment / program, *arguments],
        cwd=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


def test_it_installs_two_other_packages_and_no_more(environment: Path) -> None:
    script = (
        "import json; from importlib.metadata import distributions;"
        "print(json.dumps(sorted(each.name for each in distributions())))"
    )
    installed = json.loads(answer(environment, "python", "-I", "-c", script))

    assert ["attrs", "cookiesession", "typing_extensions"] == installed


def test_a_package_for_a_function_is_as_small_as_the_documentation_says(environment: Path) -> None:
    script = "import sysconfig; print(sysconfig.get_path('purelib'))"
    folder = Path(answer(environment, "python", "-I", "-c", script).strip())
    files = [each for each in folder.rglob("*") if each.is_file() and each.suffix != ".pyc"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            archive.write(each, each.relative_to(folder))

    assert packed.tell() < 0.5e6
    assert sum(each.stat().st_size for each in files) < 2e6


@pytest.mark.parametrize(
    "module",
    [
        "cookiesession",
        "cookiesession_core",
        "cookiesession_adapters.wsgi",
        "cookiesession_adapters.asgi",
        "cookiesession_adapters.command_line",
    ],
)
def test_a_module_works_without_any_extra(environment: Path, module: str) -> None:
    script = f"import {module} as it; print(it.__file__)"
    where = answer(environment, "python", "-I", "-W", "error", "-c", script)

    assert Path(where.strip()).is_relative_to(environment.parent)


def test_a_session_is_written_and_read(environment: Path) -> None:
    script = (
        "from cookiesession_core import CookieSession;"
        "sessions = CookieSession(secret='a secret of thirty-two bytes or more');"
        "print(sessions.decode(sessions.encode({'user': 7})))"
    )

    assert "{'user': 7}\n" == answer(environment, "python", "-I", "-W", "error", "-c", script)


@pytest.mark.parametrize("program", [("cookiesession",), ("python", "-I", "-m", "cookiesession")])
def test_the_command_is_installed(environment: Path, program: tuple[str, ...]) -> None:
    assert "inspect" in answer(environment, *program, "--help")


def test_the_version_is_that_of_the_distribution(environment: Path) -> None:
    script = (
        "import cookiesession; from importlib.metadata import version;"
        "print(cookiesession.__version__ == version('cookiesession'))"
    )

    assert "True\n" == answer(environment, "python", "-I", "-c", script)

"""The release as ``make dist`` builds it, and an environment with nothing but the wheel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import PYTHON, ROOT


@pytest.fixture(scope="package")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    build(folder)
    return folder


@pytest.fixture(scope="package")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="package")
def sdist(dist: Path) -> Path:
    (found,) = dist.glob("*.tar.gz")
    return found


@pytest.fixture(scope="package")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which only the wheel was installed."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", folder], check=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run(
        [
            *(PYTHON, "-m", "pip", "--python", str(programs / "python"), "install", "--quiet"),
            *("--constraint", str(ROOT / "constraints.txt"), str(wheel)),
        ],
        check=True,
    )
    return programs


def build(folder: Path, *arguments: str) -> None:
    """Build the source distribution, and the wheel from it; or as the arguments say."""
    subprocess.run(
        [
            *(PYTHON, "-m", "build", "--no-isolation"),
            *("--outdir", str(folder), *arguments, str(ROOT)),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )

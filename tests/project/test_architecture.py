"""The promises about the files of the project. `lint-imports` checks the import rules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from nox.project import load_toml

import cookiesession
import cookiesession_core

CORE = Path(cookiesession_core.__file__).parent
TESTS = Path(__file__).parents[1]
CONTRIBUTING = (TESTS.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_docstring_of_the_core_names_the_files_from_the_lowest_layer_up() -> None:
    contracts = load_toml(TESTS.parent / "pyproject.toml")["tool"]["importlinter"]["contracts"]
    layers = [layer.split(" | ") for layer in reversed(contracts[0]["layers"])]
    layer_of = {file: number for number, layer in enumerate(layers) for file in layer}
    named = re.findall(r"^    (\w+)\.py ", cookiesession_core.__doc__ or "", re.MULTILINE)

    assert sorted(layer_of) == sorted(named)
    assert named == sorted(named, key=layer_of.__getitem__)


def test_each_file_of_the_core_has_one_test_file() -> None:
    files = {path.stem for path in CORE.glob("*.py")} - {"__init__"}
    tested = {path.stem.removeprefix("test_") for path in (TESTS / "core").glob("test_*.py")}
    if list((TESTS / "session").glob("test_*.py")):
        tested.add("session")

    assert files == tested


def test_contributing_names_each_folder_of_tests() -> None:
    named = set(re.findall(r"^- `tests/(\w+)/`", CONTRIBUTING, re.MULTILINE))
    folders = {path.parent.name for path in TESTS.glob("*/__init__.py")}

    assert named == folders


def test_every_place_that_contributing_names_exists() -> None:
    named = re.findall(r"`((?:benchmarks|docs|examples|src|tests)/[a-z_./]*)`", CONTRIBUTING)

    assert named
    assert [] == [place for place in named if not (TESTS.parent / place).exists()]


def test_importing_the_core_imports_neither_network_nor_framework() -> None:
    script = (
        "import sys, attrs, typing_extensions, json, hashlib, logging, datetime, decimal;"
        "before = set(sys.modules);"
        "import cookiesession_core, cookiesession_adapters.wsgi;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - {'cookiesession_core', 'cookiesession_adapters'}))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    unwanted = {"asyncio", "socket", "ssl", "http", "urllib", "email", "flask", "django"}
    assert set() == set(run.stdout.split()) & unwanted


def test_the_short_name_has_the_names_of_the_core() -> None:
    for name in cookiesession_core.__all__:
        assert getattr(cookiesession, name) is getattr(cookiesession_core, name)
    assert {"__version__", *cookiesession_core.__all__} == set(cookiesession.__all__)


def test_every_public_name_is_exported_and_documented() -> None:
    for name in cookiesession_core.__all__:
        assert getattr(cookiesession_core, name).__doc__

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from tests.support.servers import PYTHON, ROOT

from .conftest import build

PACKAGES = ("cookiesession", "cookiesession_core", "cookiesession_adapters")
NOT_RELEASED = {
    *(".ci/run", ".editorconfig", ".pre-commit-config.yaml"),
    *(".github/ISSUE_TEMPLATE/bug.md", ".github/ISSUE_TEMPLATE/idea.md"),
    ".github/pull_request_template.md",
}
"""Files that are useful only in a checkout."""


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".dist-info/METADATA"))
        return message_from_bytes(archive.read(name))


def names_in(sdist: Path) -> set[str]:
    with tarfile.open(sdist) as archive:
        files = [each.name for each in archive.getmembers() if each.isfile()]
    return {name.partition("/")[2] for name in files}


def test_the_wheel_holds_the_packages_and_their_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    described = {name for name in names if ".dist-info/" in name}

    source = {
        path.relative_to(ROOT / "src").as_posix()
        for package in PACKAGES
        for path in (ROOT / "src" / package).rglob("*")
        if path.suffix == ".py" or path.name == "py.typed"
    }
    assert source == names - described
    assert {f"{package}/py.typed" for package in PACKAGES} <= source
    assert {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"} == {
        name.partition("/")[2] for name in described
    }


def test_the_source_distribution_holds_every_committed_file(sdist: Path) -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is not a checkout")
    listing = subprocess.run(
        [git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(listing.stdout.splitlines()) - NOT_RELEASED <= names_in(sdist)


def test_the_source_distribution_holds_no_generated_file(sdist: Path) -> None:
    made = re.compile(r"(^|/)(\.venv[^/]*|\.nox|__pycache__|node_modules|dist|site)/|\.pyc$")

    assert [] == [name for name in names_in(sdist) if made.search(name)]


def test_the_wheel_is_the_same_from_a_checkout_and_from_the_source_distribution(
    wheel: Path, tmp_path: Path
) -> None:
    build(tmp_path, "--wheel")

    assert wheel.read_bytes() == (tmp_path / wheel.name).read_bytes()


def test_an_index_accepts_and_shows_them(wheel: Path, sdist: Path) -> None:
    check = subprocess.run(
        [PYTHON, "-m", "twine", "check", "--strict", wheel, sdist],
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == check.returncode, check.stdout


def test_every_link_of_the_description_works_on_an_index(metadata: Message) -> None:
    description = str(metadata.get_payload())

    assert [] == re.findall(r"\]\((?!https://)[^)]*\)", description)
    assert "(`docs/security.md`)" in description


def test_it_requires_only_the_two_packages_of_the_core(metadata: Message) -> None:
    required = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]

    assert ["attrs", "typing-extensions"] == [re.split(r"[^\w-]", each)[0] for each in required]


def test_every_extra_is_documented_with_its_lower_bounds(metadata: Message) -> None:
    page = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `cookiesession\[(.+?)\]` \| (.+?) \|", page, re.MULTILINE))
    extras: dict[str, list[str]] = {}
    for each in metadata.get_all("Requires-Dist", []):
        requirement, found, extra = each.partition("; extra == ")
        if found:
            extras.setdefault(extra.strip("'"), []).append(f"`{requirement}`")

    assert {extra: ", ".join(brought) for extra, brought in extras.items()} == documented

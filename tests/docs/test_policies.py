"""The pages on versions and releases: their facts are those of the repository's own files."""

from __future__ import annotations

import json
import re

import nox

from tests.node.express import EXPRESS
from tests.support.servers import ROOT

PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
SUPPORTED = (ROOT / "docs" / "supported-versions.md").read_text("utf-8")
CONSTRAINTS = (ROOT / "constraints.txt").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading."""
    section = SUPPORTED.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [
        line.strip("| ").split(" | ") for line in re.findall(r"^\|.*\|$", section, re.MULTILINE)[2:]
    ]


def pinned(package: str) -> str:
    """Return the version of a package that the newest Python gets."""
    found = re.findall(
        rf"^{re.escape(package)}==([^;\s]+)", CONSTRAINTS, re.MULTILINE | re.IGNORECASE
    )
    return str(found[-1])


def test_the_page_names_every_python_that_is_tested() -> None:
    named = ", ".join(row[0] for row in rows("Python"))

    assert ", ".join(nox.project.python_versions(PROJECT)) == named


def test_the_page_names_the_lowest_and_the_tested_version_of_every_framework() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    bounds = {
        package: bound
        for extra, (first, *_) in extras.items()
        for package, bound in [first.split(">=")]
        if package == extra
    }

    expected = [[package, bound, pinned(package)] for package, bound in sorted(bounds.items())]
    assert expected == rows("Frameworks and packages")


def test_the_page_names_every_package_of_node_that_runs_beside_the_library() -> None:
    names = "express", "react_router", "iron_session", "next", "authjs"
    versions: dict[str, set[str]] = {}
    for name in names:
        text = (EXPRESS.parent / name / "package.json").read_text("utf-8")
        for package, version in json.loads(text)["dependencies"].items():
            # iron-session is there twice, the second time as "npm:iron-session@8.0.4".
            real, _, number = version.removeprefix("npm:").rpartition("@")
            versions.setdefault(real or package, set()).add(number)
    needed_by_next = {"react", "react-dom"}

    assert {
        package: ", ".join(sorted(numbers))
        for package, numbers in versions.items()
        if package not in needed_by_next
    } == dict(rows("Node"))


def test_every_target_that_the_release_process_names_exists() -> None:
    named = re.findall(r"`make ([a-z]+)", (ROOT / "docs" / "releasing.md").read_text("utf-8"))
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert len(named) >= 8
    assert [] == [
        target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)
    ]

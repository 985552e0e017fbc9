"""Every public name stands in the reference."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module

import pytest
from docs.hooks import on_page_markdown

import cookiesession_adapters
import cookiesession_core
from tests.support.servers import ROOT

DOCS = ROOT / "docs"
PAGES = [DOCS / "reference.md", *(DOCS / "reference").glob("*.md")]
SHOWN = [
    name
    for page in PAGES
    for name in re.findall(r"^::: ([\w.]+)$", page.read_text("utf-8"), re.MULTILINE)
]
DOCUMENTED = set(SHOWN)
COMMANDS = "cookiesession_adapters.command_line"
"""Not in the reference: it has the page on the command."""


def is_public(module_name: str) -> bool:
    """Whether the docstring of the package names the module; it leaves out shared modules."""
    package = module_name.rpartition(".")[0]
    return (
        re.search(rf"\b{re.escape(module_name)}\b", import_module(package).__doc__ or "")
        is not None
    )


def public_names(module_name: str) -> set[str]:
    """Return the classes and functions that a module defines for others."""
    module = import_module(module_name)
    return {
        f"{module_name}.{name}"
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module_name
    }


def test_every_name_of_the_core_is_in_the_reference() -> None:
    names = {f"cookiesession_core.{name}" for name in cookiesession_core.__all__}

    assert set() == names - DOCUMENTED


def test_every_class_and_function_of_an_adapter_is_in_the_reference() -> None:
    modules = pkgutil.walk_packages(cookiesession_adapters.__path__, "cookiesession_adapters.")
    names = [
        public_names(module.name)
        for module in modules
        if is_public(module.name) and not module.name.startswith(COMMANDS)
    ]

    assert len(set().union(*names)) > 8
    assert set() == set().union(*names) - DOCUMENTED


def test_every_name_in_the_reference_exists() -> None:
    modules = {name.rpartition(".")[0]: name for name in DOCUMENTED}
    existing = {f"{module}.{name}" for module in modules for name in vars(import_module(module))}

    assert set() == DOCUMENTED - existing


def test_every_name_is_in_the_reference_once() -> None:
    assert sorted(DOCUMENTED) == sorted(SHOWN)


@pytest.mark.parametrize(
    ("written", "built"),
    [
        ("reference.md#cookiesession_adapters.flask.setup", "reference/adapters.md"),
        ("../reference.md#cookiesession_adapters.flask.setup", "../reference/adapters.md"),
        ("reference.md#cookiesession_core.Session.destroy", "reference.md"),
        ("reference.md#cookiesession_core.CookieFormat.read", "reference/formats.md"),
        ("reference.md#codecs", "reference/formats.md"),
        ("reference.md#no-such-name", "reference.md"),
    ],
)
def test_a_link_to_the_reference_leads_to_the_page_that_has_the_name(
    written: str, built: str
) -> None:
    name = written.partition("#")[2]

    assert f"see [it]({built}#{name})" == on_page_markdown(f"see [it]({written})")

"""Every public name stands in the reference."""

from __future__ import annotations

import inspect
import pkgutil
import re
from importlib import import_module

import cookiesession_adapters
import cookiesession_core
from tests.support.servers import ROOT

DOCUMENTED = set(
    re.findall(r"^::: ([\w.]+)$", (ROOT / "docs" / "reference.md").read_text("utf-8"), re.MULTILINE)
)
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

"""An extra that is not installed: the error names the line that installs it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module

import pytest

from cookiesession_adapters._extras import NeedsExtra
from tests.support.servers import ROOT

NEEDS = {
    "aiohttp": ("aiohttp", "aiohttp"),
    "aiohttp_session": ("aiohttp_session", "aiohttp-session"),
    "codecs.fast": ("msgspec", "fast"),
    "codecs.fernet": ("cryptography", "encrypted"),
    "codecs.tagged": ("markupsafe", "tagged"),
    "django": ("django", "django"),
    "flask": ("flask", "flask"),
    "formats.authjs": ("cryptography", "authjs"),
    "formats.jwe": ("cryptography", "authjs"),
    "formats.iron_session": ("cryptography", "iron-session"),
    "legacy.django": ("django", "legacy-django"),
    "legacy.flask": ("flask", "legacy-flask"),
    "legacy.starlette": ("itsdangerous", "legacy-starlette"),
    "litestar": ("litestar", "litestar"),
    "pyramid": ("pyramid", "pyramid"),
    "quart": ("quart", "quart"),
    "tornado": ("tornado", "tornado"),
}
"""For each module the package that it needs, and the extra that brings it."""


def error_without(package: str, module: str) -> str:
    """Import a module in a process that does not have a package; return the error."""
    script = f"""
import sys

class Hides:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name={package!r})

sys.meta_path.insert(0, Hides())
try:
    import cookiesession_adapters.{module}
except ImportError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return run.stdout.strip()


@pytest.mark.parametrize("module", NEEDS)
def test_an_error_says_how_to_install_a_missing_package(module: str) -> None:
    package, extra = NEEDS[module]

    expected = f'the package {package} is not installed: pip install "cookiesession[{extra}]"'
    assert expected == error_without(package, module)


def test_the_error_keeps_the_name_of_the_package() -> None:
    said = r'the package nowhere is not installed: pip install "cookiesession\[fast\]"'
    with pytest.raises(ModuleNotFoundError, match=said) as caught, NeedsExtra("fast"):
        import_module("nowhere")

    assert "nowhere" == caught.value.name


def test_another_error_of_a_package_is_not_changed() -> None:
    with pytest.raises(ZeroDivisionError), NeedsExtra("fast"):
        _ = 1 / 0


def test_every_extra_that_a_module_names_is_in_this_table() -> None:
    sources = (ROOT / "src" / "cookiesession_adapters").rglob("*.py")
    named = {
        extra
        for source in sources
        for extra in re.findall(
            r'^with NeedsExtra\("(.+?)"\)', source.read_text("utf-8"), re.MULTILINE
        )
    }

    assert named == {extra for _, extra in NEEDS.values()}

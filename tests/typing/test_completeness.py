from __future__ import annotations

import re
from pathlib import Path

import cookiesession_adapters
import cookiesession_core

HERE = Path(__file__).parent


def test_every_public_name_of_the_core_is_in_these_files() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("*_types.py"))

    used = set(re.findall(r"\w+", text))
    assert [] == [name for name in cookiesession_core.__all__ if name not in used]


def test_every_adapter_has_a_file_here() -> None:
    folder = Path(cookiesession_adapters.__file__).parent
    faces = {path.stem for path in folder.iterdir() if path.suffix in ("", ".py")}

    # What Flask and Quart share is checked through both.
    shared = {"_checks", "_extras", "command_line", "flask_session"}
    adapters = faces - shared - {"__init__", "__pycache__"}
    checked = {path.stem.removesuffix("_types") for path in HERE.glob("*_types.py")}
    assert adapters == checked - {"core"}

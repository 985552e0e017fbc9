"""Run one target under atheris: ``python -m tests.fuzz.libfuzzer TARGET [libFuzzer's options]``."""

from __future__ import annotations

import sys
import warnings

import atheris

if __name__ == "__main__":
    with atheris.instrument_imports(include=["cookiesession_core", "cookiesession_adapters"]):
        from tests.fuzz import load_targets

        targets = load_targets()
    warnings.simplefilter("error")
    atheris.Setup([sys.argv[0], *sys.argv[2:]], targets[sys.argv[1]])
    atheris.Fuzz()

"""Settings for the whole suite."""

from __future__ import annotations

import os

from hypothesis import settings

# On shared machines a slow example says nothing about the code.
settings.register_profile("suite", deadline=None, max_examples=150)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

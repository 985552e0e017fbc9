"""Small applications, each with its framework's own sessions or with ours: SESSIONS says which."""

from __future__ import annotations

import os

OURS = os.environ.get("SESSIONS") == "ours"
LEGACY_KEY = "of the framework's own sessions!"

"""``python -m cookiesession_adapters.command_line``."""

import sys

from .program import main

sys.exit(main())

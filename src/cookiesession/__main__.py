"""``python -m cookiesession``: the command."""

import sys

from cookiesession_adapters.command_line import main

sys.exit(main())

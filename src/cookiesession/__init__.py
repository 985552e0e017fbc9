"""The public names of :mod:`cookiesession_core`, under the name of the distribution.

``from cookiesession import CookieSession`` is the same as the import from the core.
"""

import cookiesession_core
from cookiesession_core import *  # noqa: F403 - the core lists them in its __all__

__version__ = "1.0.0"

__all__ = ["__version__"]
__all__ += cookiesession_core.__all__

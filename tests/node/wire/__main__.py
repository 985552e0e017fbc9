from __future__ import annotations

import logging
import warnings

from .vectors import FILE, text_of_file

if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the keys of the recorded cases are short
    logging.disable()
    FILE.write_text(text_of_file(), encoding="utf-8")

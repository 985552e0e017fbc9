"""The command ``cookiesession``: keys, and the cookies of one visitor, at a shell's prompt.

A face of the core like the adapters, for standard input and output. Its files, in reading
order; each imports only from files above it:

    settings.py     keys and options, as one configuration of the core
    moments.py      points in time, as people say them
    browser.py      what a browser does with a Set-Cookie line
    evidence.py     what was pasted: Cookie headers, Set-Cookie lines, or a bare value
    inspection.py   what the core says of a session, and what may be wrong
    hints.py        what may be wrong with it, and what to try
    report.py       an inspection as text and as JSON
    arguments.py    what is typed behind the command, and what --help says
    program.py      the four commands, between the streams of the process
"""

from .program import main

__all__ = ["main"]

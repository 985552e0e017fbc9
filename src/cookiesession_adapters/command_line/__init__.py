"""The command ``cookiesession``: keys, and the cookies of one visitor, in a shell.

It is an adapter of the core for standard input and output. Its files, in reading order; each
imports only from files above it:

    dates.py        dates and durations, in words
    encodings.py    bytes as UTF-8, also those of PowerShell
    formats.py      the formats of cookies that the command reads
    foreign.py      cookies of other libraries, by their looks
    settings.py     keys and options, as one configuration of the core
    browser.py      what a browser does with a Set-Cookie value
    quoted.py       text in quotes: commands, JSON, and the cookies in them
    paste.py        the pasted text: Cookie headers, Set-Cookie values, or a bare value
    inspection.py   what the core reads in the pasted text
    hints.py        what may be wrong, and what to try
    report.py       an inspection as text and as JSON
    arguments.py    the arguments of the command, and the text of --help
    program.py      the four commands, and the streams of the process
"""

from .program import main

__all__ = ["main"]

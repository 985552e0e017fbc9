"""How fast the library is: beside a floor that nothing can be faster than, and beside others.

``make bench``, or ``python -m benchmarks``, asks all questions; ``--help`` tells the rest. Files:

    payloads.py     three sessions: small, typical, large; Cookie headers
    floor.py        the least work there is, as plain functions
    timing.py       the stop-watch: everything in turn, medians
    contender.py    what takes part, and the operations it is measured by
    drivers.py      a server without sockets for ASGI and WSGI
    contenders/     a module for each: floor, ours, a naive port, seven other libraries
    node/           Node's cookie-session at the same work
    run.py          one run and its results, as JSON
    questions/      a module for each: measure() and tables()
    targets.py      what we want to reach, as data
    verdicts.py     what was reached
    tables.py       tables in Markdown
    plot.py         the picture
    page.py         writes all that into the documentation
    __main__.py     the command
"""

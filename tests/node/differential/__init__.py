"""The library against the real Node packages on random cases; every difference has a reason.

Its files, in reading order:

    cases.py      makes random cases, in the shape of the recorded ones in tests/node/vectors
    oracle.py     asks Node, in one process and without sockets
    table.py      the rows of the table of deviations
    options.py    which options the library refuses, and by which row
    rules.py      explains a difference: asks Node the case as the library understands it
    drill.py      runs cases by the thousand and counts
"""

"""The vectors of the specification in ``docs/wire.md``, and two implementations that are checked.

``recorded.py`` takes them from the recorded cases, and ``own.py`` adds what Node does not do.
``python -m tests.node.wire`` writes ``docs/wire/vectors.json`` anew.
``library.py`` answers the vectors with this library, ``tests/node/express/wire.js`` with Node.
"""

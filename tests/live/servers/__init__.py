"""What real servers hand over: the ``Cookie`` lines, and the headers of a WebSocket's handshake.

    applications.py   a small application for each adapter, which reports what it got
    table.py          the servers, and the behaviour of each one
    measure.py        starts a server and finds out how it behaves

``python -m tests.live.servers`` (or ``make servers``) measures every server.
"""

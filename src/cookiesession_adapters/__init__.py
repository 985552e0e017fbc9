"""Adapters that carry sessions over a framework's headers; import the one for yours.

    cookiesession_adapters.wsgi      any WSGI server and framework
    cookiesession_adapters.asgi      any ASGI server and framework
    cookiesession_adapters.aiohttp   aiohttp's server
    cookiesession_adapters.tornado   Tornado
    cookiesession_adapters.codecs    faster JSON, and encryption
    cookiesession_adapters.formats   session cookies of other libraries
    cookiesession_adapters.testing   log a test client in, and read its session

``cookiesession_adapters.legacy`` reads the sessions of the library that was used before.

An adapter has five duties: configure, open, hand out, commit, end. It knows nothing of sessions.

``cookiesession_adapters.command_line`` is the command ``cookiesession``. It is not an adapter, but
it uses the core as adapters do.
"""

"""Adapters that carry sessions over a framework's headers; import the one for yours.

    cookiesession_adapters.wsgi      any WSGI server and framework
    cookiesession_adapters.asgi      any ASGI server and framework
    cookiesession_adapters.aiohttp   aiohttp's server
    cookiesession_adapters.tornado   Tornado
    cookiesession_adapters.codecs    faster JSON, encryption, and more types in JSON
    cookiesession_adapters.formats   session cookies of other libraries
    cookiesession_adapters.testing   log a test client in, and read its session

These make the framework's own session a session of ours:

    cookiesession_adapters.flask            flask.session
    cookiesession_adapters.quart            quart.session
    cookiesession_adapters.django           Django's request.session
    cookiesession_adapters.pyramid          Pyramid's request.session
    cookiesession_adapters.litestar         Litestar's request.session
    cookiesession_adapters.aiohttp_session  aiohttp-session's get_session

``cookiesession_adapters.legacy`` reads the sessions of the library that was used before.

An adapter has five duties: configure, open, hand out, commit, end. It knows nothing of sessions.

``cookiesession_adapters.command_line`` is the command ``cookiesession``. It is not an adapter, but
it uses the core as adapters do.
"""

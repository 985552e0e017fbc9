"""Adapters that carry sessions over a framework's headers; import the one for yours.

    cookiesession_adapters.wsgi    any WSGI server and framework

An adapter has four duties: configure, open, hand out, commit. It knows nothing of sessions.
"""

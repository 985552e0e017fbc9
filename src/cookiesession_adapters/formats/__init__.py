"""The session cookies of other libraries, as formats of a ``CookieSession``.

cookiesession_adapters.formats.iron_session    iron-session, for Next.js
"""

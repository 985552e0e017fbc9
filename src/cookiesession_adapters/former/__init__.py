"""Readers of the session cookies of other libraries, so that changing to this one logs nobody out.

    cookiesession_adapters.former.django      Django's sessions in signed cookies
    cookiesession_adapters.former.flask       Flask's own sessions
    cookiesession_adapters.former.starlette   Starlette's SessionMiddleware

Each is built on the library whose cookies it reads, and is given what that one was configured
with. Pass them to ``CookieSession`` as ``former``.
"""

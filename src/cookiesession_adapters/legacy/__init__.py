"""Readers for the session cookies of other libraries. With them, a migration logs nobody out.

    cookiesession_adapters.legacy.django      Django's sessions in signed cookies
    cookiesession_adapters.legacy.flask       Flask's own sessions
    cookiesession_adapters.legacy.starlette   Starlette's SessionMiddleware

Each reader uses the library whose cookies it reads, and takes the settings of that library.
Pass the readers to ``CookieSession`` as ``legacy``.
"""

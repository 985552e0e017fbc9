"""Sessions for Django: ``request.session`` is ours, with the interface of Django's own sessions.

MIDDLEWARE = ["cookiesession_adapters.django.SessionMiddleware", ...]
SESSION_ENGINE = "cookiesession_adapters.django"
COOKIESESSION = {"keys": [...]}    # the options of CookieSession, or a ready-made CookieSession

The session is committed where Django's own middleware saves it: after the view and the middlewares
that are listed below this one.
"""

from cookiesession_adapters._extras import NeedsExtra

with NeedsExtra("django"):
    from .configuration import configured
    from .middleware import SessionMiddleware
    from .store import SessionStore

__all__ = ["SessionMiddleware", "SessionStore", "configured"]

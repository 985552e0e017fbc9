"""A cart for each visitor, with Tornado."""

from __future__ import annotations

import asyncio
import os
import sys

from tornado.web import Application, HTTPError, RequestHandler

from cookiesession_adapters.tornado import get_session, setup
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")


class Home(RequestHandler):
    """Shows the cart."""

    def get(self) -> None:
        """Serve one request."""
        session = get_session(self)
        self.write(f"{session.get('user', 'nobody')}: {', '.join(session.get('cart', []))}")


class LogIn(RequestHandler):
    """Begins a session. A real application checks a password first."""

    def post(self, user: str) -> None:
        """Serve one request."""
        get_session(self).replace({"user": user, "cart": []})
        self.write(f"hello, {user}")


class Cart(RequestHandler):
    """Puts an item into the cart. A change inside a list is saved like any other change."""

    def post(self, item: str) -> None:
        """Serve one request."""
        get_session(self).setdefault("cart", []).append(item)
        self.write(item)


class Account(RequestHandler):
    """Shows what only a logged-in user may see."""

    def get(self) -> None:
        """Serve one request."""
        session = get_session(self)
        if "user" not in session:
            raise HTTPError(401)
        self.write(f"the account of {session['user']}")


class LogOut(RequestHandler):
    """Ends the session."""

    def post(self) -> None:
        """Serve one request."""
        get_session(self).destroy()
        self.write("bye")


def make_app() -> Application:
    """Build the application."""
    app = Application(
        [
            ("/", Home),
            ("/log-in/([^/]+)", LogIn),
            ("/cart/([^/]+)", Cart),
            ("/account", Account),
            ("/log-out", LogOut),
        ]
    )
    setup(app, sessions)
    return app


async def main() -> None:
    """Serve behind a proxy, and trust its X-Forwarded-Proto."""
    make_app().listen(int(sys.argv[1]), address="127.0.0.1", xheaders=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())

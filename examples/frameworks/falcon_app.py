"""A cart for each visitor, with Falcon."""

from __future__ import annotations

import os

import falcon

from cookiesession_adapters.wsgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")


class Shop:
    """One resource with a route for each suffix."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Show the cart."""
        session = get_session(request.env)
        user, cart = session.get("user", "nobody"), session.get("cart", [])
        response.text = f"{user}: {', '.join(cart)}"

    def on_post_log_in(self, request: falcon.Request, response: falcon.Response, user: str) -> None:
        """Begin a session. A real application checks a password first."""
        get_session(request.env).replace({"user": user, "cart": []})
        response.text = f"hello, {user}"

    def on_post_cart(self, request: falcon.Request, response: falcon.Response, item: str) -> None:
        """Put an item into the cart. A change inside a list is saved like any other change."""
        get_session(request.env).setdefault("cart", []).append(item)
        response.text = item

    def on_get_account(self, request: falcon.Request, response: falcon.Response) -> None:
        """Show what only a logged-in user may see."""
        session = get_session(request.env)
        if "user" not in session:
            raise falcon.HTTPUnauthorized(title="Log in first.")
        response.text = f"the account of {session['user']}"

    def on_post_log_out(self, request: falcon.Request, response: falcon.Response) -> None:
        """End the session."""
        get_session(request.env).destroy()
        response.text = "bye"


app = falcon.App()
app.add_route("/", Shop())
app.add_route("/log-in/{user}", Shop(), suffix="log_in")
app.add_route("/cart/{item}", Shop(), suffix="cart")
app.add_route("/account", Shop(), suffix="account")
app.add_route("/log-out", Shop(), suffix="log_out")

application = CookieSessionMiddleware(app, sessions)

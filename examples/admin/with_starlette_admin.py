"""A shop whose starlette-admin keeps its login in the session of the site."""

from __future__ import annotations

import os
import secrets

from sqlalchemy import StaticPool, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.requests import Request
from starlette_admin.auth import AdminUser, AuthProvider, LoginFailed
from starlette_admin.contrib.sqla import Admin, ModelView

from cookiesession_adapters.asgi import CookieSessionMiddleware, get_session
from cookiesession_core import CookieSession, parse_keys

sessions = CookieSession(keys=parse_keys(os.environ.get("COOKIESESSION_KEYS")), same_site="lax")
# In memory, for this example.
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})


class Base(DeclarativeBase):
    """The tables of the shop."""


class Product(Base):
    """What the shop sells."""

    __tablename__ = "product"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class LogIn(AuthProvider):
    """Keeps the login in the session that wraps the application."""

    async def login(
        self,
        username: str,
        password: str,
        remember_me: bool,  # noqa: ARG002, FBT001 - the arguments are those of AuthProvider
        request: Request,
    ) -> None:
        """Begin the session. A real application compares with the hash of a password."""
        expected = os.environ["ADMIN_PASSWORD"]
        if not secrets.compare_digest(password.encode(), expected.encode()):
            message = "wrong name or password"
            raise LoginFailed(message)
        get_session(request).replace({"admin": username})

    async def logout(self, request: Request) -> None:
        """End the session."""
        get_session(request).destroy()

    async def authenticate(self, request: Request) -> AdminUser | None:
        """Return who is logged in."""
        session = get_session(request)
        return AdminUser(username=session["admin"]) if "admin" in session else None


Base.metadata.create_all(engine)
app = Starlette()
# starlette-admin signs its own cookies, for CSRF and flashes, with a key of its own.
admin = Admin(engine, auth_provider=LogIn(), secret_key=os.environ["ADMIN_KEY"])
admin.add_view(ModelView(Product))
admin.mount_to(app)

application = CookieSessionMiddleware(app, sessions)

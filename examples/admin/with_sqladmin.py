"""A shop whose sqladmin keeps its login in the session of the site."""

from __future__ import annotations

import os
import secrets

from sqladmin import Admin, ModelView
from sqladmin.authentication import AuthenticationBackend
from sqlalchemy import StaticPool, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.requests import Request

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


class ProductAdmin(ModelView, model=Product):
    """The pages of the admin for the products."""

    column_list = ("id", "name")


class LogIn(AuthenticationBackend):
    """Keeps the login in the session that wraps the application."""

    def __init__(self) -> None:
        super().__init__(secret_key="not used")
        self.middlewares = []  # without Starlette's SessionMiddleware

    async def login(self, request: Request) -> bool:
        """Begin the session. A real application compares with the hash of a password."""
        form = await request.form()
        given, expected = str(form.get("password")), os.environ["ADMIN_PASSWORD"]
        is_right = secrets.compare_digest(given.encode(), expected.encode())
        if is_right:
            get_session(request).replace({"admin": form["username"]})
        return is_right

    async def logout(self, request: Request) -> bool:
        """End the session."""
        get_session(request).destroy()
        return True

    async def authenticate(self, request: Request) -> bool:
        """Whether the request is from an admin."""
        return "admin" in get_session(request)


Base.metadata.create_all(engine)
app = Starlette()
admin = Admin(app, engine, authentication_backend=LogIn())
admin.add_view(ProductAdmin)

application = CookieSessionMiddleware(app, sessions)

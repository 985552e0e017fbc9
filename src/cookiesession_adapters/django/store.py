"""The interface of Django's sessions, which its own applications and its test client use."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cookiesession_core import Hidden, Session, SessionView

from .configuration import configured

if TYPE_CHECKING:  # Django has no types

    class SessionBase:
        """What is used of Django's class."""

        def __getattr__(self, name: str) -> Any: ...

else:
    from django.contrib.sessions.backends.base import SessionBase


def _is_true(_: object) -> bool:
    return True


class SessionStore(SessionBase, SessionView):
    """The interface of Django's sessions, over a session of ours.

    Args:
        session_key: a text that :attr:`session_key` has returned; ``None`` begins a new session.
    """

    accessed: Any = False
    modified: bool = False
    serializer: Any = None
    _is_saved: bool = False
    # New in Django 6.
    __bool__: Any = getattr(SessionBase, "__bool__", _is_true)

    def __eq__(self, other: object) -> bool:
        return self is other  # as Django's own sessions

    def __hash__(self) -> int:
        return id(self)

    def __init__(self, session_key: str | None = None) -> None:
        given = Hidden(session_key)
        del session_key
        SessionBase.__init__(self)
        self.core: Session = (
            configured().open_one(given.value) if given.value else configured().open()
        )

    def _get_session(self, no_load: bool = False) -> Session:  # noqa: ARG002, FBT001, FBT002 - Django's
        self.accessed = True
        return self.core

    async def _aget_session(self, no_load: bool = False) -> Session:  # noqa: ARG002, FBT001, FBT002
        return self._get_session()

    _session = property(_get_session)

    def clear(self) -> None:
        """Remove all items. The visitor keeps an empty session; see :meth:`flush`."""
        self._session.clear()
        self.modified = True

    @property
    def session_key(self) -> str | None:
        """One text for the contents as they are now; ``None`` for a new and empty session."""
        return None if self.is_empty() else configured().encode_one(self.core.copy())

    @property
    def _session_key(self) -> str | None:
        return self.session_key

    @_session_key.setter
    def _session_key(self, _: object) -> None:
        """Ignore what SessionBase sets: the key follows from the contents."""

    def is_empty(self) -> bool:
        """Whether the session is new, holds nothing and was not saved."""
        return self.core.is_new and not self.core.is_populated and not self._is_saved

    def exists(self, session_key: str | None = None) -> bool:  # noqa: ARG002 - Django's
        """Return ``False``: the server keeps no sessions."""
        return False

    def load(self) -> dict[str, Any]:
        """Return a copy of the contents."""
        return self.core.copy()

    def save(self, must_create: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Django's
        """Send the session with the response, even if it is unchanged."""
        self.core.resend()
        self.modified = self._is_saved = True

    create = save

    def delete(self, session_key: str | None = None) -> None:
        """End this session. Another session is in its visitor's cookies, and stays."""
        given = Hidden(session_key)
        del session_key
        if given.value is None or given.value == self.session_key:
            self.flush()

    def destroy(self, *, only_if_sent: bool = False) -> None:
        """See :meth:`Session.destroy`."""
        super().destroy(only_if_sent=only_if_sent)
        self.accessed = self.modified = True
        self._is_saved = False

    def flush(self) -> None:
        """End the session, whatever cookies of ours the visitor has."""
        self.destroy(only_if_sent=True)

    async def aflush(self) -> None:
        """Do the same as :meth:`flush`."""
        self.flush()

    def cycle_key(self) -> None:
        """Begin a new session with the same contents."""
        self.core.replace(self.core.copy())
        self.accessed = self.modified = True

    async def acycle_key(self) -> None:
        """Do the same as :meth:`cycle_key`."""
        self.cycle_key()

    @classmethod
    def clear_expired(cls) -> None:
        """Do nothing: the server keeps no sessions."""


# The mark keeps templates from calling these methods.
for _name in ("destroy", "flush", "delete", "save", "cycle_key"):
    _method: Any = getattr(SessionStore, _name)
    _method.alters_data = True

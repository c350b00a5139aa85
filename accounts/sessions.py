"""The session engine: `accounts_session`, sealed, without any trace of where the browser is.

The cookie's key is stored as its digest, so a copy of the table opens no session. Time here is the machine's own, not
the portal's: moving the demo's clock signs nobody out.
"""

import hashlib
import logging
import os
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Session, User
from personal_data import keyring
from personal_data.sealing import NONCE_BYTES

logger = logging.getLogger(__name__)

#: Key in the session's data: minutes after which a browser that nobody touches is signed out. Absent: never.
IDLE_MINUTES: Final = "idle_minutes"
SEEN_STEP: Final = timedelta(hours=1)
SEEN_STEP_WITH_IDLE_LIMIT: Final = timedelta(minutes=1)


def machine_now() -> datetime:
    return timezone.now()  # noqa: TID251  sessions live by the real clock, see above


class SessionStore(SessionBase):
    def load(self) -> dict[str, Any]:
        now = machine_now()
        row = Session.objects.filter(key_digest=digest(self.session_key or ""), expires_at__gt=now).first()
        data = _open(row) if row else None
        if row is None or data is None or _is_idle(row, data, now):
            self._session_key = None
            return {}
        _touch(row, data, now)
        return data

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_digest=digest(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            return self.create()
        values = self._values(self._get_session(no_load=must_create))  # type: ignore[attr-defined]
        if not must_create:
            if not Session.objects.filter(key_digest=digest(self.session_key)).update(**values):
                raise UpdateError
            return None
        now = machine_now()
        try:
            with transaction.atomic():
                Session.objects.create(key_digest=digest(self.session_key), created_at=now, seen_at=now, **values)
        except IntegrityError:
            raise CreateError from None
        return None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(key_digest=digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lt=machine_now()).delete()

    def _values(self, data: dict[str, Any]) -> dict[str, Any]:
        assert self.session_key
        return {
            "data": _seal(self.serializer().dumps(data), digest(self.session_key)),
            "user_id": data.get(SESSION_KEY),
            "expires_at": self.get_expiry_date(),
        }


def digest(session_key: str) -> bytes:
    return hashlib.sha256(session_key.encode()).digest()


def end_sessions(user: User, *, but_key: str | None = None) -> int:
    """Signs the user out everywhere, or everywhere else. The number of browsers."""
    sessions = Session.objects.filter(user=user)
    if but_key:
        sessions = sessions.exclude(key_digest=digest(but_key))
    return sessions.delete()[0]


def _is_idle(row: Session, data: dict[str, Any], now: datetime) -> bool:
    minutes = data.get(IDLE_MINUTES)
    return minutes is not None and now - row.seen_at > timedelta(minutes=minutes) + SEEN_STEP_WITH_IDLE_LIMIT


def _touch(row: Session, data: dict[str, Any], now: datetime) -> None:
    step = SEEN_STEP_WITH_IDLE_LIMIT if IDLE_MINUTES in data else SEEN_STEP
    if now - row.seen_at > step:
        Session.objects.filter(pk=row.pk).update(seen_at=now)


# --- sealing ------------------------------------------------------------------------------------------------------


@cache
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


def _seal(plain: bytes, place: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(keyring.derived("session")).encrypt(nonce, plain, place)


def _open(row: Session) -> dict[str, Any] | None:
    sealed = bytes(row.data)
    try:
        plain = _cipher(keyring.derived("session")).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bytes(row.key_digest)
        )
    except InvalidTag:
        logger.warning("session %s does not open", row.pk)
        return None
    data: dict[str, Any] = SessionStore().serializer().loads(plain)
    return data

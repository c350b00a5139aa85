"""Authenticator apps and passkeys: their secrets sealed, their labels the owner's address on the owner's device."""

import base64
import os

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import get_language, gettext

import profiles
from accounts import border
from accounts.models import User
from personal_data import keyring
from personal_data.scope import processing
from personal_data.sealing import NONCE_BYTES


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        return base64.b64encode(nonce + _cipher().encrypt(nonce, text.encode(), b"mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        sealed = base64.b64decode(encrypted_text)
        return _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], b"mfa").decode()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return _own_address(user)

    def get_totp_issuer(self) -> str:
        return profiles.current().operator.short_name.in_language(get_language() or "ru")

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        return gettext("Another device")

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, str | bytes]:
        address = _own_address(user)
        return {"id": user_pk_to_url_str(user).encode(), "name": address, "display_name": address}


def _cipher() -> AESGCM:
    return AESGCM(keyring.derived("mfa"))


def _own_address(user: AbstractBaseUser) -> str:
    """On a page that only its owner sees, and on their device."""
    assert isinstance(user, User)
    with processing("rights", actor=user.actor):
        return border.address_of(user.subject_id) or str(user.pk)

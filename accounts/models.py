"""Service users: what third-party packages may see of them (a border token), and the sealed rest."""

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from access.roles import DESK_ROLES, Role
from personal_data.blind_index import BlindIndexField
from personal_data.fields import SealedCharField, SealedEmailField
from personal_data.models import PersonalModel, Subject
from processing_log.actors import Actor, ActorKind

NAMES = ("last_name", "first_name", "patronymic")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=username)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who can sign in. `email` holds the border token of the address, which is all that allauth, axes,
    sessions and the admin ever see; the address itself is a sealed `MailAddress` of the subject.

    When somebody signed in last is not kept: nobody needs it, and the policy promises to collect nothing by itself."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "email": "border token: a keyed digest in an undeliverable domain",
        "password": "a one-way hash",
        "role": "code",
        "language": "code",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="user")
    email = models.EmailField(_("border token"), unique=True)
    role = models.TextField(_("role"), choices=Role.choices, default=Role.USER)
    language = models.TextField(_("language"), choices=[("ru", "ru"), ("en", "en")], default="ru")
    is_active = models.BooleanField(_("can sign in"), default=True)
    date_joined = models.DateTimeField(pgettext_lazy("account", "opened"))
    last_login = None

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=Q(email__endswith="@s.invalid"), name="user_email_is_a_border_token"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_is_known"),
            models.CheckConstraint(
                condition=Q(is_superuser=False) | Q(role=Role.ADMIN), name="user_superuser_is_an_administrator"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_staff(self) -> bool:
        return self.role in DESK_ROLES

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind(self.role), id=str(self.id), subject_id=self.subject_id)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class Profile(PersonalModel):
    """What a person may tell about themselves. Each value is optional and can be removed alone."""

    last_name = SealedCharField(_("last name"), max_length=150, category="name", null=True, blank=True)
    first_name = SealedCharField(_("first name"), max_length=150, category="name", null=True, blank=True)
    patronymic = SealedCharField(_("patronymic"), max_length=150, category="name", null=True, blank=True)

    class Meta:
        verbose_name = _("profile")
        constraints = [models.UniqueConstraint(fields=["subject"], name="profile_one_a_subject")]


class MailAddress(PersonalModel):
    """An address of a person: the one they sign in with, or one that they are about to change to. Several people may
    hold one address as long as they have not shown that it is theirs; `User.email` and allauth's verified rows are
    unique."""

    address = SealedEmailField(_("e-mail address"), max_length=254, category="email")
    address_index: Any = BlindIndexField("address")

    class Meta:
        verbose_name = _("e-mail address")
        constraints = [models.UniqueConstraint(fields=["subject", "address_index"], name="mail_address_once_a_subject")]
        indexes = [models.Index(fields=["address_index"], name="mail_address_by_index")]


class Session(models.Model):
    """A browser that is signed in, or about to. Neither where it is nor what it is: the portal does not know.

    The key in the browser's cookie is not here, only its digest; what the session holds is sealed under a key of the
    keyring. `seen_at` moves in coarse steps."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "key_digest": "SHA-256 of a random key",
        "data": "sealed under a key of the keyring; border tokens, one-time codes and ids, never an address or a name",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key_digest = models.BinaryField(unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="sessions")
    data = models.BinaryField()
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seen_at__gte=F("created_at")), name="session_seen_after_created")
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="session_by_expiry"),
            models.Index(fields=["user", "created_at"], name="session_by_user"),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"


class ResetRequest(models.Model):
    """Somebody has asked for a new password for an address. Written whether the address is known or not, so that the
    answer takes equally long. The worker looks it up, writes a mail if there is somebody to write to, and deletes
    the row."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "token": "border token: a keyed digest; kept for seconds",
        "language": "code",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    token = models.TextField()
    language = models.TextField()
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reset request {self.pk}"

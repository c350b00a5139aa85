"""Who acts: always somebody. An actor is a kind and an id, never a name."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActorKind(TextChoices):
    USER = "user", _("the person")
    REPRESENTATIVE = "representative", _("a Customer's representative")
    STAFF = "staff", _("staff")
    OFFICER = "officer", _("privacy officer")
    AUDITOR = "auditor", _("auditor")
    ADMIN = "admin", _("administrator")
    SYSTEM = "system", _("the portal")
    STRANGER = "stranger", _("somebody who is not signed in")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """`id` is the pseudonymous reference of the one who acts (a user's uuid, a job's name); `subject_id` is set when
    the actor is a person whose own data the portal may hold."""

    kind: ActorKind
    id: str
    subject_id: UUID | None = None

    @classmethod
    def system(cls, name: str) -> Self:
        return cls(kind=ActorKind.SYSTEM, id=name)

    @classmethod
    def stranger(cls) -> Self:
        return cls(kind=ActorKind.STRANGER, id="")

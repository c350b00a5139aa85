"""Who may be behind a session."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    USER = "user", _("User")
    REPRESENTATIVE = "representative", _("Representative of a Customer")
    STAFF = "staff", _("Staff")
    OFFICER = "officer", _("Privacy officer")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")


#: A second factor is obligatory for everybody who can see more than their own data.
ROLES_WITH_SECOND_FACTOR: Final = frozenset({Role.STAFF, Role.OFFICER, Role.AUDITOR, Role.ADMIN})
#: The roles that enter the operator's desk (Django admin).
DESK_ROLES: Final = frozenset({Role.STAFF, Role.OFFICER, Role.ADMIN})
EVERY_ROLE: Final = frozenset(Role)

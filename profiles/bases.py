"""The legal bases of article 6, part 1 of 152-FZ. The Constitution and a charter are not among them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Basis(TextChoices):
    CONSENT = "6.1.1", _("Consent of the person")
    LEGAL_DUTY = "6.1.2", _("Duties and powers given to the operator by law")
    COURT = "6.1.3", _("Taking part in court proceedings")
    ENFORCEMENT = "6.1.3.1", _("Enforcing a judicial act")
    STATE_SERVICE = "6.1.4", _("Powers of authorities and state services")
    CONTRACT = "6.1.5", _("A contract with the person, or making one on their initiative")
    VITAL_INTERESTS = "6.1.6", _("Life, health and vital interests when consent cannot be had")
    LEGITIMATE_INTERESTS = "6.1.7", _("Legitimate interests that do not violate the person's rights")
    CREATIVE_WORK = "6.1.8", _("Journalism, science, literature and creative work")
    STATISTICS = "6.1.9", _("Statistics and research on depersonalised data")
    EXPERIMENTAL_REGIME = "6.1.9.1", _("An experimental legal regime")
    DISCLOSURE_BY_LAW = "6.1.11", _("Publication or disclosure required by law")


# Article 3 defines blocking as a stop of everything but clarification: only a duty or a court goes on beside it.
BASES_THAT_MAY_WORK_ON_BLOCKED = frozenset(
    {Basis.LEGAL_DUTY, Basis.COURT, Basis.ENFORCEMENT, Basis.STATE_SERVICE, Basis.DISCLOSURE_BY_LAW}
)

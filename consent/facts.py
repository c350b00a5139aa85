"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    POLICY_PUBLISHED = "policy_published", _("A version of the policy was published")
    CONSENT_TEXT_PUBLISHED = "consent_text_published", _("A text of a consent was published")
    POLICY_ACKNOWLEDGED = "policy_acknowledged", _("Acquaintance with the policy was confirmed")
    CONSENT_GIVEN = "consent_given", _("A consent was given")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("A consent was withdrawn")
    MAIL_UNSUBSCRIBED = "mail_unsubscribed", _("Mail of one purpose was stopped from a letter")
    ADDRESS_SUPPRESSED = "address_suppressed", _("An address was put on the list of those that get no advertising")
    SUPPRESSION_LIFTED = "suppression_lifted", _("An address was freed for one purpose by a new consent")
    SUPPRESSION_CHECKED = (
        "suppression_checked",
        _("An address was looked up in the list of those that get no advertising"),
    )

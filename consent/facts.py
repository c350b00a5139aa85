"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    POLICY_PUBLISHED = "policy_published", _("A version of the policy was published")
    CONSENT_TEXT_PUBLISHED = "consent_text_published", _("A text of a consent was published")
    POLICY_ACKNOWLEDGED = "policy_acknowledged", _("Acquaintance with the policy was confirmed")
    CONSENT_SHOWN = "consent_shown", _("The text of a consent was shown")
    CONSENT_ASKED = "consent_asked", _("A consent waits for a mail to be answered")
    CONSENT_MAIL_SENT = "consent_mail_sent", _("The mail that confirms a consent was sent")
    CONSENT_DECLINED = "consent_declined", _("A consent that waited for a mail was declined")
    CONSENT_GIVEN = "consent_given", _("A consent was given")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("A consent was withdrawn")
    PAPER_ENTERED = "consent_paper_entered", _("A consent on paper or by telephone was entered")
    PAPER_CONFIRMED = "consent_paper_confirmed", _("A consent on paper or by telephone was confirmed")
    PAPER_REFUSED = "consent_paper_refused", _("A consent on paper or by telephone was refused")
    TERM_MET = "consent_term_met", _("A term after a consent was met")
    EVIDENCE_READ = "consent_evidence_read", _("The evidence of a consent was read")
    CONSENTS_REBUILT = "consents_rebuilt", _("The purposes in force were made equal to the consent ledger again")

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
    MAIL_UNSUBSCRIBED = "mail_unsubscribed", _("Mail of one purpose was stopped from a letter")
    ADDRESS_SUPPRESSED = "address_suppressed", _("An address was put on the list of those that get no advertising")
    SUPPRESSION_LIFTED = "suppression_lifted", _("An address was freed for one purpose by a new consent")
    SUPPRESSION_CHECKED = (
        "suppression_checked",
        _("An address was looked up in the list of those that get no advertising"),
    )
    PAPER_ENTERED = "consent_paper_entered", _("A consent on paper or by telephone was entered")
    PAPER_CONFIRMED = "consent_paper_confirmed", _("A consent on paper or by telephone was confirmed")
    PAPER_REFUSED = "consent_paper_refused", _("A consent on paper or by telephone was refused")
    TERM_MET = "consent_term_met", _("A term after a consent was met")
    EVIDENCE_READ = "consent_evidence_read", _("The evidence of a consent was read")
    CONSENTS_REBUILT = "consents_rebuilt", _("The purposes in force were made equal to the consent ledger again")
    CONSENT_ON_HOLD = "consent_on_hold", _("A consent is on hold: more is done today than it allows")
    CONSENT_OFF_HOLD = "consent_off_hold", _("A consent is off hold: it allows again what is done")
    DRAFT_BEGUN = "draft_begun", _("A draft of a version was begun")
    DRAFT_CHANGED = "draft_changed", _("A draft of a version was changed")
    DRAFT_SUBMITTED = "draft_submitted", _("A draft of a version was handed to a second person")
    DRAFT_RETURNED = "draft_returned", _("A draft of a version was given back to its author")
    DRAFT_DROPPED = "draft_dropped", _("A draft of a version was dropped")
    DRAFT_PUBLISHED = "draft_published", _("A second person published a draft")

"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    POLICY_PUBLISHED = "policy_published", _("A version of the policy was published")
    CONSENT_TEXT_PUBLISHED = "consent_text_published", _("A text of a consent was published")
    POLICY_ACKNOWLEDGED = "policy_acknowledged", _("Acquaintance with the policy was confirmed")
    CONSENT_GIVEN = "consent_given", _("A consent was given")
    CONSENT_WITHDRAWN = "consent_withdrawn", _("A consent was withdrawn")
    CONSENT_ON_HOLD = "consent_on_hold", _("A consent is on hold: more is done today than it allows")
    CONSENT_OFF_HOLD = "consent_off_hold", _("A consent is off hold: it allows again what is done")
    DRAFT_BEGUN = "draft_begun", _("A draft of a version was begun")
    DRAFT_CHANGED = "draft_changed", _("A draft of a version was changed")
    DRAFT_SUBMITTED = "draft_submitted", _("A draft of a version was handed to a second person")
    DRAFT_RETURNED = "draft_returned", _("A draft of a version was given back to its author")
    DRAFT_DROPPED = "draft_dropped", _("A draft of a version was dropped")
    DRAFT_PUBLISHED = "draft_published", _("A second person published a draft")

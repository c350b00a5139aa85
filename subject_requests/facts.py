"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    REQUEST_FILED = "request_filed", _("A request was received")
    REQUEST_WIDENED = "request_widened", _("A request was found to ask for more")
    REQUEST_NARROWED = "request_narrowed", _("A request was found to ask for less")
    CONSENTS_CHOSEN = "consents_chosen", _("It was noted which consents a request withdraws")
    PARTS_CHOSEN = "parts_chosen", _("It was noted which data a request shows to be unlawful or not needed")
    PARTS_GONE = "parts_gone", _("The part of the data that a request is about is destroyed")
    UNLAWFUL_FOUND = "unlawful_found", _("Unlawful processing was found")
    MADE_LAWFUL = "made_lawful", _("The processing was made lawful")
    REQUEST_IDENTIFIED = "request_identified", _("It was established who sent a request")
    AUTHORITY_CHECKED = "authority_checked", _("A representative’s authority was checked")
    REQUEST_TAKEN = "request_taken", _("A request was taken into work")
    REQUEST_RELEASED = "request_released", _("A request was put back")
    REQUEST_HANDED_OVER = "request_handed_over", _("A request was handed to somebody else")
    REQUEST_WAITS = "request_waits", _("The person was asked about a request")
    REQUEST_RESUMED = "request_resumed", _("A request is worked on again")
    REQUEST_WRITTEN_TO = "request_written_to", _("The person was written to about a request")
    REQUEST_WITHDRAWN = "request_withdrawn", _("A request was taken back by the person")
    TERM_EXTENDED = "term_extended", _("The term of a request was made longer")
    TERM_RECOUNTED = "term_recounted", _("The term of a request was counted anew")
    REQUEST_CARRIED_OUT = "request_carried_out", _("What a request asks for was carried out")
    CORRECTION_APPLIED = "correction_applied", _("Data was corrected at the person’s wish")
    RECIPIENT_TOLD = "recipient_told", _("A recipient was told of a change")
    REFUSAL_PROPOSED = "refusal_proposed", _("A refusal was proposed")
    REFUSAL_RETURNED = "refusal_returned", _("A proposed refusal was sent back")
    REQUEST_ANSWERED = "request_answered", _("A request was answered")
    REQUEST_REFUSED = "request_refused", _("A request was refused")
    REQUEST_ESCALATED = "request_escalated", _("The end of a request’s term is near: those in charge were told")
    ABSENCE_ENTERED = "absence_entered", _("Somebody of the desk is away, and a deputy is named")
    ABSENCE_CANCELLED = "absence_cancelled", _("An absence was cancelled")
    CALENDAR_OPENED = "calendar_opened", _("Somebody of the desk made the address of their calendar")
    FIGURES_EXPORTED = "figures_exported", _("The figures of the desk were taken away")

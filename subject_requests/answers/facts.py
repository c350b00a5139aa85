"""The facts of made answers in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    ASKED = "answer_set_asked", _("The making of an answer to a request was asked for")
    MADE = "answer_set_made", _("An answer to a request was made")
    ATTACHED = "answer_set_attached", _("A made answer was chosen to be given")
    GIVEN = "answer_set_given", _("A made answer was given to the person")
    OPENED = "answer_set_opened", _("A made answer was opened by staff")
    PRINTED = "answer_set_printed", _("A made answer was printed for the post")
    TAKEN = "answer_set_taken", _("A made answer was taken away by the person")

"""What a retention rule may do when its term is over."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What is done when a term is over."""

    DESTROY = "destroy", _("destroy")
    ANONYMISE = "anonymise", _("anonymise")
    BLOCK = "block", _("block, and destroy within six months")


class Anonymisation(models.TextChoices):
    """The method, by the name that the rules on depersonalisation have for it."""

    COMPOSITION = "composition", _("changing the composition: what identifies goes, a count by quarters stays")
    AGGREGATION = "aggregation", _("aggregation: a count by years stays")

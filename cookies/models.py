"""Who chose what is not known here; that a choice was made, about what and when, is."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Shown(models.Model):
    """What a choice was about, word for word: the registry without its words, or the form with all of them."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "sha256": "hash of the operator's own text",
        "kind": "code",
        "content": "the operator's own text",
    }

    class Kind(models.TextChoices):
        REGISTRY = "registry", _("What is chosen about")
        SCREEN = "screen", _("The form as it was shown")

    sha256 = models.CharField(max_length=64, primary_key=True)
    kind = models.TextField(choices=Kind.choices)
    content = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("text shown with a choice of cookies")
        verbose_name_plural = _("texts shown with choices of cookies")
        constraints = [models.CheckConstraint(condition=Q(kind__in=["registry", "screen"]), name="shown_kind_is_known")]

    def __str__(self) -> str:
        return self.sha256


class CookieChoice(models.Model):
    """One choice. The random id is in the visitor's own cookie and nowhere else, so only they can point at this row."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "accepted": "codes of groups of cookies",
        "refused": "codes of groups of cookies",
        "language": "code",
        "method": "code",
    }

    class Method(models.TextChoices):
        BANNER = "banner", pgettext_lazy("choice of cookies", "in the banner")
        PAGE = "page", pgettext_lazy("choice of cookies", "on the page about cookies")
        GPC = "gpc", pgettext_lazy("choice of cookies", "by the browser's signal")

    consent_id = models.UUIDField(_("number of the choice"), db_index=True)
    accepted = ArrayField(models.TextField(), verbose_name=_("allowed"), default=list)
    refused = ArrayField(models.TextField(), verbose_name=_("refused"), default=list)
    registry = models.ForeignKey(Shown, on_delete=models.PROTECT, related_name="+")
    screen = models.ForeignKey(Shown, on_delete=models.PROTECT, related_name="+", null=True)
    language = models.CharField(_("language"), max_length=2)
    method = models.TextField(_("how"), choices=Method.choices)
    at = models.DateTimeField(_("when"))
    ends_at = models.DateTimeField(_("kept until"), db_index=True)

    class Meta:
        verbose_name = _("choice of cookies")
        verbose_name_plural = _("choices of cookies")
        constraints = [
            models.CheckConstraint(
                condition=Q(method__in=["banner", "page", "gpc"]), name="cookie_choice_method_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(accepted__overlap=F("refused")), name="cookie_choice_is_yes_or_no_to_each_group"
            ),
            models.CheckConstraint(
                condition=Q(accepted=[]) | (Q(screen__isnull=False) & ~Q(method="gpc")),
                name="cookie_choice_accepts_only_what_was_shown",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("at")), name="cookie_choice_ends_after_it_was_made"),
        ]
        ordering = ("at", "id")

    def __str__(self) -> str:
        return str(self.pk)

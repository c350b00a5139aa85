"""What is going to be published, while it is written and before somebody else has said yes."""

import hashlib
import json
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

POLICY = "policy"


class Draft(models.Model):
    """The next version of the policy or of a consent's text. One person writes it, another publishes it: a text is
    evidence, and nobody makes evidence alone. PostgreSQL holds that, and that nothing changes once it is submitted."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "document": "code",
        "state": "code",
        "text_ru": "the operator's own text",
        "text_en": "the operator's own text",
    }

    class State(models.TextChoices):
        WRITTEN = "written", pgettext_lazy("draft", "being written")
        SUBMITTED = "submitted", pgettext_lazy("draft", "waits for a second person")
        PUBLISHED = "published", pgettext_lazy("draft", "published")
        DROPPED = "dropped", pgettext_lazy("draft", "dropped")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    document = models.TextField(_("document"))
    number = models.PositiveSmallIntegerField(_("version"))
    effective_on = models.DateField(_("in force from"))
    text_ru = models.TextField(_("Russian text"))
    text_en = models.TextField(_("English text"))
    state = models.TextField(pgettext_lazy("draft", "state"), choices=State.choices, default=State.WRITTEN)
    author = models.UUIDField(_("written by"))
    approver = models.UUIDField(_("published by"), null=True)
    begun_at = models.DateTimeField(_("begun"))
    changed_at = models.DateTimeField(_("last changed"))
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("draft of a version")
        verbose_name_plural = _("drafts of versions")
        constraints = [
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("author")),
                name="draft_is_published_by_another_than_its_author",
            ),
            models.CheckConstraint(
                condition=Q(state="published", approver__isnull=False) | ~Q(state="published") & Q(approver=None),
                name="draft_published_has_an_approver",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | ~Q(state="written"), name="draft_being_written_is_not_handed_over"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["written", "submitted", "published", "dropped"]), name="draft_state_is_known"
            ),
            models.UniqueConstraint(
                fields=["document"], condition=Q(state__in=["written", "submitted"]), name="draft_one_open_a_document"
            ),
        ]
        ordering = ("-changed_at",)

    def __str__(self) -> str:
        return f"{self.document} {self.number}"

    @property
    def fingerprint(self) -> str:
        """Of what would be published: whoever says yes says which words they have read."""
        words = json.dumps([self.document, self.number, self.effective_on.isoformat(), self.text_ru, self.text_en])
        return hashlib.sha256(words.encode()).hexdigest()

    @property
    def is_policy(self) -> bool:
        return self.document == POLICY

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WRITTEN, self.State.SUBMITTED)

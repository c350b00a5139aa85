"""What was published, what people have read, and what they agreed to: rows that are added and never changed."""

import json
from functools import cached_property
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Mod
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.after_withdrawal import How, Term
from consent.confirming import Awaited, AwaitedStep
from consent.dissemination import DisseminationChoice
from consent.drafts import Draft
from consent.owed import WishDebt
from consent.papers import GivenBy, PaperConsent, PaperScan
from consent.receipts.rows import Receipt, ReceiptTerms
from consent.shown import KEPT_AS_PROOF, Screen, Served
from consent.suppressed import Suppression
from personal_data.models import Subject
from profiles import documents
from profiles.reach import Reach

__all__ = [
    "KEPT_AS_PROOF",
    "Acknowledgement",
    "Awaited",
    "AwaitedStep",
    "ConsentTextVersion",
    "DisseminationChoice",
    "Draft",
    "GivenBy",
    "How",
    "LedgerEntry",
    "PaperConsent",
    "PaperScan",
    "PolicyVersion",
    "Receipt",
    "ReceiptTerms",
    "Screen",
    "Served",
    "Suppression",
    "Term",
    "WishDebt",
]


class PolicyVersion(models.Model):
    """A version of the policy as published. `sha256` is of the Russian master, `sha256_en` of its translation.
    `data_map` is how far processing reached that day (profiles.reach), by which the next version is judged."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "sha256": "hash of a published text",
        "sha256_en": "hash of a published text",
        "content": "the operator's own published text",
        "data_map": "codes and titles of the profile",
        "data_map_sha256": "hash of the data map",
    }

    number = models.PositiveSmallIntegerField(primary_key=True)
    effective_on = models.DateField()
    updated_on = models.DateField()
    published_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, unique=True)
    sha256_en = models.CharField(max_length=64, db_index=True)
    content = models.JSONField()
    data_map = models.JSONField()
    data_map_sha256 = models.CharField(max_length=64)
    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("version of the policy")
        verbose_name_plural = _("versions of the policy")
        ordering = ("number",)

    def __str__(self) -> str:
        return str(self.number)

    @cached_property
    def document(self) -> documents.PolicyVersion:
        return documents.PolicyVersion.model_validate_json(json.dumps(self.content))


class ConsentTextVersion(models.Model):
    """A text by which people agree to one purpose, as it was published, and what a consent to it needs. `reach` is how
    far that purpose reached that day: whoever agreed has agreed to that and to nothing wider."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "purpose": "code",
        "slug": "address of the text",
        "sha256": "hash of a published text",
        "sha256_en": "hash of a published text",
        "content": "the operator's own published text",
        "confirmation": "code",
        "form": "code",
        "reach": "codes of the profile",
    }

    purpose = models.TextField()
    slug = models.SlugField()
    version = models.PositiveSmallIntegerField()
    effective_on = models.DateField()
    updated_on = models.DateField()
    published_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, unique=True)
    sha256_en = models.CharField(max_length=64, db_index=True)
    content = models.JSONField()
    confirmation = models.TextField(default="none")
    form = models.TextField(default="click")
    dissemination = models.BooleanField(default=False)
    reach = models.JSONField()
    draft = models.OneToOneField(Draft, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("text of a consent")
        verbose_name_plural = _("texts of consents")
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="consent_text_versions_are_numbered"),
            models.UniqueConstraint(fields=["slug", "version"], name="consent_text_slug_names_one_purpose"),
            models.CheckConstraint(
                condition=Q(confirmation__in=["none", "email"], form__in=["click", "written"]),
                name="consent_text_needs_what_is_known",
            ),
        ]
        ordering = ("purpose", "version")

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"

    @cached_property
    def document(self) -> documents.ConsentText:
        return documents.ConsentText.model_validate_json(json.dumps(self.content))

    @property
    def reaches(self) -> Reach:
        return Reach.from_data(self.reach)

    def hash_in(self, language: str) -> str:
        return self.sha256_en if language == "en" else self.sha256


class Acknowledgement(models.Model):
    """A person said they have read a version of the policy. It is no consent to anything."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {"language": "code", "sha256": "hash of a published text"}

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="acknowledgements")
    at = models.DateTimeField()
    language = models.CharField(max_length=2)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("acquaintance with the policy")
        verbose_name_plural = _("acquaintances with the policy")
        constraints = [models.UniqueConstraint(fields=["subject", "policy"], name="acknowledgement_once_a_version")]
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.subject_id} {self.policy_id}"


class LedgerEntryQuerySet(models.QuerySet["LedgerEntry"]):
    def newest(self) -> Self:
        """Of each person and purpose the entry that nothing came after: the state of today."""
        later = LedgerEntry.objects.filter(
            subject=OuterRef("subject"), purpose=OuterRef("purpose"), turn__gt=OuterRef("turn")
        )
        return self.exclude(Exists(later))

    def in_force(self) -> Self:
        return self.newest().filter(kind=LedgerEntry.Kind.GIVEN)


class LedgerEntry(models.Model):
    """A consent given or withdrawn. Entries of one person and purpose take turns: 1 gives, 2 withdraws, 3 gives…
    A consent on hold is renewed in two turns of one act: the old one is replaced, the new one given.

    So at most one consent to a purpose is in force, whoever writes. Nothing is ever changed; what is in force now, and
    `Subject.open_purposes`, follow from the newest turn. What proves a consent: the showing (`served`), the answered
    mail (`awaited`), or the paper that two people looked at (`paper`). `act` finds its events in the log."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {
        "purpose": "code",
        "kind": "code",
        "channel": "code",
        "given_by": "code",
        "language": "code",
        "sha256": "hash of a published text",
    }

    class Kind(models.TextChoices):
        GIVEN = "given", pgettext_lazy("consent", "given")
        WITHDRAWN = "withdrawn", pgettext_lazy("consent", "withdrawn")
        #: The person gave a newer consent in its stead, in the same moment: the next turn gives.
        REPLACED = "replaced", pgettext_lazy("consent", "replaced by a newer one")

    class Channel(models.TextChoices):
        PORTAL = "portal", pgettext_lazy("consent", "on the portal")
        MAIL_LINK = "mail_link", pgettext_lazy("consent", "by a link from a mail")
        PAPER = "paper", pgettext_lazy("consent", "on paper")
        TELEPHONE = "telephone", pgettext_lazy("consent", "by telephone")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    purpose = models.TextField()
    turn = models.PositiveIntegerField()
    kind = models.TextField(choices=Kind.choices)
    text = models.ForeignKey(ConsentTextVersion, on_delete=models.PROTECT, related_name="entries")
    language = models.CharField(max_length=2)
    sha256 = models.CharField(max_length=64)
    channel = models.TextField(choices=Channel.choices, default=Channel.PORTAL)
    given_by = models.TextField(choices=GivenBy.choices, default=GivenBy.SUBJECT)
    served = models.OneToOneField(Served, on_delete=models.PROTECT, related_name="entry", null=True, blank=True)
    awaited = models.OneToOneField(Awaited, on_delete=models.PROTECT, related_name="entry", null=True, blank=True)
    paper = models.OneToOneField(PaperConsent, on_delete=models.PROTECT, related_name="entry", null=True, blank=True)
    at = models.DateTimeField()
    act = models.UUIDField()

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the consent ledger")
        verbose_name_plural = _("entries of the consent ledger")
        constraints = [
            models.UniqueConstraint(fields=["subject", "purpose", "turn"], name="ledger_entry_one_a_turn"),
            models.CheckConstraint(
                condition=Q(Exact(Mod(F("turn"), 2), 1), kind="given")
                | Q(Exact(Mod(F("turn"), 2), 0), kind__in=["withdrawn", "replaced"]),
                name="ledger_entry_turns_give_and_withdraw",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["portal", "mail_link", "paper", "telephone"]),
                name="ledger_entry_channel_is_known",
            ),
            models.CheckConstraint(
                condition=Q(given_by="subject") | Q(given_by__in=["guardian", "representative"], channel="paper"),
                name="ledger_entry_by_somebody_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["withdrawn", "replaced"], served=None, awaited=None, paper=None)
                | Q(kind="given", channel="portal", served__isnull=False, awaited=None, paper=None)
                | Q(kind="given", channel="mail_link", served__isnull=False, awaited__isnull=False, paper=None)
                | Q(
                    kind="given",
                    channel__in=["paper", "telephone"],
                    served=None,
                    awaited=None,
                    paper__isnull=False,
                ),
                name="ledger_entry_given_has_its_proof",
            ),
        ]
        indexes = [models.Index(fields=["subject", "at"], name="ledger_entry_by_subject")]
        ordering = ("at", "turn")

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_given(self) -> bool:
        return self.kind == self.Kind.GIVEN

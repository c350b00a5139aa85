"""What is kept of a receipt: its signature, and what was promised when it was signed. The rest is in the ledger."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.shown import KEPT_AS_PROOF
from personal_data.models import Subject


class ReceiptTerms(models.Model):
    """What the profile said about a purpose and its operator when a consent was given: canonical JSON, stored once by
    its hash."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "sha256": "hash of what the operator declared",
        "content": "what the operator declared about a purpose, the same for everybody",
    }

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.TextField()

    class Meta:
        verbose_name = _("terms of a receipt")
        verbose_name_plural = _("terms of receipts")

    def __str__(self) -> str:
        return self.sha256


class Receipt(models.Model):
    """The signature under the receipt of one entry, made in the entry's own transaction. Whoever changes a row that the
    receipt is made of cannot sign it again: the key is not in the database."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {"signature": "signature under codes, hashes and times"}

    entry = models.OneToOneField(
        "consent.LedgerEntry", on_delete=models.PROTECT, primary_key=True, related_name="receipt"
    )
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey(ReceiptTerms, on_delete=models.PROTECT, related_name="receipts")
    signature = models.TextField()

    class Meta:
        verbose_name = pgettext_lazy("consent", "receipt of a consent")
        verbose_name_plural = pgettext_lazy("consent", "receipts of consents")

    def __str__(self) -> str:
        return f"rcp_{self.entry_id}"

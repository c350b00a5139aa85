"""What people were shown before they agreed: the screen as it was drawn, and each showing of it to a person."""

from typing import ClassVar, Final
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from personal_data.models import Subject

KEPT_AS_PROOF: Final = (
    "proof of what a person was shown and agreed to (152-FZ, article 9, part 3): codes, hashes and times under the "
    "pseudonymous reference, which names nobody once the person's data is destroyed"
)


class Screen(models.Model):
    """A page on which a consent could be given, word for word: canonical JSON, stored once by its hash."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "sha256": "hash of the page",
        "content": "the words of a page that is the same for everybody",
    }

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.TextField()
    first_shown_at = models.DateTimeField()

    class Meta:
        verbose_name = _("screen of a consent")
        verbose_name_plural = _("screens of consents")

    def __str__(self) -> str:
        return self.sha256


class Served(models.Model):
    """A screen was shown to a person. Its one-time number comes back with their answer and ties the two together; the
    database keeps the number's digest alone."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {
        "nonce_digest": "SHA-256 of a random-looking number",
        "language": "code",
        "sha256": "hash of a published text",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    nonce_digest = models.BinaryField(unique=True)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    text = models.ForeignKey("consent.ConsentTextVersion", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    sha256 = models.CharField(max_length=64)
    screen = models.ForeignKey(Screen, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    act = models.UUIDField()

    class Meta:
        verbose_name = _("showing of a consent's text")
        verbose_name_plural = _("showings of consents' texts")
        constraints = [models.CheckConstraint(condition=Q(expires_at__gt=F("at")), name="served_expires_after_it_was")]
        indexes = [models.Index(fields=["subject", "text", "-at"], name="served_by_subject")]

    def __str__(self) -> str:
        return str(self.id)

"""One person, twenty rows: as the portal keeps them, and the same rows in tables that know nothing of it."""

from typing import ClassVar
from uuid import uuid4

from django.db import models

from personal_data.fields import SealedCharField, SealedEmailField, SealedTextField
from personal_data.models import PersonalModel


class Card(PersonalModel):
    """One a person."""

    IMPERSONAL: ClassVar[dict[str, str]] = {}

    email = SealedEmailField(category="email")
    name = SealedCharField(max_length=150, category="name")


class Case(PersonalModel):
    """Five a person."""

    IMPERSONAL: ClassVar[dict[str, str]] = {}

    question = SealedTextField(category="request")


class Letter(PersonalModel):
    """Ten a person, two of each case."""

    IMPERSONAL: ClassVar[dict[str, str]] = {}

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    body = SealedTextField(category="correspondence")


class Mark(models.Model):
    """Four a person; holds nothing sealed and hangs on a case."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"mark {self.pk}"


class PlainPerson(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)

    def __str__(self) -> str:
        return f"person {self.pk}"


class OfPlainPerson(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.ForeignKey(PlainPerson, on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class PlainCard(OfPlainPerson):
    email = models.BinaryField()
    name = models.BinaryField()


class PlainCase(OfPlainPerson):
    question = models.BinaryField()


class PlainLetter(OfPlainPerson):
    case = models.ForeignKey(PlainCase, on_delete=models.CASCADE)
    body = models.BinaryField()


class PlainMark(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(PlainCase, on_delete=models.CASCADE)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"mark {self.pk}"

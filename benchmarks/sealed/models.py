"""The same person as the portal keeps one: five values sealed, found by e-mail through a blind index."""

from typing import Any, ClassVar

from django.db import models

from personal_data.blind_index import BlindIndexField
from personal_data.fields import SealedCharField, SealedEmailField, SealedTextField
from personal_data.models import PersonalModel


class Person(PersonalModel):
    IMPERSONAL: ClassVar[dict[str, str]] = {}

    number = models.IntegerField(unique=True)
    email = SealedEmailField(category="email")
    email_index: Any = BlindIndexField("email", unique=True)
    last_name = SealedCharField(max_length=150, category="name")
    first_name = SealedCharField(max_length=150, category="name")
    patronymic = SealedCharField(max_length=150, category="name", null=True, blank=True)
    note = SealedTextField(category="request")

    class Meta(PersonalModel.Meta):
        abstract = True


class SealedPerson(Person):
    pass


class SilentPerson(Person):
    """Sealed just so, but its triggers are switched off before it is measured: the same change without a log."""

"""A model with every kind of sealed field, which only tests have."""

from typing import Any, ClassVar

from django.db import models

from personal_data.blind_index import BlindIndexField
from personal_data.fields import (
    SealedCharField,
    SealedDateField,
    SealedEmailField,
    SealedFileField,
    SealedJSONField,
    SealedTextField,
)
from personal_data.models import PersonalModel


class Specimen(PersonalModel):
    IMPERSONAL: ClassVar[dict[str, str]] = {"note": "a word of the test"}

    name = SealedCharField(max_length=100, category="name", null=True, blank=True)
    email = SealedEmailField(category="email", null=True, blank=True)
    email_index: Any = BlindIndexField("email", null=True, unique=True)
    story = SealedTextField(category="request", null=True, blank=True)
    born_on = SealedDateField(category="name", null=True, blank=True)
    details = SealedJSONField(category="name", null=True, blank=True)
    scan = SealedFileField(category="request", null=True, blank=True)
    note = models.TextField(blank=True)
    number = models.IntegerField(default=0)

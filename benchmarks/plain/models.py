"""The same person without any of our care: what everything is measured against."""

from uuid import uuid4

from django.db import models


class NumberedPerson(models.Model):
    """Found by a number of no meaning. The columns of the values come with each contestant."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.IntegerField(unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"person {self.number}"


class PlainPerson(NumberedPerson):
    email = models.EmailField(unique=True)
    last_name = models.CharField(max_length=150)
    first_name = models.CharField(max_length=150)
    patronymic = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001
    note = models.TextField()


class ChangeNote(models.Model):
    """The log that people write by hand: one row a change, in the same transaction."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.TextField()
    operation = models.TextField()
    person = models.UUIDField(db_index=True)
    fields = models.TextField()

    def __str__(self) -> str:
        return f"{self.operation} of {self.person}"

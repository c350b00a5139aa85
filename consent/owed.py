"""What people said and what is not in the ledger outside of the database yet."""

from django.db import models
from django.db.models import Q


class WishDebt(models.Model):
    """A withdrawal, or an address that wants no advertising: the row that says so was written, its line was not. Made
    by the database in the row's own transaction, deleted when the line is on disk."""

    entry = models.UUIDField(null=True)
    suppression = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry=None, suppression__isnull=False) | Q(entry__isnull=False, suppression=None),
                name="wish_debt_is_of_one_row",
            )
        ]

    def __str__(self) -> str:
        return f"debt {self.pk}"

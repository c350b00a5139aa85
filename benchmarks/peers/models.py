"""The same person, in the tables of each peer."""
# mypy: disable-error-code="import-not-found, misc, no-untyped-call, untyped-decorator"

import os
from typing import Any

from django.db import models
from django_cryptography.fields import encrypt
from encrypted_fields import fields as fernet

from benchmarks.plain.models import NumberedPerson


class FernetPerson(NumberedPerson):
    email = fernet.EncryptedEmailField()
    last_name = fernet.EncryptedCharField(max_length=150)
    first_name = fernet.EncryptedCharField(max_length=150)
    patronymic = fernet.EncryptedCharField(max_length=150, null=True, blank=True)
    note = fernet.EncryptedTextField()


class CryptographyPerson(NumberedPerson):
    email: Any = encrypt(models.EmailField())
    last_name: Any = encrypt(models.CharField(max_length=150))
    first_name: Any = encrypt(models.CharField(max_length=150))
    patronymic: Any = encrypt(models.CharField(max_length=150, null=True, blank=True))
    note: Any = encrypt(models.TextField())


class LoggedPerson(NumberedPerson):
    email = models.EmailField(unique=True)
    last_name = models.CharField(max_length=150)
    first_name = models.CharField(max_length=150)
    patronymic = models.CharField(max_length=150, null=True, blank=True)  # noqa: DJ001
    note = models.TextField()

    class Meta:
        abstract = True


if "BENCH_PGCRYPTO" in os.environ:
    from pgcrypto import fields as pgcrypto

    class PgcryptoPerson(NumberedPerson):
        email = pgcrypto.EmailPGPSymmetricKeyField()
        last_name = pgcrypto.CharPGPSymmetricKeyField(max_length=150)
        first_name = pgcrypto.CharPGPSymmetricKeyField(max_length=150)
        patronymic = pgcrypto.CharPGPSymmetricKeyField(max_length=150, null=True, blank=True)
        note = pgcrypto.TextPGPSymmetricKeyField()

else:
    import pghistory
    from auditlog.registry import auditlog
    from simple_history.models import HistoricalRecords

    class AuditlogPerson(LoggedPerson):
        pass

    auditlog.register(AuditlogPerson)

    class SimpleHistoryPerson(LoggedPerson):
        history: Any = HistoricalRecords()

    @pghistory.track()
    class PghistoryPerson(LoggedPerson):
        pass

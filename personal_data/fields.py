"""Sealed fields: ordinary model fields to forms, the admin and DRF; ciphertext to the database and everybody else."""

import json
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import File
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query_utils import DeferredAttribute

from personal_data import files
from personal_data.blind_index import BlindIndexField, exact_lookup, normalise_email
from personal_data.errors import UnsealedWrite, UnsupportedLookup
from personal_data.pages import Column, Sealed, is_open, put_at_rest
from personal_data.scope import Scope, current_scope, scope_if_any
from personal_data.sealing import seal
from processing_log.operations import Operation

RECORD: Final = Operation.RECORD.value
CLARIFY: Final = Operation.CLARIFY.value


def at_rest(name: str) -> str:
    """The key, no attribute's name, under which an instance holds the sealed value of an attribute."""
    return f"{name} at rest"


class SealedAttribute(DeferredAttribute):
    """Opens lazily, on reading, through the scope that is declared; raises Undeclared where there is none.

    An open value lies in the instance under the attribute's own name until the scope closes it, so that reading it
    again costs nothing; the sealed one lies beside it."""

    field: "SealedMixin"

    def __init__(self, field: "SealedMixin") -> None:
        super().__init__(field)
        self.name = field.attname

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        field = self.field
        values = instance.__dict__
        if field.rest not in values:
            values[field.rest] = _load(instance, field)
        blob = values[field.rest]
        if blob is None:
            return None
        scope, page = scope_if_any(), instance._state.__dict__.get("page")
        if page is not None and page.scope is scope and self.name in page.names:
            page.open_row(instance, scope)
            if self.name in values:
                return values[self.name]
        return current_scope().open(field, instance, blob)


def _load(instance: Any, field: "SealedMixin") -> bytes | None:
    """The value of a deferred field."""
    if instance._state.adding:
        return None
    instance.refresh_from_db(fields=[field.attname])
    blob: bytes | None = instance.__dict__[field.rest]
    return blob


class SealedMixin(models.Field[Any, Any]):
    """A column of ciphertext under the key of the row's subject. `category` is a category of the operator's profile."""

    descriptor_class: ClassVar[Any] = SealedAttribute  # type: ignore[misc]  # Django sets it on classes too
    category: str

    #: whether reading another value of the row may open this one too
    opens_with_others = True
    #: whether a value may change without being assigned
    is_mutable = False
    #: under which key an instance holds the sealed value
    rest = ""

    def __init__(self, *args: Any, category: str = "", **kwargs: Any) -> None:
        self.category = category
        self.blind_indexes: list[BlindIndexField] = []
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "category": self.category}

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only=private_only)
        self.blind_indexes = []  # of this model: the field may be a copy of an abstract base's
        self.column_place = f"{cls._meta.db_table}.{self.column}|".encode()
        self.rest = at_rest(self.attname)
        self.parts = Column(self.attname, self.rest, self.column_place, self.from_plain, self.category)

    @property
    def sealed_column(self) -> str:
        assert self.column, "a sealed field always has a column"
        return self.column

    # --- the value and its bytes ----------------------------------------------------------------------------------

    def place(self, row_id: UUID, subject_id: UUID) -> bytes:
        """What the ciphertext is bound to: table, column, row and subject."""
        return self.column_place + row_id.bytes + subject_id.bytes

    def stored(self, value: Any, instance: Any, cipher: AESGCM) -> Any:
        """What goes into the column for `value`; a file first goes to disk."""
        return value

    def to_plain(self, value: Any) -> bytes:
        return str(value).encode()

    #: the value from the bytes that were sealed; of text a function in C, because lists ask it of every value
    from_plain: Any = staticmethod(bytes.decode)

    def opened(self, plain: bytes, instance: Any, scope: Scope) -> Any:
        """What reading the attribute gives."""
        return self.from_plain(plain)

    def normalise(self, value: Any) -> str:
        """The form under which equal values are found equal by a blind index."""
        return str(value).strip().casefold()

    # --- to and from the database ---------------------------------------------------------------------------------

    def get_internal_type(self) -> str:
        return "BinaryField"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bytea"

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        """What comes is ciphertext, whatever the value is: instances keep it at rest, `values()` gives it as it is."""
        return []

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        values = model_instance.__dict__
        if self.attname not in values or not self.is_changed_on(model_instance):
            if self.rest not in values:
                values[self.rest] = _load(model_instance, self)
            blob = values[self.rest]
            return None if blob is None else Sealed(blob)
        value = values[self.attname]
        if value is None or (value == "" and self.null):
            self._empty(model_instance)
            return None
        return self.seal_on(model_instance, self.to_python(value), add)

    def is_changed_on(self, instance: Any) -> bool:
        """Whether the attribute holds something else than what lies sealed beside it."""
        if not is_open(instance, self.attname):
            return self.attname in instance.__dict__
        return self.is_mutable and current_scope().differs(self, instance)

    def is_held(self, instance: Any) -> bool:
        """Whether the row has a value here, told without opening it."""
        values = instance.__dict__
        return values.get(self.attname, values.get(self.rest)) is not None

    def _empty(self, instance: Any) -> None:
        del instance.__dict__[self.attname]
        put_at_rest(instance, self.rest, None)
        self._reindex(instance, None)

    def seal_on(self, instance: Any, value: Any, add: bool) -> Sealed:
        """Seals for the subject of the row; the value stays readable in the scope."""
        scope = current_scope()
        subject_id = instance.subject_id
        state = scope.permit(subject_id, self.category, RECORD if add else CLARIFY)
        plain = self.to_plain(self.stored(value, instance, state.cipher))
        sealed = seal(state.cipher, plain, self.place(instance.pk, subject_id), state.standing.key_number)
        put_at_rest(instance, self.rest, sealed)
        scope.keep_own(instance, self.attname, self.opened(plain, instance, scope), sealed)
        self._reindex(instance, value)
        return Sealed(sealed)

    def _reindex(self, instance: Any, value: Any) -> None:
        for index in self.blind_indexes:
            setattr(instance, index.attname, None if value is None else index.digest(value))

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        if value is None:
            return None
        if type(value) is Sealed:
            return bytes(value)
        raise UnsealedWrite(f"{self.model._meta.label}.{self.name}: assign it on the instance and save()")

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        return self.get_db_prep_value(value, connection)

    # --- looking things up ----------------------------------------------------------------------------------------

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        if lookup_name in ("exact", "in") and self.blind_indexes:
            return exact_lookup(self, lookup_name)
        raise UnsupportedLookup(
            f"{self.model._meta.label}.{self.name} is sealed: {lookup_name} is impossible, "
            f"{'exact and in work' if self.blind_indexes else 'it has no blind index'}"
        )

    def get_transform(self, lookup_name: str) -> Any:
        raise UnsupportedLookup(f"{self.model._meta.label}.{self.name} is sealed: {lookup_name} is impossible")


class SealedCharField(SealedMixin, models.CharField[Any, Any]):
    """Text of at most `max_length` characters."""


class SealedTextField(SealedMixin, models.TextField[Any, Any]):
    """Text of any length."""


class SealedEmailField(SealedMixin, models.EmailField[Any, Any]):
    def normalise(self, value: Any) -> str:
        return normalise_email(str(value))


class SealedDateField(SealedMixin, models.DateField[Any, Any]):  # type: ignore[misc]  # names of arguments
    def to_plain(self, value: date) -> bytes:
        return value.isoformat().encode()

    def from_plain(self, plain: bytes) -> date:
        return date.fromisoformat(plain.decode())


class SealedJSONField(SealedMixin, models.JSONField):
    is_mutable = True

    def to_plain(self, value: Any) -> bytes:
        return json.dumps(value, cls=self.encoder or DjangoJSONEncoder, ensure_ascii=False).encode()

    def from_plain(self, plain: bytes) -> Any:
        return json.loads(plain, cls=self.decoder)


class SealedFileField(SealedMixin, models.FileField):  # type: ignore[misc]  # names of arguments
    """A file whose content lies sealed on disk. Assign a Django File; reading gives a `SealedFile`."""

    opens_with_others = False

    def stored(self, value: Any, instance: Any, cipher: AESGCM) -> files.FileCard:
        if not isinstance(value, File):
            raise UnsealedWrite(f"{self.model._meta.label}.{self.name} takes a file")
        folder = self._folder(instance)
        card = files.write(value, folder, self.place(instance.pk, instance.subject_id), cipher)
        transaction.on_commit(partial(files.drop_others, folder, card.file_id))
        return card

    def to_plain(self, value: Any) -> bytes:
        return json.dumps({**asdict(value), "file_id": value.file_id.hex}, ensure_ascii=False).encode()

    def from_plain(self, plain: bytes) -> files.FileCard:
        card = json.loads(plain)
        return files.FileCard(**{**card, "file_id": UUID(card["file_id"])})

    def opened(self, plain: bytes, instance: Any, scope: Scope) -> files.SealedFile:
        card = self.from_plain(plain)
        return files.SealedFile(
            card=card,
            path=self._folder(instance) / card.file_id.hex,
            place=self.place(instance.pk, instance.subject_id) + card.file_id.bytes,
            cipher=scope.cipher_of(instance.subject_id),
            may_open=lambda: scope.is_open,
            again=partial(self._opened_again, instance, scope),
        )

    def _opened_again(self, instance: Any, scope: Scope) -> files.SealedFile | None:
        if not scope.is_open or instance._state.adding:
            return None
        instance.refresh_from_db(fields=[self.attname])
        blob = instance.__dict__[self.rest]
        opened: files.SealedFile | None = None if blob is None else scope.open(self, instance, blob)
        return opened

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        sealed = super().pre_save(model_instance, add)
        if sealed is None and not add:
            transaction.on_commit(partial(files.drop_others, self._folder(model_instance), None))
        return sealed

    def _folder(self, instance: models.Model) -> Path:
        return files.folder_of(instance._meta.db_table, self.sealed_column, instance.pk)

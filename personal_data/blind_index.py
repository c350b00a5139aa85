"""Finding a person by an exact value without being able to read it: a keyed HMAC of the normalised value.

Each column has a key of its own, so equal values in two columns have different indexes.
"""

import hmac
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.expressions import Col
from django.db.models.lookups import Lookup

from personal_data import keyring
from personal_data.errors import UnsupportedLookup

if TYPE_CHECKING:
    from personal_data.fields import SealedMixin


def normalise_email(address: str) -> str:
    """NFC, lower case, the domain in its ASCII form where it has one."""
    local, _, domain = unicodedata.normalize("NFC", address).strip().rpartition("@")
    if not domain.isascii():
        with suppress(UnicodeError):
            domain = domain.encode("idna").decode()
    return f"{local}@{domain}".lower()


class BlindIndexField(models.BinaryField[Any, Any]):
    """32 bytes beside a sealed field, which makes `filter(field=value)` and `unique=True` possible. Declare it after
    the field it indexes: `address_index = BlindIndexField("address", unique=True)`."""

    def __init__(self, source: str, **kwargs: Any) -> None:
        self.source_name = source
        kwargs.setdefault("editable", False)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, _, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, [self.source_name], kwargs

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only=private_only)
        self.source: SealedMixin = next(f for f in cls._meta.local_fields if f.name == self.source_name)  # type: ignore[assignment]
        self.source.blind_indexes.append(self)
        self._label = f"blind index|{cls._meta.db_table}.{self.column}"

    def digest(self, value: Any) -> bytes:
        key = keyring.derived(self._label)
        return hmac.digest(key, self.source.normalise(value).encode(), "sha256")

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """The field may be written before its source is sealed, or after: both ways it speaks of the same value."""
        source = self.source
        if source.is_changed_on(model_instance):
            value = model_instance.__dict__[source.attname]
            setattr(model_instance, self.attname, None if value in (None, "") else self.digest(value))
        return getattr(model_instance, self.attname)


class _ByIndex(Lookup[Any]):
    prepare_rhs = False

    def index(self) -> BlindIndexField:
        field: SealedMixin = self.lhs.output_field
        return field.blind_indexes[0]

    def column(self, compiler: Any) -> tuple[str, list[Any]]:
        if not isinstance(self.lhs, Col):
            raise UnsupportedLookup("a sealed column is found by its own name only")
        sql, params = compiler.compile(Col(self.lhs.alias, self.index()))
        return sql, list(params)

    def digest(self, value: Any) -> bytes:
        if hasattr(value, "resolve_expression"):
            raise UnsupportedLookup("a sealed column is compared with plain values only")
        return self.index().digest(value)

    def get_db_prep_lookup(self, value: Any, connection: Any) -> Any:
        return "%s", [value]


class _Exact(_ByIndex):
    lookup_name = "exact"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, params = self.column(compiler)
        return f"{sql} = %s", [*params, self.digest(self.rhs)]


class _In(_ByIndex):
    lookup_name = "in"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, params = self.column(compiler)
        return f"{sql} = ANY(%s)", [*params, [self.digest(value) for value in self.rhs]]


def exact_lookup(field: "SealedMixin", lookup_name: str) -> type[Lookup[Any]]:
    return _Exact if lookup_name == "exact" else _In

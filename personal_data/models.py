"""Subjects, the epochs of the keys, and the base of every model that holds personal data."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personal_data import keyring, subject_state
from personal_data import scope as scopes
from personal_data.copying import copy_lines
from personal_data.fields import SealedMixin
from personal_data.pages import CARD, LoadedState, is_open, put_at_rest
from personal_data.queries import PeerQuerySet
from personal_data.sealing import FIRST_KEY


class SubjectKind(models.TextChoices):
    USER = "user"
    STAFF = "staff"
    #: Somebody who has written and has no account: what they wrote and where to answer, until it is dealt with.
    GUEST = "guest"


class KeyEpoch(models.Model):
    """A key-encryption key that subjects' keys are wrapped under; the key itself is in the keyring, never here.
    `canary` opens only with that key: a wrong keyring is found before it is used."""

    IMPERSONAL = {"canary": "a constant, sealed"}

    number = models.PositiveSmallIntegerField(_("number"), primary_key=True)
    keyring_id = models.UUIDField()
    canary = models.BinaryField()
    opened_at = models.DateTimeField(_("opened on"))
    retired_at = models.DateTimeField(_("nobody’s key depends on it"), null=True)
    destroyed_at = models.DateTimeField(_("key destroyed"), null=True)

    class Meta:
        verbose_name = _("epoch of the keys")
        verbose_name_plural = _("epochs of the keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_at=None) | Q(retired_at__isnull=False), name="key_epoch_retired_before_destroyed"
            )
        ]

    def __str__(self) -> str:
        return gettext("Epoch of the keys %(number)s") % {"number": self.number}


class SubjectQuerySet(models.QuerySet["Subject"]):
    def create_for(self, *, kind: SubjectKind, at: datetime) -> "Subject":
        """A new person with a key of their own."""
        ((subject, _key),) = _with_new_keys(kind, at, 1)
        subject.save(force_insert=True)
        return subject

    def create_many_for(self, *, kind: SubjectKind, at: datetime, count: int) -> list["Subject"]:
        """So many new people, each with a key of their own."""
        made = _with_new_keys(kind, at, count)
        fields = Subject._meta.local_concrete_fields
        lines = [[getattr(subject, field.attname) for field in fields] for subject, _key in made]
        copy_lines(Subject, fields, lines, using=self.db)
        if scope := scopes.scope_if_any():
            for subject, key in made:
                scope.introduce(subject_state.of_new(subject.id, kind, subject.epoch_id, key))
        return [_saved(subject, self.db) for subject, _key in made]


def _with_new_keys(kind: SubjectKind, at: datetime, count: int) -> list[tuple["Subject", bytes]]:
    keys = [(uuid4(), secrets.token_bytes(keyring.KEY_BYTES)) for _ in range(count)]
    epoch, wrapped = subject_state.wrap_new(keys)
    return [
        (Subject(id=subject_id, kind=kind, created_at=at, epoch_id=epoch, wrapped_key=blob), key)
        for (subject_id, key), blob in zip(keys, wrapped, strict=True)
    ]


def _saved(subject: "Subject", using: str) -> "Subject":
    subject._state.adding, subject._state.db = False, using
    return subject


class Subject(models.Model):
    """The person the data is about. `id` is the pseudonymous reference that the log, addresses and acts use.

    Lives in the schema `vault` with the wrapped key. After destruction the row stays without its key. When a part of
    the person's data is destroyed they get another key (resealing.py); the database notes in `rekeyed_at` by which
    transaction."""

    IMPERSONAL = {
        "kind": "code",
        "wrapped_key": "a key, wrapped under a key that is not in the database",
        "open_purposes": "codes of purposes",
    }
    ON_DESTRUCTION = "keep"
    KEEP_REASON = (
        "a tombstone without the key: shows that the person is gone, and keeps the reference from being reused"
    )

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.TextField(choices=SubjectKind.choices)
    wrapped_key = models.BinaryField(null=True)
    key_number = models.PositiveSmallIntegerField(default=FIRST_KEY)
    rekeyed_at = models.DateTimeField(null=True, blank=True)
    epoch = models.ForeignKey(KeyEpoch, on_delete=models.PROTECT, related_name="subjects", db_index=False)
    open_purposes = ArrayField(models.TextField(), default=list, blank=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects = SubjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_at=None, wrapped_key__isnull=False)
                | Q(destroyed_at__isnull=False, wrapped_key=None),
                name="subject_has_a_key_until_destroyed",
            ),
            models.CheckConstraint(condition=Q(kind__in=SubjectKind.values), name="subject_kind_is_known"),
            models.CheckConstraint(condition=Q(key_number__range=(1, 255)), name="subject_key_number_is_a_byte"),
        ]
        indexes = [models.Index(fields=["epoch", "id"], name="subject_by_epoch", condition=Q(destroyed_at=None))]

    def __str__(self) -> str:
        return str(self.id)

    def block(self, *, at: datetime) -> bool:
        """From this moment only purposes that work on blocked data go on. False if it was blocked already."""
        return self._change(Q(blocked_at=None), blocked_at=at)

    def unblock(self) -> bool:
        return self._change(Q(blocked_at__isnull=False), blocked_at=None)

    def open_purpose(self, code: str) -> bool:
        """The person's consent to the purpose is in force. False if it was already."""
        opened = Func(F("open_purposes"), Value(code), function="array_append")
        return self._change(~Q(open_purposes__contains=[code]), open_purposes=opened)

    def close_purpose(self, code: str) -> bool:
        closed = Func(F("open_purposes"), Value(code), function="array_remove")
        return self._change(Q(open_purposes__contains=[code]), open_purposes=closed)

    def _change(self, condition: Q, **values: Any) -> bool:
        from personal_data.scope import forget_subject

        changed = Subject.objects.filter(condition, pk=self.pk, destroyed_at=None).update(**values)
        forget_subject(self.pk)
        return bool(changed)


class PersonalModel(models.Model):
    """The base of every model with sealed fields. `ON_DESTRUCTION` says what happens to its rows with their subject:
    "delete", or "keep" with a KEEP_REASON where nothing in the row is sealed.

    `WITHHELD` names sealed columns that an answer to the subject only mentions, and why: "another_person" whose data it
    is (article 14, part 2), "key" that opens a door, or "answer" that holds others of the person's values.

    `COPY_OF` names the column that says of which field of the profile the row holds another value: it goes with that.

    `EXPIRES` names the moment at which a row is destroyed alone, by the retention rule EXPIRES_BY of the profile."""

    IMPERSONAL: ClassVar[dict[str, str]] = {}
    WITHHELD: ClassVar[dict[str, str]] = {}
    COPY_OF: ClassVar[str] = ""
    EXPIRES: ClassVar[str] = ""
    EXPIRES_BY: ClassVar[str] = ""
    ON_DESTRUCTION: ClassVar[str] = "delete"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")

    objects = PeerQuerySet.as_manager()

    _loaded_last: ClassVar[tuple[Any, list[str]]] = (None, [])

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    def __getstate__(self) -> dict[str, Any]:
        """A copy is closed, and alone."""
        copied: dict[str, Any] = super().__getstate__()
        for name in getattr(self._state, "opened", None) or ():
            if is_open(self, name):
                del copied[name]
        copied.pop(CARD, None)
        for kept in ("opened", "page", "ahead"):
            copied["_state"].__dict__.pop(kept, None)
        return copied

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Of the sealed values only those that were changed are written, each with its blind index."""
        if update_fields is None and not (args or kwargs or self._state.adding):
            update_fields = self._fields_to_save()
        elif update_fields is not None:
            update_fields = {*update_fields, *self._indexes_of(update_fields)}
        super().save(*args, update_fields=update_fields, **kwargs)

    def _fields_to_save(self) -> set[str]:
        deferred = self.get_deferred_fields()
        indexes = {index.name for field in self.sealed_fields() for index in field.blind_indexes}
        sealed = {field.name for field in self.sealed_fields()}
        changed = {field.name for field in self.sealed_fields() if field.is_changed_on(self)}
        rest = {
            field.name
            for field in self._meta.concrete_fields
            if not (field.primary_key or field.attname in deferred or field.name in indexes or field.name in sealed)
        }
        return {*rest, *changed, *self._indexes_of(changed)}

    @classmethod
    def _indexes_of(cls, names: Iterable[str]) -> set[str]:
        named = set(names)
        return {index.name for field in cls.sealed_fields() if field.name in named for index in field.blind_indexes}

    @classmethod
    @cache
    def sealed_fields(cls) -> tuple[SealedMixin, ...]:
        return tuple(field for field in cls._meta.concrete_fields if isinstance(field, SealedMixin))

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_rest: Any) -> Self:
        """As Django does it, past `__init__` and its signals, which nothing here listens to: a third of the cost of
        loading a row."""
        loaded = cls._loaded_last
        if loaded[0] is not field_names:  # one list serves all rows of a query
            loaded = cls._loaded_last = (field_names, cls.keys_of(field_names))
        row = cls.__new__(cls)
        row.__dict__.update(zip(loaded[1], values, strict=True))
        row._state = LoadedState()
        if db and db != "default":
            row._state.db = db
        return row

    @classmethod
    def keys_of(cls, names: Iterable[str]) -> list[str]:
        """Under which keys an instance holds what the database gave for these fields."""
        sealed = {field.attname: field.rest for field in cls.sealed_fields()}
        return [sealed.get(name, name) for name in names]

    def get_deferred_fields(self) -> set[str]:
        """A sealed value that nobody has read is there."""
        closed = {field.attname for field in self.sealed_fields() if field.rest in self.__dict__}
        return super().get_deferred_fields() - closed

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Django copies attributes through their descriptors, which would open them: sealed ones are copied sealed."""
        sealed = {field.attname: field.rest for field in self.sealed_fields()}
        wanted = [f.attname for f in self._meta.concrete_fields] if fields is None else list(fields)
        plain = [name for name in wanted if name not in sealed]
        if plain:
            super().refresh_from_db(using=using, fields=plain, from_queryset=from_queryset)
        if named := [name for name in wanted if name in sealed]:
            rows = type(self)._base_manager.db_manager(using or self._state.db).filter(pk=self.pk)
            for name, blob in rows.values(*named).get().items():
                self.__dict__.pop(name, None)
                put_at_rest(self, sealed[name], blob)

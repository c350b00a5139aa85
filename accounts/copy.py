"""A person's copy of everything that is held about them: a file for a machine, and a page that needs no program."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.template.loader import render_to_string

import profiles
from accounts import diary, selectors
from accounts.models import User
from accounts.wording import reader_language
from consent.receipts import takeaway
from personal_data import data_map
from personal_data.data_map import Holding
from personal_data.fields import SealedMixin
from personal_data.files import SealedFile

FORMAT: Final = "operator-portal/copy/1"
TELLING: Final = (models.DateField, models.BooleanField, models.IntegerField)


def make_copy(user: User, *, at: datetime) -> bytes:
    """A ZIP with both files, with what is held as files, and with the receipts of consents. Inside of processing()."""
    scans: dict[str, SealedFile] = {}
    document = _document(user, at, scans)
    page = render_to_string("accounts/copy_of_my_data.html", {"copy": document, "language": reader_language()})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("my-data.json", json.dumps(document, cls=_Encoder, ensure_ascii=False, indent=2))
        archive.writestr("my-data.html", page)
        for name, scan in scans.items():
            archive.writestr(name, scan.read())
        for name, content in takeaway.files_of(user.subject_id):
            archive.writestr(name, content)
    return file.getvalue()


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        return str(o) if not isinstance(o, date | datetime) else super().default(o)


def _document(user: User, at: datetime, scans: dict[str, SealedFile]) -> dict[str, Any]:
    operator, words = profiles.current().operator, reader_language()
    overview = selectors.overview(user.subject_id)
    return {
        "format": FORMAT,
        "made_at": at,
        "reference": overview.reference,
        "operator": {
            "name": operator.name.in_language(words),
            "address": operator.address.in_language(words),
            "email": operator.email,
            "inn": operator.inn,
            "ogrn": operator.ogrn,
        },
        "categories": [_category(held) for held in overview.held],
        "records": [record for holding in data_map.holdings() for record in _records(holding, user, scans)],
        "recipients": [{"title": r.title, "what": r.what, "why": r.why} for r in overview.receivers],
        "log": [_line(event, user) for event in diary.events_about(user).iterator()],
    }


def _category(held: selectors.Held) -> dict[str, Any]:
    return {
        "code": held.code,
        "title": held.title,
        "source": held.source,
        "seen_by": held.seen_by,
        "purposes": [
            {"title": why.title, "basis": why.basis, "article": why.article, "note": why.basis_note} for why in held.why
        ],
        "kept_until": [{"rule": until.title, "norm": until.norm, "on": until.on} for until in held.until],
    }


def _records(holding: Holding, user: User, scans: dict[str, SealedFile]) -> Iterator[dict[str, Any]]:
    """Every row of every table that leads to the person: what is sealed in it, and what else it says of them."""
    for row in holding.rows_of(user.subject_id):
        values = [
            {"name": selectors.label(field), "category": field.category, "value": _value(row, field, scans)}
            for field in holding.fields
            if field.is_held(row)
        ]
        facts = [
            {"name": str(field.verbose_name), "value": _fact(row, field)}
            for field in holding.model._meta.concrete_fields
            if _tells(field) and getattr(row, field.attname) is not None
        ]
        if values or facts:
            yield {"what": str(holding.model._meta.verbose_name), "values": values, "facts": facts}


def _value(row: Any, field: SealedMixin, scans: dict[str, SealedFile]) -> Any:
    """Of a file the name under which it lies in the archive."""
    value = getattr(row, field.attname)
    if not isinstance(value, SealedFile):
        return value
    suffix = PurePath(value.name).suffix[:8]
    name = f"files/{row.pk.hex[:12]}-{field.name}{suffix}"
    scans[name] = value
    return name


def _tells(field: "models.Field[Any, Any]") -> bool:
    """Dates, numbers, yes and no, and codes that have words. Keys, digests and machinery tell a person nothing."""
    if isinstance(field, SealedMixin) or field.primary_key or field.remote_field:
        return False
    return isinstance(field, TELLING) or bool(field.choices)


def _fact(row: models.Model, field: "models.Field[Any, Any]") -> Any:
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    return getattr(row, field.attname)


def _line(event: Any, user: User) -> dict[str, Any]:
    line = diary.line(event, user)
    return {
        "at": line.at,
        "who": line.who,
        "what": line.what,
        "categories": list(line.categories),
        "why": line.why,
        "reason": line.reason,
    }

"""A person's copy of everything that is held about them: a file for a machine, and a page that needs no program."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

import profiles
from accounts import diary, selectors
from accounts.models import User
from accounts.records import Record, Value, records
from accounts.wording import reader_language
from consent.receipts import takeaway
from personal_data.files import SealedFile
from personal_data.gathering import gather

FORMAT: Final = "operator-portal/copy/1"


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
    gathered = gather(user.subject_id)
    overview, teller = selectors.overview_of(gathered), diary.Teller(user)
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
        "records": list(_records(records(gathered), scans)),
        "recipients": [{"title": r.title, "what": r.what, "why": r.why} for r in overview.receivers],
        "log": [_line(teller.line(event)) for event in gathered.events],
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


def _records(found: Iterable[Record], scans: dict[str, SealedFile]) -> Iterator[dict[str, Any]]:
    """Every row of every table that leads to the person: what is sealed in it, and what else it says of them."""
    for record in found:
        values = [
            {"name": value.label, "category": value.category, "value": _value(record, value, scans)}
            for value in record.values
        ]
        facts = [{"name": name, "value": value} for name, value in record.facts]
        yield {"what": record.what, "values": values, "facts": facts}


def _value(record: Record, value: Value, scans: dict[str, SealedFile]) -> Any:
    """Of a file the name under which it lies in the archive."""
    if not isinstance(value.value, SealedFile):
        return value.value
    name = file_name(record, value)
    scans[name] = value.value
    return name


def file_name(record: Record, value: Value) -> str:
    suffix = PurePath(value.value.name).suffix[:8]
    assert not isinstance(record.row_id, int)
    return f"files/{record.row_id.hex[:12]}-{value.field.name}{suffix}"


def _line(line: diary.Line) -> dict[str, Any]:
    return {
        "at": line.at,
        "who": line.who,
        "what": line.what,
        "categories": list(line.categories),
        "why": line.why,
        "reason": line.reason,
    }

"""The answer to a request for information, whole: every item of article 14, part 7 of 152-FZ, in codes, words and ISO
dates. The page, the PDF and the JSON are this document.

The words are in the language that is active; what stands in it comes from the profile, the data map and the rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import profiles
from accounts import diary
from accounts.copy import file_name
from accounts.models import User
from accounts.records import Record, Value, records
from accounts.wording import reader_language
from billing.models import Subscription
from billing.selectors import subscription_of
from personal_data.fields import SealedEmailField, SealedTextField
from personal_data.files import SealedFile
from personal_data.gathering import Gathered, codes_of, gather
from retention.models import Clock
from retention.selectors import Due, due_of, next_of
from subject_requests.answers import duties, operators_side, redaction

FORMAT: Final = "operator-portal/answer/1"
Document = dict[str, Any]


@dataclass(kw_only=True)
class Made:
    """`files` are those of the person, by their name in the archive; they open in the same scope. `counts` are values
    by category: all that staff see."""

    document: Document
    files: Mapping[str, SealedFile]
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The request that is answered, if there is one. `left_out`: rows whose texts speak of other people."""

    number: str
    received_at: datetime
    left_out: Collection[UUID] = ()


def make_document(subject_id: UUID, *, at: datetime, asked: Asked | None = None) -> Made:
    """Inside of processing(), which logs what is opened. Raises Subject.DoesNotExist."""
    gathered = gather(subject_id, beside=duties.in_force(at))
    words, standing = reader_language(), operators_side.of(gathered.subject)
    held = _Held(left_out=frozenset(asked.left_out if asked else ()), own=_own_contacts(gathered))
    told = held.tell(records(gathered, with_withheld=False))
    document: Document = {
        "format": FORMAT,
        "language": words,
        "made_at": at.isoformat(),
        "request": {"number": asked.number, "received_at": asked.received_at.isoformat()} if asked else None,
        "operator": standing["operator"],
        "confirmation": _confirmation(gathered, is_held=bool(told)),
        "purposes": standing["purposes"],
        "recipients": standing["recipients"],
        "data": [_category(category, held) for category in standing["categories"]],
        "terms": _terms(gathered, standing["categories"], at),
        "rights": standing["rights"],
        "cross_border": standing["cross_border"],
        "processors": standing["processors"],
        "duties": duties.told(words, version=gathered.beside),
        "records": told,
        "log": _log(gathered),
    }
    return Made(document=document, files=held.files, counts=held.counts)


# --- item 5: the data ----------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Held:
    left_out: frozenset[UUID]
    own: Sequence[str]
    by_category: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, SealedFile] = field(default_factory=dict)

    def tell(self, found: Iterable[Record]) -> list[dict[str, Any]]:
        """Row by row what is not sealed; each value stands in its category, and names the row it is of."""
        told = []
        for number, record in enumerate(found):
            for value in record.values:
                self._take(number, record, value)
            facts = [(name, value.isoformat() if isinstance(value, date) else value) for name, value in record.facts]
            if record.values:
                told.append({"id": str(record.row_id), "what": record.what, "facts": facts})
            else:
                told.append({"what": record.what, "facts": facts})
        return told

    def _take(self, number: int, record: Record, value: Value) -> None:
        told: dict[str, Any] = {"record": number, "name": value.label}
        gap = value.withheld or ("another_person" if record.row_id in self.left_out else "")
        if gap:
            told["withheld"] = gap
        elif isinstance(value.value, SealedFile):
            told["file"] = name = file_name(record, value)
            self.files[name] = value.value
        else:
            told["value"] = self._said(record, value)
            if isinstance(value.value, date):
                told["is_day"] = True
            elif isinstance(value.field, SealedTextField):
                told["is_text"] = True
        self.by_category.setdefault(value.category, []).append(told)

    @property
    def counts(self) -> dict[str, int]:
        return {category: len(values) for category, values in self.by_category.items()}

    def _said(self, record: Record, value: Value) -> Any:
        said = _plain(value.value)
        if record.is_own or not isinstance(value.field, SealedTextField):
            return said
        return redaction.without_others(said, self.own)


def _category(category: dict[str, Any], held: _Held) -> dict[str, Any]:
    values = held.by_category.get(category["code"], [])
    return {**{key: category[key] for key in ("code", "title", "source", "seen_by")}, "values": values}


def _own_contacts(gathered: Gathered) -> list[str]:
    """What is no other person's: the values of the person's own short columns, and the operator's addresses."""
    operator = profiles.current().operator
    own = [operator.email, operator.responsible.email]
    for holding, rows in gathered.rows:
        withheld = getattr(holding.model, "WITHHELD", {})
        for column in holding.fields:
            if isinstance(column, SealedEmailField) and column.name not in withheld:
                own += [getattr(row, column.attname) for row in rows if column.is_held(row)]
    return own


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# --- the other items -----------------------------------------------------------------------------------------------


def _confirmation(gathered: Gathered, *, is_held: bool) -> dict[str, Any]:
    subject = gathered.subject
    return {
        "is_processed": is_held,
        "reference": str(subject.pk),
        "since": subject.created_at.isoformat(),
        "is_blocked": subject.blocked_at is not None,
    }


def _terms(gathered: Gathered, categories: list[dict[str, Any]], at: datetime) -> dict[str, Any]:
    """Days, where a term runs or its beginning is known; else the rule by which the day will come."""
    dues = due_of(gathered.of(Clock))
    ends = next_of(dues)
    one = [{"title": ends.title, "norm": ends.norm, "on": ends.destroy_on.isoformat()}] if ends else None
    return {
        "ends": one[0] if one else _end_of_subscription(gathered, dues, at),
        "categories": [{"title": category["title"], "rules": one or category["rules"]} for category in categories],
    }


def _end_of_subscription(gathered: Gathered, dues: Sequence[Due], at: datetime) -> dict[str, Any] | None:
    """The day on which all that is held goes if the subscription is not renewed."""
    for row in gathered.of(Subscription):
        mine = subscription_of(gathered.subject.pk, row, dues, at)
        return {"on": mine.destroy_on.isoformat(), "norm": mine.norm, "ends_on": mine.ends_on.isoformat()}
    return None


def _log(gathered: Gathered) -> dict[str, Any]:
    """A log repeats itself: what is said of equal events stands once, and each event names its place there."""
    teller = diary.Teller(_user_of(gathered))
    places = {act: place for place, act in enumerate(dict.fromkeys(gathered.acts))}
    return {
        "said": [teller.in_words(codes_of(act)) for act in places],
        "events": list(zip(gathered.moments, map(places.__getitem__, gathered.acts), strict=True)),
    }


def _user_of(gathered: Gathered) -> User | None:
    """Accounts are among the rows."""
    return next(iter(gathered.of(User)), None)

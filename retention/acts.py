"""The act of destruction that Roskomnadzor's Order 179 asks for, one for each run: as a paper to sign, as data, and
with the extract of the processing log. It names people by reference and says nothing that their data said.

The paper is in Russian, whoever takes it out: it is a document of the operator for the regulator, and its words stand
in the template. Names and positions of the commission are written by hand, so that no act is about its signers.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import override

from law.deadlines import operator_zone
from looks.paper import make_pdf
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from retention import rules
from retention.facts import Fact
from retention.models import Destruction, Run
from retention.records import mark_of

TEMPLATE: Final = Path(__file__).parent / "paper" / "act.typ"
FORMS: Final = {"pdf": "application/pdf", "json": "application/json", "csv": "text/csv; charset=utf-8"}
#: What item 5 of the Order asks of the log, in its order.
EXTRACT: Final = ("subject", "categories", "system", "reason", "at")


def answer(run: Run, form: str, *, actor: Actor, at: datetime) -> HttpResponse:
    """The file, and the event that says who took it."""
    with processing("retention", actor=actor, reason=f"act-{run.pk}") as act:
        act.record(Fact.ACT_TAKEN.value)
        made = {"pdf": as_pdf, "json": as_json, "csv": as_csv}[form](run, at)
    response = HttpResponse(made, content_type=FORMS[form])
    response["Content-Disposition"] = f'attachment; filename="destruction-act-{run.pk}.{form}"'
    return response


def as_json(run: Run, at: datetime) -> bytes:
    """The act and the extract of the log together."""
    return json.dumps({**_act(run, at), "log": list(_extract(run))}, ensure_ascii=False, indent=1).encode()


def as_csv(run: Run, _at: datetime) -> bytes:
    """The extract of the log: whose, which categories, which system, why, when."""
    with io.StringIO(newline="") as text:
        writer = csv.DictWriter(text, EXTRACT)
        writer.writeheader()
        for row in _extract(run):
            writer.writerow({**row, "categories": " ".join(row["categories"])})
        return text.getvalue().encode()


def as_pdf(run: Run, at: datetime) -> bytes:
    with override("ru"):
        return make_pdf(TEMPLATE, _paper(run, at), made_at=at)


def _records(run: Run) -> QuerySet[Destruction]:
    return run.destructions.order_by("year", "running")


def _act(run: Run, at: datetime) -> dict[str, Any]:
    return {
        "act": number_of(run),
        "norm": "Roskomnadzor Order 179 of 28.10.2022",
        "made_at": at.isoformat(),
        "operator": run.operator,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "destroyed": run.destroyed,
        "could_not_be_destroyed": run.failed,
        "subjects": [
            {
                "number": record.number,
                "subject": str(record.subject),
                "subject_kind": record.subject_kind,
                "part": record.scope,
                "categories": record.categories,
                "rows": record.counts,
                "system": record.system,
                "method": record.method,
                "reason": record.reason,
                "norm": record.norm,
                "destroyed_at": record.destroyed_at.isoformat(),
                "due_at": record.due_at.isoformat(),
                "held_until": record.held_until.isoformat() if record.held_until else None,
                "was_late": record.was_late,
                "key_epoch": record.key_epoch,
                "final_at": record.final_at.isoformat(),
            }
            for record in _records(run).iterator(chunk_size=2000)
        ],
    }


def _extract(run: Run) -> Iterator[dict[str, Any]]:
    records = list(_records(run))
    subjects = [record.subject for record in records]
    marks = {mark_of(record.number) for record in records if record.part}
    facts = (Fact.SUBJECT_DESTROYED.value, Fact.PART_DESTROYED.value)
    events = Event.objects.filter(fact__in=facts, subject__in=subjects).order_by("at", "id")
    for event in events.iterator(chunk_size=2000):
        is_whole = event.fact == Fact.SUBJECT_DESTROYED.value
        if is_whole == bool(marks) or (marks and not _is_marked(event, marks)):
            continue
        yield {
            "subject": str(event.subject),
            "categories": event.categories,
            "system": event.system,
            "reason": event.reason,
            "at": event.at.isoformat(),
        }


def number_of(run: Run) -> str:
    return f"{timezone.localtime(run.started_at, operator_zone()).year}-{run.pk}"


def _paper(run: Run, at: datetime) -> dict[str, Any]:
    records = list(_records(run))
    operator = run.operator
    systems = sorted({record.system for record in records})
    methods = sorted({str(record.get_method_display()) for record in records})
    reasons = sorted({f"{rules.words(r.reason)} ({rules.words(r.norm)})" for r in records})
    categories = sorted({title for r in records for title in rules.category_titles(r.categories)})
    name, address = rules.words(operator["name"]), rules.words(operator["address"])
    return {
        "number": number_of(run),
        "day": f"{_moment(at)}",
        "operator": name,
        "address": address,
        "card": f"{address} · ИНН {operator['inn']} · ОГРН {operator['ogrn']}",
        "systems": "; ".join(systems),
        "people": str(len(records)),
        "categories": "; ".join(categories) or "—",
        "method": "; ".join(methods),
        "reason": "; ".join(reasons),
        "when": _span(records),
        "final": _final(records),
        "failed": str(run.failed),
        "rows": [
            [
                record.number, str(record.subject), "; ".join(rules.category_titles(record.categories)) or "—",
                rules.words(record.reason), _moment(record.destroyed_at),
            ]
            for record in records
        ],
    }  # fmt: skip


def _is_marked(event: Event, marks: set[str]) -> bool:
    return any(event.reason.endswith(mark) for mark in marks)


def _final(records: list[Destruction]) -> str:
    """When the last epoch ends under which the key that was erased, of a person or before a part, lies in a copy."""
    moment = _moment(max(record.final_at for record in records))
    return f"с {moment}: ключ, которым были обёрнуты ключи субъектов, к этому времени уничтожен"


def _span(records: list[Destruction]) -> str:
    moments = [record.destroyed_at for record in records]
    first, last = _moment(min(moments)), _moment(max(moments))
    return first if first == last else f"{first} — {last}"


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at, operator_zone()):%d.%m.%Y %H:%M}"

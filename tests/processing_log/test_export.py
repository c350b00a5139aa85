"""The log as a file."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from processing_log import export
from processing_log.actors import Actor, ActorKind
from processing_log.events import Declaration, Entry, append
from processing_log.export import COLUMNS, Format
from processing_log.filters import LogFilter, beginning_of, end_of
from processing_log.models import Event
from tests.factories.processing_log import STAFF, make_event, make_past_event

pytestmark = pytest.mark.django_db

JOB = Actor.system("destroy_due")
ALL = LogFilter()


def text(wanted: LogFilter, form: Format) -> str:
    return b"".join(block for _number, block in export.blocks(wanted, form)).decode()


def rows(wanted: LogFilter = ALL) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text(wanted, Format.CSV), newline="")))


def entries(wanted: LogFilter = ALL) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text(wanted, Format.JSON_LINES).splitlines()]


def export_log(path: Path, *options: str, form: str = "csv") -> str:
    out = io.StringIO()
    call_command("export_log", "--format", form, "--output", str(path), *options, stdout=out)
    return out.getvalue()


def written_by_postgres(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}".rstrip("0").rstrip(".") + "+00"


# --- what is in it ------------------------------------------------------------------------------------------


def test_export_writes_every_column_of_an_event_as_csv():
    event = make_event(subject=uuid4(), categories=("email", "name"), reason="2026-000001")

    head, line, rest = text(ALL, Format.CSV).split("\r\n")

    assert head == ",".join(COLUMNS)
    assert rest == ""
    assert line == ",".join(
        f'"{cell}"'
        for cell in [
            event.pk, written_by_postgres(event.at), "staff", STAFF.id, "extract", "", event.subject,
            "email,name", "rights", "6.1.2", "Portal", "2026-000001", event.context, "portal_app",
        ]
    )  # fmt: skip


def test_export_writes_every_column_of_an_event_as_json():
    event = make_event(subject=uuid4(), categories=("email", "name"), reason="2026-000001")

    [entry] = entries()

    assert list(entry) == list(COLUMNS)
    assert datetime.fromisoformat(entry.pop("at")) == event.at
    assert entry == {
        "id": event.pk, "actor_kind": "staff", "actor_id": STAFF.id, "operation": "extract", "fact": "",
        "subject": str(event.subject), "categories": ["email", "name"], "purpose": "rights", "basis": "6.1.2",
        "system": "Portal", "reason": "2026-000001", "context": str(event.context), "db_role": "portal_app",
    }  # fmt: skip


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_export_lets_no_cell_be_a_formula(first):
    formula = f"{first}HYPERLINK(1)"
    make_event(reason=formula, purpose=formula, system=formula, basis=formula, fact=formula, categories=(formula, "x"))

    [row] = rows()

    assert {row[name] for name in ("reason", "purpose", "system", "basis", "fact")} == {f"'{formula}"}
    assert row["categories"] == f"'{formula},x"
    assert entries()[0]["reason"] == formula


@pytest.mark.parametrize(
    "reason", ['a "quoted", word', "two\r\nlines", "back\\slash \\. \\N", "\x01\x02", "Ёлка ‹›", "'"]
)
def test_export_gives_back_any_text_unchanged(reason):
    make_event(reason=reason)

    assert rows()[0]["reason"] == reason
    assert entries()[0]["reason"] == reason


def test_export_of_nothing_is_a_head_alone():
    assert text(ALL, Format.CSV).count("\r\n") == 1
    assert text(ALL, Format.JSON_LINES) == ""


def test_export_is_in_the_order_of_time_and_then_of_number():
    made = [make_event(reason=str(number)).pk for number in range(5)]

    assert [int(row["id"]) for row in rows()] == made
    assert [entry["id"] for entry in entries()] == made


# --- which events -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["subject", "actor_kind", "actor_id", "operation", "purpose", "fact"])
def test_export_is_narrowed_by_each_filter(name):
    subject = uuid4()
    wanted = make_event(actor=JOB, operation="destroy", subject=subject, purpose="retention", fact="destroyed")
    make_event(subject=uuid4())
    value = {"actor_kind": JOB.kind.value, "actor_id": JOB.id}.get(name, getattr(wanted, name))

    found = LogFilter(**{name: value})

    assert [int(row["id"]) for row in rows(found)] == [wanted.pk]
    assert [entry["id"] for entry in entries(found)] == [wanted.pk]


def test_export_takes_days_in_the_operators_time_zone(as_superuser, settings):
    settings.OPERATOR_TIME_ZONE = "Europe/Moscow"
    late = make_past_event(as_superuser, at=datetime(2026, 3, 31, 20, 59, 59, tzinfo=UTC))
    after_midnight = make_past_event(as_superuser, at=datetime(2026, 3, 31, 21, 0, tzinfo=UTC))

    march = LogFilter(since=beginning_of(date(2026, 3, 1)), until=end_of(date(2026, 3, 31)))
    april = LogFilter(since=beginning_of(date(2026, 4, 1)), until=end_of(date(2026, 4, 1)))

    assert [int(row["id"]) for row in rows(march)] == [late]
    assert [int(row["id"]) for row in rows(april)] == [after_midnight]


def test_export_reads_only_the_partitions_of_its_period(as_superuser):
    make_past_event(as_superuser, at=datetime(2026, 3, 10, tzinfo=UTC))
    march = LogFilter(since=beginning_of(date(2026, 3, 5)), until=end_of(date(2026, 3, 20)))

    plan = march.events().order_by("at", "id").explain()

    assert "processing_log_event_2026_03" in plan
    assert plan.count(" on processing_log_event_") == 1


# --- the file -----------------------------------------------------------------------------------------------


def test_export_log_writes_a_file_for_its_owner_alone_and_says_how_many(tmp_path):
    make_event()
    make_event()

    said = export_log(tmp_path / "log.csv")

    assert said == f"2 events are in {tmp_path / 'log.csv'}.\n"
    assert (tmp_path / "log.csv").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_export_log_says_the_outcome_as_json(tmp_path):
    make_event()

    said = json.loads(export_log(tmp_path / "log.jsonl", "--json", form="jsonl"))

    size = (tmp_path / "log.jsonl").stat().st_size
    assert said == {"file": f"{tmp_path}/log.jsonl", "events": 1, "bytes": size, "from": 0}


def test_export_log_is_an_event_itself(tmp_path):
    subject = uuid4()

    export_log(tmp_path / "log.csv", "--subject", str(subject), "--operation", "extract", "--from", "2026-01-01")

    [event] = Event.objects.all()
    assert (event.actor_kind, event.actor_id, event.fact, event.operation) == (
        "system",
        "export_log",
        "log_exported",
        "",
    )
    assert event.reason == f"format=csv since=2026-01-01T00:00:00+03:00 subject={subject} operation=extract"


def test_export_log_enters_what_was_typed_only_if_the_log_knows_it(tmp_path):
    make_event(purpose="retention")

    export_log(tmp_path / "log.csv", "--purpose", "retention")
    export_log(tmp_path / "log.csv", "--purpose", "Ivan Petrov")

    exports = Event.objects.filter(fact="log_exported").order_by("id")
    assert [event.reason for event in exports] == ["format=csv purpose=retention", "format=csv purpose=?"]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> Iterator[tuple[int, bytes]]:
        yield 1, b"one line\n"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "blocks", breaks)


@pytest.mark.usefixtures("broken")
def test_export_log_leaves_the_former_file_when_it_fails(tmp_path):
    (tmp_path / "log.csv").write_text("the former one")

    with pytest.raises(CommandError, match="No space left on device"):
        export_log(tmp_path / "log.csv")

    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]
    assert (tmp_path / "log.csv").read_text() == "the former one"
    assert not Event.objects.exists()


def test_export_log_gives_no_file_when_the_log_refuses_its_event(tmp_path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("the log refuses")

    monkeypatch.setattr("processing_log.events.append", refuse)

    with pytest.raises(RuntimeError, match="the log refuses"):
        export_log(tmp_path / "log.csv")

    assert list(tmp_path.iterdir()) == []


def test_export_log_writes_a_spreadsheet_in_which_nothing_is_a_formula(tmp_path):
    event = make_event(subject=uuid4(), reason="=1+1", categories=("email", "name"))
    make_event(reason="two\r\nlines")

    export_log(tmp_path / "log.xlsx", form="xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").active
    head, first, second = sheet.iter_rows(values_only=True)
    assert head == COLUMNS
    assert first == (
        str(event.pk), written_by_postgres(event.at), "staff", STAFF.id, "extract", None, str(event.subject),
        "email,name", "rights", "6.1.2", "Portal", "'=1+1", str(event.context), "portal_app",
    )  # fmt: skip
    assert "two" in second[11]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_export_log_gives_no_proof_of_what_nobody_has_signed(tmp_path):
    with pytest.raises(CommandError, match="No checkpoint is signed yet"):
        export_log(tmp_path / "log.zip", form="zip")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [["--from", "2026-02-30"], ["--to", "0001-01-01"], ["--subject", "Ivan"]])
def test_export_log_refuses_what_is_no_date_or_reference(tmp_path, options):
    with pytest.raises(CommandError):
        export_log(tmp_path / "log.csv", *options)


def test_export_log_refuses_a_period_that_ends_before_it_begins(tmp_path):
    with pytest.raises(CommandError, match="before the first") as refused:
        export_log(tmp_path / "log.csv", "--from", "2026-02-01", "--to", "2026-01-31")

    assert refused.value.returncode == 2


def test_export_takes_no_more_memory_for_more_events():
    declaration = Declaration(
        actor=Actor(kind=ActorKind.STAFF, id="s-1"), purpose="rights", basis="6.1.2", system="Portal", context=uuid4()
    )
    append(declaration, [Entry(operation="extract", subject=uuid4(), categories=("email",))] * 20_000)

    tracemalloc.start()
    size = sum(len(block) for _number, block in export.blocks(ALL, Format.CSV))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert size > 3_500_000
    assert peak < 1_000_000


def test_filter_of_everything_asks_for_everything():
    make_event()

    assert LogFilter().events().count() == 1
    assert LogFilter().in_codes(with_typed=True) == ""
    assert timedelta(days=1) == end_of(date(2026, 1, 31)) - beginning_of(date(2026, 1, 31))

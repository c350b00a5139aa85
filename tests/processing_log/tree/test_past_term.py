"""Months of the log leave when their term is over; what is left, and every proof, still holds."""

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from law import clock
from operator_portal.celery import app
from processing_log import packages, past_term, reproving, tiles, verify_log
from processing_log.filters import LogFilter
from processing_log.merkle import is_consistent, is_included, leaf_hash
from processing_log.models import Checkpoint, Event, Leaf, RemovedMonth, TreeState
from processing_log.sequencer import sequence
from retention import log_term, monitor
from tests.factories.processing_log import make_event, make_past_event
from tests.processing_log.tree.conftest import signed

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = datetime(2021, 3, 30, 12, 0, tzinfo=UTC)


def make_old_log(superuser: psycopg.Connection[Any]) -> None:
    """Of March 2021, the last one in the tree after all of April 2021, and three of today."""
    for number in range(30):
        make_past_event(superuser, at=LONG_AGO + timedelta(hours=number * 4))
    make_past_event(superuser, at=LONG_AGO)
    for _ in range(3):
        make_event()
    sequence()
    signed()


def let_go(at: datetime | None = None) -> int:
    """As beat does it: what one run announces, and is signed, the next one removes."""
    removed = log_term.remove_old_log(at or clock.now())
    sequence()
    signed()
    return removed + log_term.remove_old_log(at or clock.now())


def months() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname ~ '^processing_log_(event|leaf)_\\d{4}_\\d\\d$' ORDER BY 1"
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def old_log(as_superuser: psycopg.Connection[Any], signer: Any) -> psycopg.Connection[Any]:
    make_old_log(as_superuser)
    return as_superuser


def verdict(path: Path, kept: Path | None = None) -> tuple[int, str]:
    out = io.StringIO()
    return verify_log.report(path, [], kept, out), out.getvalue()


def export(folder: Path, **wanted: Any) -> Path:
    path = folder / "log.zip"
    packages.write(path, wanted=LogFilter(**wanted), since=None, at=clock.now())
    return path


def test_whole_months_past_their_term_leave_and_every_later_proof_holds(old_log, tmp_path):
    old = Checkpoint.objects.get()
    kept = tmp_path / "kept"
    kept.write_text(old.note)

    assert let_go() == 2

    assert [name for name in months() if "2021" in name] == []
    assert [(month.month, month.entries, month.before) for month in RemovedMonth.objects.order_by("month")] == [
        (date(2021, 3, 1), 10, 31),
        (date(2021, 4, 1), 21, 31),
    ]
    assert Leaf.objects.earliest("index").index == past_term.kept_from() == 31
    new = Checkpoint.objects.latest("size")
    proof = tiles.consistency(old.size, new.size)
    assert is_consistent(old.size, new.size, bytes(old.root), bytes(new.root), proof)
    for leaf in Leaf.objects.filter(index__lt=new.size):
        path = tiles.inclusion(leaf.index, new.size)
        assert is_included(leaf_hash(bytes(leaf.data)), leaf.index, new.size, path, bytes(new.root))
    make_event()
    assert sequence() == 1
    assert signed().size == new.size + 1
    assert reproving.prove() == new.size + 1
    whole = tmp_path / "whole.zip"
    packages.write(whole, wanted=LogFilter(), since=old.size, at=clock.now())
    status, said = verdict(whole, kept)
    assert (status, "entries before 31 are past their term" in said, "of the months to 2021-04" in said) == (
        0,
        True,
        True,
    )


def test_an_entry_of_the_next_month_that_came_early_stays_and_the_export_is_whole(as_superuser, signer, tmp_path):
    make_past_event(as_superuser, at=LONG_AGO + timedelta(days=5))
    make_past_event(as_superuser, at=LONG_AGO)
    make_event()
    sequence()
    signed()

    assert let_go(datetime(2024, 4, 2, tzinfo=UTC)) == 1

    assert (past_term.kept_from(), Leaf.objects.earliest("index").index) == (2, 0)
    status, said = verdict(export(tmp_path))
    assert (status, "entries before 2 are past their term" in said) == (0, True), said


def test_an_export_says_what_is_past_its_term_and_is_believed_only_by_an_entry(old_log, tmp_path):
    let_go()

    about = json.loads(zipfile.ZipFile(export(tmp_path)).read("export.json"))
    assert (about["from"], about["log"]["treeSize"]) == (31, TreeState.objects.get().size)
    status, said = verdict(export(tmp_path, operation="extract"))
    assert (status, "so says this export" in said) == (0, True)
    old_log.execute("ALTER TABLE processing_log_leaf DISABLE TRIGGER USER")
    old_log.execute("DELETE FROM processing_log_leaf WHERE index IN (31, 32)")
    status, said = verdict(export(tmp_path))
    assert (status, "entry 31 is missing" in said) == (1, True)


def test_whoever_cuts_the_beginning_off_by_hand_is_named(old_log, tmp_path):
    old_log.execute("DROP TABLE processing_log_event_2021_03, processing_log_leaf_2021_03")
    assert "entry 0 is missing" in verdict(export(tmp_path))[1]

    old_log.execute("INSERT INTO processing_log_removedmonth (month, entries, before) VALUES ('2021-03-01', 10, 31)")
    assert "no entry says that they are past their term" in verdict(export(tmp_path))[1]


def test_nothing_goes_before_its_announcement_is_signed(old_log):
    assert log_term.remove_old_log(clock.now()) == 0
    assert log_term.remove_old_log(clock.now()) == 0
    assert Event.objects.filter(fact="log_past_term").count() == 2
    sequence()
    assert log_term.remove_old_log(clock.now()) == 0

    assert len([name for name in months() if "2021" in name]) == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("SELECT processing_log_remove_month((current_date - interval '36 months')::date)", "within its term"),
        ("SELECT processing_log_remove_month('2021-04-01')", "the oldest month goes first"),
        ("SELECT processing_log_remove_month('2021-03-01')", "no signed event"),
        ("DELETE FROM processing_log_event", "permission denied"),
        ("INSERT INTO processing_log_removedmonth VALUES ('2021-03-01', 1, 1)", "permission denied"),
        ("DROP TABLE processing_log_event_2021_03", "must be owner"),
    ],
)
def test_the_application_can_take_nothing_else_out(old_log, change, words):
    with pytest.raises(ProgrammingError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.parametrize(
    "change", ["UPDATE processing_log_removedmonth SET before = 1", "DELETE FROM processing_log_removedmonth"]
)
def test_what_was_removed_is_never_rewritten(old_log, change):
    let_go()
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        old_log.execute(change)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("DELETE FROM processing_log_tile WHERE level = 0", "hashes of the tree are missing"),
        ("DELETE FROM processing_log_leaf WHERE index = 2", "not all of this month"),
        ("DELETE FROM processing_log_checkpoint", "not all of this month"),
    ],
)
def test_the_database_removes_nothing_whose_proof_would_be_lost(old_log, damage, words):
    log_term.remove_old_log(clock.now())
    sequence()
    signed()
    for table in ("tile", "leaf", "checkpoint"):
        old_log.execute(f"ALTER TABLE processing_log_{table} DISABLE TRIGGER USER")
    old_log.execute(damage)

    with pytest.raises(ProgrammingError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT processing_log_remove_month('2021-03-01')")


def test_a_month_that_is_being_taken_out_waits(old_log):
    log_term.remove_old_log(clock.now())
    sequence()
    signed()
    with old_log.transaction():
        old_log.execute("SELECT * FROM processing_log_removedmonth")
        assert log_term.remove_old_log(clock.now()) == 0
    assert log_term.remove_old_log(clock.now()) == 2


def test_the_monitor_counts_months_that_should_be_gone(old_log):
    assert monitor.figures(clock.now()).log_months_overdue == 2
    let_go()
    assert monitor.figures(clock.now()).log_months_overdue == 0


def test_beat_lets_months_go():
    scheduled = [entry["task"] for entry in app.conf.beat_schedule.values()]
    assert "retention.tasks.remove_old_log" in scheduled

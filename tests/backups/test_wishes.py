"""What people said after the backup is so after the restore, and the log that comes back is proved by its tree."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from backups import making
from consent import services, suppression
from consent.models import LedgerEntry, WishDebt
from consent.suppressed import ALL_ADVERTISING, Suppression
from consent.wishes import replay
from law import clock
from personal_data.models import Subject
from processing_log.actors import Actor
from processing_log.models import Checkpoint, Event, TreeState
from processing_log.signer import sign
from retention import ledger
from tests.backups.test_restoring import restore
from tests.factories.consent import make_consent, publish
from tests.factories.log_tree import sequence_all
from tests.factories.processing_log import make_event
from tests.factories.retention import make_modest_person
from tests.processing_log.tree.conftest import SEED

pytestmark = pytest.mark.django_db(transaction=True)

DIGEST = bytes(range(32))


@pytest.fixture(autouse=True)
def beginning(transactional_db: None, settings: Any, own_home: Path, tmp_path: Path) -> None:
    """This process signs, and the texts of consents are published."""
    settings.LOG_SIGNING_KEY, settings.LOG_SIGNER_DIR = SEED, tmp_path / "signer"
    publish()


def withdraw(consent: LedgerEntry) -> None:
    services.withdraw_consent(
        subject_id=consent.subject_id, purpose=consent.purpose, actor=Actor.system("test"), at=clock.now()
    )


def suppress(digest: bytes = DIGEST) -> None:
    suppression.suppress(
        digest, scope=ALL_ADVERTISING, reason=Suppression.Reason.OBJECTION, channel=Suppression.Channel.DESK,
        actor=Actor.system("test"), at=clock.now(),
    )  # fmt: skip


def test_a_withdrawal_and_an_objection_after_the_backup_are_still_so_after_the_restore(
    elsewhere: Callable[..., Any], tmp_path: Path
) -> None:
    first, stays = (make_consent(subject_id=make_modest_person(name=name)) for name in ("Анна", "Мария"))
    making.make(tmp_path / "backups", at=clock.now())
    withdraw(first)
    suppress()
    said_at = LedgerEntry.objects.get(subject=first.subject, kind="withdrawn").at

    with elsewhere():
        said = restore(tmp_path / "backups")
        last = LedgerEntry.objects.filter(subject=first.subject).latest("turn")

        assert said["wishes"] == 2
        assert (last.kind, last.turn, last.at) == ("withdrawn", 2, said_at)
        assert Subject.objects.get(pk=first.subject_id).open_purposes == []
        assert Subject.objects.get(pk=stays.subject_id).open_purposes == [stays.purpose]
        assert list(Suppression.objects.values_list("scope", "turn")) == [("*", 1)]
        assert Event.objects.filter(fact="consent_withdrawn", actor_id="restore").count() == 1
        assert replay() == 0  # a second time changes nothing


def test_what_the_backup_knew_is_not_said_again_after_a_newer_word(
    elsewhere: Callable[..., Any], tmp_path: Path
) -> None:
    consent = make_consent(subject_id=make_modest_person(name="Анна"))
    withdraw(consent)
    again = make_consent(subject_id=consent.subject_id, at=clock.now())
    suppress()
    making.make(tmp_path / "backups", at=clock.now())

    with elsewhere():
        assert restore(tmp_path / "backups")["wishes"] == 0
        assert LedgerEntry.objects.filter(subject=consent.subject).latest("turn").pk == again.pk
        assert Subject.objects.get(pk=consent.subject_id).open_purposes == [consent.purpose]


def test_a_line_that_was_never_written_is_owed_until_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    consent = make_consent(subject_id=make_modest_person(name="Анна"))
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", _disk_full)
        withdraw(consent)
        assert WishDebt.objects.count() == 1

    making.make(tmp_path / "backups", at=clock.now())

    assert WishDebt.objects.count() == 0
    assert str(consent.subject_id) in ledger.path("withdrawals").read_text()


def test_a_restore_without_the_ledger_of_withdrawals_is_refused(elsewhere: Callable[..., Any], tmp_path: Path) -> None:
    withdraw(make_consent(subject_id=make_modest_person(name="Анна")))
    making.make(tmp_path / "backups", at=clock.now())

    with elsewhere(with_ledger=False), pytest.raises(CommandError, match=r"withdrawals\.jsonl lacks lines"):
        restore(tmp_path / "backups")


def test_the_log_that_comes_back_is_proved_and_says_what_it_lost(elsewhere: Callable[..., Any], tmp_path: Path) -> None:
    _sign_events(5)
    making.make(tmp_path / "backups", at=clock.now())
    _sign_events(4)
    lost = Checkpoint.objects.latest("size")

    with elsewhere():
        restore(tmp_path / "backups")
        told = Event.objects.get(fact="log_end_lost")
        sequence_all()
        new = sign(at_once=True)

        assert told.reason == f"{lost.size} {bytes(lost.root).hex()}"
        assert new is not None
        assert TreeState.objects.get().alarm == ""
        assert [file.name.rpartition(".")[2] for file in sorted((tmp_path / "signer").iterdir())] == [
            "checkpoint",
            f"lost-{lost.size}",
        ]


def test_a_log_that_was_edited_before_its_backup_is_not_opened(
    elsewhere: Callable[..., Any], as_superuser: Any, tmp_path: Path
) -> None:
    _sign_events(3)
    as_superuser.execute("ALTER TABLE processing_log_leaf DISABLE TRIGGER USER")
    as_superuser.execute("DELETE FROM processing_log_leaf WHERE index = 1")
    making.make(tmp_path / "backups", at=clock.now())

    with elsewhere(), pytest.raises(CommandError, match="not the one that was signed: indices"):
        restore(tmp_path / "backups")


def _sign_events(number: int) -> None:
    for turn in range(number):
        make_event(reason=f"R-{turn}")
    sequence_all()
    sign(at_once=True)


def _disk_full(*_args: Any) -> None:
    raise OSError("no space left")

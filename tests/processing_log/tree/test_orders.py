"""Files that the worker makes, and the proofs that people take."""

import io
import zipfile
from datetime import timedelta

import pytest

from access.roles import Role
from law import clock
from processing_log import mandates, orders, verify_log
from processing_log.export import Format
from processing_log.filters import LogFilter
from processing_log.models import Event, LogExport, Mandate
from processing_log.sequencer import sequence
from processing_log.signer import sign
from processing_log.tasks import look_after_exports
from retention import receipts
from retention.destruction import destroy_due
from retention.services import start_clock
from tests.factories.accounts import JOINED_AT, make_user, sign_in
from tests.factories.processing_log import make_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auditor(client):
    user = make_user(address="auditor@example.org", role=Role.AUDITOR)
    sign_in(client, user, second_factor=True)
    return user


def is_verified(content: bytes, tmp_path) -> bool:
    (tmp_path / "taken.zip").write_bytes(content)
    return verify_log.report(tmp_path / "taken.zip", [], None, io.StringIO()) == 0


def entries_in(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return len(archive.read("entries.jsonl").splitlines())


def signed() -> None:
    sequence()
    sign(at_once=True)


@pytest.mark.parametrize("form", ["zip", "xlsx"])
def test_a_file_is_ordered_made_and_taken(client, auditor, signer, tmp_path, form):
    make_event(operation="destroy")
    signed()

    page = client.post("/audit/export/", {"form": form, "operation": "destroy"}, follow=True)
    [ordered] = LogExport.objects.all()
    assert "Ждёт своей очереди" in page.text or "waits" in page.text.lower()
    assert client.get(f"/audit/exports/{ordered.pk}/file/").status_code == 404
    look_after_exports()
    orders.make(ordered.pk)

    ready = client.get(f"/audit/exports/{ordered.pk}/")
    taken = b"".join(client.get(f"/audit/exports/{ordered.pk}/file/").streaming_content)
    assert f"/audit/exports/{ordered.pk}/file/" in ready.text
    assert form == "xlsx" or is_verified(taken, tmp_path)
    export = Event.objects.get(fact="log_exported")
    assert (export.actor_kind, export.actor_id) == ("auditor", str(auditor.pk))
    assert f"format={form}" in export.reason
    assert Event.objects.latest("id").reason == f"file={ordered.pk}"


def everything() -> LogFilter:
    """As far as the only auditor's mandate goes."""
    return LogFilter(within=mandates.scope_of(Mandate.objects.earliest("pk")))


def test_an_order_is_made_once_cancelled_and_cleared_away(client, auditor, signer):
    make_event()
    signed()
    ordered = [orders.order(actor=auditor.actor, wanted=everything(), form=Format.ZIP, since=None) for _ in range(3)]
    assert client.post(f"/audit/exports/{ordered[0].pk}/cancel/").status_code == 302
    for each in ordered[:2]:
        orders.make(each.pk)
        orders.make(each.pk)

    assert [LogExport.objects.get(pk=each.pk).state for each in ordered] == ["cancelled", "ready", "waiting"]
    assert [orders.file_of(each).exists() for each in ordered] == [False, True, False]
    orders.clear_away(clock.now() + timedelta(hours=25))
    assert [LogExport.objects.get(pk=each.pk).state for each in ordered] == ["cancelled", "gone", "failed"]
    assert not orders.file_of(ordered[1]).exists()


def test_an_order_is_seen_by_nobody_else(client, auditor):
    other = make_user(address="other-auditor@example.org", role=Role.AUDITOR)
    ordered = orders.order(actor=other.actor, wanted=everything(), form=Format.CSV, since=None)
    assert client.get(f"/audit/exports/{ordered.pk}/").status_code == 404


def test_an_order_is_cancelled_while_it_is_made(auditor, signer, monkeypatch):
    for _ in range(3):
        make_event()
    signed()
    monkeypatch.setattr(orders, "STEP", 1)
    ordered = orders.order(actor=auditor.actor, wanted=everything(), form=Format.CSV, since=None)
    before = orders._Progress.add

    def cancelled_by_then(self, number):
        orders.cancel(ordered)
        before(self, number)

    monkeypatch.setattr(orders._Progress, "add", cancelled_by_then)
    orders.make(ordered.pk)

    assert LogExport.objects.get().state == "cancelled"
    assert not orders.file_of(ordered).exists()
    assert not Event.objects.filter(fact="log_exported").exists()


def test_an_auditor_takes_the_proof_of_one_event(client, auditor, signer, tmp_path):
    event = make_event()
    assert client.get(f"/audit/events/{event.pk}/proof/").status_code == 404
    signed()

    page = client.get(f"/audit/events/{event.pk}/")
    taken = client.get(f"/audit/events/{event.pk}/proof/").content
    assert f"/audit/events/{event.pk}/proof/" in page.text
    assert (entries_in(taken), is_verified(taken, tmp_path)) == (1, True)
    assert client.get("/audit/checkpoints/").status_code == 200


def test_a_person_takes_the_proof_of_what_is_in_the_log_about_them(client, signer, tmp_path):
    user = make_user(address="anna@example.org")
    sign_in(client, user)
    make_event(subject=user.subject_id)
    make_event()
    assert client.get("/me/log/proof/", follow=True).redirect_chain == [("/me/log/", 302)]
    signed()

    taken = client.get("/me/log/proof/").content
    assert entries_in(taken) == Event.objects.filter(subject=user.subject_id).count()
    assert is_verified(taken, tmp_path)


def test_a_receipt_of_destruction_has_its_proof_and_names_nobody(client, signer, tmp_path):
    gone = make_user(address="gone@example.org", first_name="Евдокия", at=JOINED_AT)
    start_clock(
        subject_id=gone.subject_id, trigger="subscription_ended", at=clock.now() - timedelta(days=40), actor=gone.actor
    )
    destroy_due(at=clock.now())
    code = receipts.code_for(gone.subject_id)
    assert client.get(f"/receipts/{code}/proof/").status_code == 404
    signed()

    assert f"/receipts/{code}/proof/" in client.get(f"/receipts/{code}/").text
    taken = client.get(f"/receipts/{code}/proof/").content
    assert is_verified(taken, tmp_path)
    assert entries_in(taken) >= 1
    with zipfile.ZipFile(io.BytesIO(taken)) as archive:
        told = archive.read("entries.jsonl").decode()
    assert "gone@example.org" not in told
    assert "Евдокия" not in told
    assert "subject_destroyed" in told

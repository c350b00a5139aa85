"""Charts, unusual reads and kept checkpoints on the auditor's desk."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from law import clock
from law.deadlines import operator_zone
from processing_log import kept, notes, overview, tally, unusual
from processing_log.actors import Actor, ActorKind
from processing_log.kept import Verdict
from processing_log.models import Event, Leaf, Tally
from processing_log.notes import TreeHead
from processing_log.unusual import Sign, Span
from tests.factories.log_tree import SEED, make_checkpoint
from tests.factories.processing_log import STAFF, make_event

pytestmark = pytest.mark.django_db(transaction=True)


# --- charts ---------------------------------------------------------------------------------------------------------


def test_each_entry_is_counted_once_however_often_it_is_counted():
    for _ in range(3):
        make_event(operation="extract", purpose="rights", subject=uuid4())
    make_checkpoint()
    tally.count()
    tally.count()
    make_event(operation="extract", purpose="rights")
    make_checkpoint()
    tally.count()

    [row] = Tally.objects.filter(operation="extract")
    assert (row.number, row.purpose, row.actor_id) == (4, "rights", STAFF.id)
    assert sum(Tally.objects.values_list("number", flat=True)) == Leaf.objects.count()


def test_people_who_are_many_are_counted_without_their_reference():
    make_event(actor=Actor(kind=ActorKind.USER, id=str(uuid4())), operation="use")
    make_checkpoint()
    tally.count()

    assert Tally.objects.get(operation="use").actor_id == ""


def test_overview_counts_within_the_mandate_only(limited):
    make_event(operation="destroy", purpose="retention")
    make_event(operation="extract", purpose="rights")
    make_checkpoint()
    tally.count()
    today = clock.now().astimezone(operator_zone()).date()

    shown = overview.overview(limited(operations=("destroy",)), first=today - timedelta(days=2), last=today)

    assert shown.total == 1
    assert [number for _name, number in shown.purposes] == [1]


def test_overview_leaves_out_a_day_of_which_the_mandate_holds_a_part(limited):
    make_event()
    make_checkpoint()
    tally.count()
    now = clock.now()
    today = now.astimezone(operator_zone()).date()
    scope = limited(events_since=now - timedelta(minutes=1))

    assert overview.overview(scope, first=today - timedelta(days=2), last=today).total == 0


@pytest.mark.parametrize(("days", "columns"), [(0, 1), (30, 31), (100, 15), (400, 14)])
def test_overview_has_a_readable_number_of_columns(limited, days, columns):
    last = datetime(2026, 3, 31, tzinfo=UTC).date()

    shown = overview.overview(limited(), first=last - timedelta(days=days), last=last)

    assert abs(len(shown.over_time[0].columns) - columns) <= 1


def test_page_of_charts_has_a_table_for_each_and_is_an_event(seat):
    make_event(operation="extract", subject=uuid4(), reason="")
    make_checkpoint()
    tally.count()

    page = seat.get(reverse("audit:overview")).content.decode()

    assert page.count("<table") >= 5
    assert "Unusual reads" in page
    assert Event.objects.latest("id").reason.startswith("overview since=")


# --- unusual reads --------------------------------------------------------------------------------------------------


@pytest.fixture
def nobody_asked(monkeypatch):
    monkeypatch.setattr(unusual._knowledge, "requests", lambda _subjects: {})
    monkeypatch.setattr(unusual._knowledge, "colleagues", frozenset)


def read(
    *, at: str = "2026-03-03T12:00:00+03:00", subject: UUID | None = None, reason: str = "", purpose: str = "rights"
):
    return Event(
        at=datetime.fromisoformat(at), operation="extract", actor_kind="staff", actor_id="clerk", fact="",
        subject=subject or uuid4(), purpose=purpose, reason=reason, categories=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at", "is_out"),
    [
        ("2026-03-03T08:00:00+03:00", False),
        ("2026-03-03T19:59:00+03:00", False),
        ("2026-03-03T20:00:00+03:00", True),
        ("2026-03-03T07:59:00+03:00", True),
        ("2026-03-01T12:00:00+03:00", True),  # a Sunday
        ("2026-03-09T12:00:00+03:00", True),  # a Monday off
    ],
)
def test_a_read_out_of_hours_is_unusual(nobody_asked, at, is_out):
    [signs] = unusual._signs([read(at=at, reason="2026-000001")])

    assert (Sign.OUT_OF_HOURS in signs) is is_out


def test_reads_of_twenty_people_in_a_day_are_unusual(nobody_asked):
    nineteen = [read(reason="2026-000001") for _ in range(19)]
    assert not any(unusual._signs([*nineteen, nineteen[0]]))
    assert all(Sign.MANY in signs for signs in unusual._signs([*nineteen, read(reason="2026-000001")]))


def test_a_read_of_a_colleague_is_unusual_unless_it_is_work_with_accounts(nobody_asked, monkeypatch):
    colleague = uuid4()
    monkeypatch.setattr(unusual._knowledge, "colleagues", lambda: {colleague})

    signs = unusual._signs([read(subject=colleague), read(subject=colleague, purpose="staff")])

    assert signs == [[Sign.COLLEAGUE], []]


def test_a_read_without_an_open_request_is_unusual_unless_one_is_named(nobody_asked, monkeypatch):
    asked = uuid4()
    span = Span(since=datetime(2026, 3, 1, tzinfo=UTC), until=datetime(2026, 3, 4, tzinfo=UTC))
    monkeypatch.setattr(unusual._knowledge, "requests", lambda _subjects: {asked: [span]})
    reads = [
        read(subject=asked),
        read(subject=asked, at="2026-03-05T12:00:00+03:00"),
        read(reason="request 2026-000007"),
        read(),
    ]

    assert unusual._signs(reads) == [[], [Sign.NO_REQUEST], [], [Sign.NO_REQUEST]]


# --- a kept checkpoint ----------------------------------------------------------------------------------------------


def test_kept_checkpoint_that_the_log_grew_from_is_proved():
    make_event()
    old = make_checkpoint()
    for _ in range(5):
        make_event()
    new = make_checkpoint()

    found = kept.compare(old.note)

    assert (found.verdict, found.is_good) == (Verdict.GROWN, True)
    assert found.proof
    assert kept.compare(new.note).verdict == Verdict.SAME
    as_mailed = "\r\n\r\n" + old.note.replace("\n", " \r\n") + "\r\n"
    assert kept.compare(as_mailed).verdict == Verdict.GROWN


def test_kept_checkpoint_tells_each_misfit_apart(as_superuser):
    make_event()
    newest = make_checkpoint()
    key = Ed25519PrivateKey.from_private_bytes(notes.from_base64(SEED))
    head = TreeHead.parse(notes.Note.parse(newest.note).text)

    def signed(*, origin: str = head.origin, size: int = head.size, root: bytes = head.root, by=key) -> str:
        return str(notes.sign(str(TreeHead(origin=origin, size=size, root=root)), origin, by))

    assert kept.compare(signed(size=head.size + 5)).verdict == Verdict.CUT
    assert kept.compare(signed(root=b"x" * 32)).verdict == Verdict.FORKED
    assert kept.compare(signed(size=head.size - 1, root=b"x" * 32)).verdict == Verdict.FORKED
    assert kept.compare(signed(origin="another.example/log")).verdict == Verdict.OTHER_LOG
    assert kept.compare(signed(by=Ed25519PrivateKey.generate())).verdict == Verdict.UNKNOWN_KEY
    broken = newest.note.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n")
    assert kept.compare(broken).verdict == Verdict.BROKEN


@pytest.mark.parametrize(
    "garbage", ["hello", "", "\x00\x01", "a\n5\nAAAA\n\n— a b\n", "log\n-1\n\n\n", "— x y", "я" * 5000]
)
def test_kept_garbage_is_no_checkpoint(garbage):
    make_event()
    make_checkpoint()

    assert kept.compare(garbage).verdict == Verdict.NO_NOTE


def test_kept_says_so_when_hashes_are_missing_or_nothing_is_signed(as_superuser):
    assert kept.compare("x").verdict == Verdict.NOTHING_SIGNED
    make_event()
    old = make_checkpoint()
    make_event()
    make_checkpoint()
    as_superuser.execute("SET session_replication_role = replica")
    as_superuser.execute("ALTER TABLE processing_log_tile DISABLE TRIGGER ALL")
    as_superuser.execute("DELETE FROM processing_log_tile")

    assert kept.compare(old.note).verdict == Verdict.NOT_KEPT


def test_page_compares_what_is_pasted_or_uploaded_and_keeps_it_nowhere(seat):
    make_event()
    old = make_checkpoint()
    make_event()
    make_checkpoint()

    pasted = seat.post(reverse("audit:kept"), {"note": old.note}).content.decode()
    file = SimpleUploadedFile("kept", old.note.encode())
    uploaded = seat.post(reverse("audit:kept"), {"file": file}).content.decode()

    for page in (pasted, uploaded):
        assert "only grew since" in page
    assert Event.objects.latest("id").reason == f"kept={old.size} verdict=grown"
    seat.post(reverse("audit:kept"), {"note": "vera@example.org"})
    assert Event.objects.latest("id").reason == "kept=? verdict=no_note"


@pytest.mark.parametrize("posted", [{}, {"note": "  "}, {"note": "x" * 20_000}])
def test_page_says_what_is_missing(seat, posted):
    assert seat.post(reverse("audit:kept"), posted).status_code == 400


def test_page_takes_any_file_for_what_it_is(seat):
    make_event()
    make_checkpoint()
    image = SimpleUploadedFile("kept.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))

    assert "This is not a checkpoint" in seat.post(reverse("audit:kept"), {"file": image}).content.decode()
    large = SimpleUploadedFile("kept", b"x" * 20_000)
    assert seat.post(reverse("audit:kept"), {"file": large}).status_code == 400

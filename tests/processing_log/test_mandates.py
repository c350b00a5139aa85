"""What an auditor may see ends where the mandate ends: for the query, for PostgreSQL, for an open session."""

import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F
from django.urls import reverse

from access.roles import Role
from accounts.models import User
from law import clock
from processing_log import export, mandates, orders, selectors
from processing_log.export import Format
from processing_log.filters import LogFilter
from processing_log.models import Event, Leaf, LogExport, Mandate
from processing_log.packages import leaves
from processing_log.scopes import Scope, TooMuch, eyes
from tests.factories.accounts import make_user, sign_in
from tests.factories.log_tree import make_checkpoint
from tests.factories.mandates import make_mandate
from tests.factories.processing_log import make_event

pytestmark = pytest.mark.django_db
COMMITTED = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auditor():
    user = make_user(address="auditor@example.org", role=Role.AUDITOR, language="en")
    mandates.end(mandate_id=Mandate.objects.get().pk, how="early", by=uuid4(), at=clock.now())
    return user


@pytest.fixture
def seat(client, auditor):
    return sign_in(client, auditor)


def scope_of(auditor: User, **limits: Any) -> Scope:
    return mandates.scope_of(make_mandate(auditor=auditor.pk, **limits))


def in_the_eyes_of(scope: Scope) -> set[int]:
    with eyes(scope):
        return set(Event.objects.values_list("pk", flat=True))


def two() -> tuple[Event, Event]:
    """One inside of any of the limits below, and one outside of all."""
    inside = make_event(operation="destroy", purpose="retention", categories=("moon", "name"))
    outside = make_event(operation="extract", purpose="rights", categories=("phone",))
    return inside, outside


LIMITS = [{"operations": ("destroy",)}, {"purposes": ("retention",)}, {"categories": ("moon", "passport")}]


# --- the database ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limits", LIMITS)
def test_database_shows_the_auditors_role_nothing_beyond_each_limit(auditor, limits):
    inside, _outside = two()

    assert in_the_eyes_of(scope_of(auditor, **limits)) == {inside.pk}


def test_database_shows_only_the_period(auditor):
    make_event()
    at = Event.objects.latest("id").at
    before = {"events_since": at - timedelta(days=2), "events_until": at}

    assert in_the_eyes_of(scope_of(auditor, **before)) == set(
        Event.objects.filter(at__lt=at).values_list("pk", flat=True)
    )


@pytest.mark.parametrize(
    "limits",
    [
        {"ends_at": datetime(2001, 1, 1, tzinfo=UTC)},
        {"begins_at": datetime(2189, 1, 1, tzinfo=UTC)},
        {"is_agreed": False},
    ],
)
def test_database_shows_nothing_outside_the_time_of_the_mandate(auditor, limits):
    make_event()

    assert in_the_eyes_of(scope_of(auditor, **limits)) == set()


def test_database_shows_nothing_once_the_mandate_is_ended_or_none_is_named(auditor):
    make_event()
    scope = scope_of(auditor)
    assert in_the_eyes_of(scope) != set()
    mandates.end(mandate_id=scope.mandate, how="early", by=uuid4(), at=clock.now())

    assert in_the_eyes_of(scope) == set()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE portal_auditor")
        cursor.execute("SELECT count(*) FROM processing_log_event")
        assert cursor.fetchone() == (0,)
        cursor.execute("RESET ROLE")


@COMMITTED
def test_database_shows_the_leaves_of_the_same_events_only(auditor):
    two()
    make_checkpoint()
    scope = scope_of(auditor, operations=("destroy",))

    with eyes(scope):
        seen = set(Leaf.objects.values_list("event_id", flat=True))

    assert seen == set(Event.objects.filter(operation="destroy").values_list("pk", flat=True)) != set()


@COMMITTED
@pytest.mark.parametrize("limits", [{}, *LIMITS])
def test_database_reads_the_mandate_once_a_statement_and_not_for_each_row(auditor, limits):
    """What row security costs an export (docs/auditing.md) hangs on it."""
    for _ in range(5):
        make_event()
    make_checkpoint()

    with eyes(scope_of(auditor, **limits)):
        plans = [Event.objects.all().explain(analyze=True), Leaf.objects.all().explain(analyze=True)]

    for lines in (plan.splitlines() for plan in plans):
        calls = [line for line in lines if "Scan on processing_log_mandate_in_force" in line]
        assert calls
        assert all("loops=1)" in line or "never executed" in line for line in calls)
        conditions = [line for line in lines if "Filter: " in line or "Cond: " in line]
        assert conditions
        assert not any("mandate_in_force" in line for line in conditions)


@COMMITTED
def test_database_asks_for_the_event_of_a_leaf_only_when_the_mandate_has_more_limits_than_a_period(auditor):
    make_event()
    make_checkpoint()

    with eyes(scope_of(auditor)):
        plan = Leaf.objects.all().explain(analyze=True)

    looks = [line for line in plan.splitlines() if " on processing_log_event" in line]
    assert looks
    assert all("never executed" in line for line in looks)


@COMMITTED
def test_leaves_of_a_period_are_those_of_its_events(auditor):
    for _ in range(4):
        make_event()
    moments = sorted(Event.objects.values_list("at", flat=True))
    make_checkpoint()
    mandate = make_mandate(auditor=auditor.pk, events_since=moments[1], events_until=moments[-1])
    within = mandates.scope_of(mandate)

    for since, until in ((None, None), (moments[0], None), (moments[2], None), (None, moments[2]), (None, clock.now())):
        wanted = LogFilter(within=within, since=since, until=until)
        assert wanted.is_a_period
        found = {index for rows in leaves(wanted, 10**6) for index, _entry in rows}
        events = wanted.events().values_list("pk", flat=True)
        assert found == set(Leaf.objects.filter(event_id__in=list(events)).values_list("index", flat=True)) != set()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO processing_log_event (actor_kind) VALUES ('staff')",
        "SELECT * FROM personal_data_subject",
        "SELECT * FROM accounts_user",
        "SELECT * FROM processing_log_mandate",
        "SELECT * FROM processing_log_event_2026_11",
        "UPDATE processing_log_event SET reason = ''",
    ],
)
def test_database_lets_the_auditors_role_do_nothing_else(auditor, statement):
    with pytest.raises(DatabaseError, match=r"permission denied|does not exist"), eyes(scope_of(auditor)):
        connection.cursor().execute(statement)


def test_database_forgets_the_role_after_the_eyes_close_and_after_an_error(auditor):
    def role() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('portal.mandate', true)")
            return cursor.fetchone()

    scope = scope_of(auditor)
    with eyes(scope):
        assert role() == ("portal_auditor", str(scope.mandate))
    assert role() == ("portal_app", "")
    with pytest.raises(DatabaseError), transaction.atomic(), eyes(scope):
        connection.cursor().execute("SELECT 1/0")
    assert role()[0] == "portal_app"


def test_eyes_give_up_after_the_time_of_a_page(auditor):
    with pytest.raises(TooMuch), eyes(scope_of(auditor), seconds=1):
        connection.cursor().execute("SELECT pg_sleep(5)")


@pytest.mark.parametrize(
    "change",
    [
        {"events_since": datetime(1999, 1, 1, tzinfo=UTC)},
        {"ends_at": datetime(2198, 1, 1, tzinfo=UTC)},
        {"operations": []},
        {"purposes": ["ads"]},
        {"categories": []},
        {"auditor": uuid4()},
        {"confirmed_by": uuid4()},
        {"events_until": datetime(2198, 1, 1, tzinfo=UTC)},
    ],
)
def test_database_refuses_to_change_what_two_people_agreed_to(auditor, change):
    mandate = make_mandate(auditor=auditor.pk, operations=("destroy",), categories=("email",))

    with pytest.raises(DatabaseError, match="agreed to once"), transaction.atomic():
        Mandate.objects.filter(pk=mandate.pk).update(**change)


def test_database_refuses_to_take_an_end_back_and_to_remove_a_mandate(auditor):
    mandate = make_mandate(auditor=auditor.pk)
    mandates.end(mandate_id=mandate.pk, how="early", by=uuid4(), at=clock.now())

    with pytest.raises(DatabaseError, match="ended once"), transaction.atomic():
        Mandate.objects.filter(pk=mandate.pk).update(ended_at=None, how="")
    with pytest.raises(DatabaseError, match=r"permission denied|a mandate stays"), transaction.atomic():
        Mandate.objects.filter(pk=mandate.pk).delete()


def test_database_refuses_one_person_twice_and_a_late_agreement(auditor):
    mandate = make_mandate(auditor=auditor.pk, is_agreed=False)
    waiting = Mandate.objects.filter(pk=mandate.pk)

    with pytest.raises(IntegrityError, match="mandate_needs_two_people"), transaction.atomic():
        waiting.update(confirmed_by=F("proposed_by"), confirmed_at=mandate.proposed_at)
    with pytest.raises(IntegrityError, match="mandate_agreed_within_a_day"), transaction.atomic():
        waiting.update(confirmed_by=uuid4(), confirmed_at=mandate.proposed_at + timedelta(hours=24))
    with pytest.raises(IntegrityError, match="mandate_one_an_auditor"), transaction.atomic():
        make_mandate(auditor=auditor.pk)


# --- the pages ------------------------------------------------------------------------------------------------------


def test_desk_shows_an_auditor_without_a_mandate_nothing(seat, auditor):
    event = make_event()

    for path in (reverse("audit:events"), reverse("audit:event", args=[event.pk]), reverse("audit:checkpoints")):
        refused = seat.get(path, headers={"Accept-Language": "en"})
        assert refused.status_code == 403
        assert "Your invitation is over" in refused.content.decode()
    assert not Event.objects.filter(fact="log_read").exists()


def test_desk_closes_in_the_middle_of_a_session(seat, auditor):
    make_mandate(auditor=auditor.pk)
    assert seat.get(reverse("audit:events")).status_code == 200

    mandates.end(mandate_id=Mandate.objects.get(ended_at=None).pk, how="early", by=uuid4(), at=clock.now())

    assert seat.get(reverse("audit:events")).status_code == 403


@COMMITTED
@pytest.mark.parametrize("limits", LIMITS)
def test_pages_files_and_proofs_stay_within_the_mandate(seat, auditor, limits):
    inside, outside = two()
    make_checkpoint()
    make_mandate(auditor=auditor.pk, **limits)

    page = seat.get(reverse("audit:events")).content.decode()
    assert f"/audit/events/{inside.pk}/" in page
    assert f"/audit/events/{outside.pk}/" not in page
    assert seat.get(reverse("audit:event", args=[inside.pk])).status_code == 200
    assert seat.get(reverse("audit:event", args=[outside.pk])).status_code == 404
    assert seat.get(reverse("audit:proof", args=[inside.pk])).status_code == 200
    assert seat.get(reverse("audit:proof", args=[outside.pk])).status_code == 404
    assert seat.get(reverse("audit:events"), {"id": outside.pk}).content.decode().count("/audit/events/") == 0
    asked_for_more = {"form": "jsonl", "purpose": outside.purpose, "operation": outside.operation}
    file = b"".join(seat.post(reverse("audit:export"), asked_for_more).streaming_content)
    assert file == b""
    assert seat.get("/log/tile/entries/000.p/1").status_code == 403


@COMMITTED
def test_events_of_the_same_act_and_neighbours_stay_within_the_mandate(auditor, seat):
    context = uuid4()
    inside = make_event(operation="destroy", context=context)
    outside = make_event(operation="extract", context=context)
    make_checkpoint()
    scope = scope_of(auditor, operations=("destroy",))

    assert selectors.events_of_one_act(inside, scope) == []
    place = Leaf.objects.get(event_id=inside.pk).index
    known = {each.event_id for each in selectors.neighbours(place, scope)}
    assert inside.pk in known
    assert outside.pk not in known
    assert f"/audit/events/{outside.pk}/" not in seat.get(reverse("audit:event", args=[inside.pk])).content.decode()


@COMMITTED
@pytest.mark.parametrize("form", list(Format))
def test_every_format_stays_within_the_mandate_although_the_question_forgets_it(auditor, form, tmp_path):
    """As if the narrowing of queries were lost: the database's own rule is left."""
    inside, _outside = two()
    make_checkpoint()
    scope = scope_of(auditor, operations=("destroy",))
    wide = LogFilter(within=mandates.scope_of(Mandate.objects.get(ended_at=None)))
    object.__setattr__(wide.within, "operations", ())

    if form is Format.ZIP:
        assert [row for rows in leaves(wide, 10**6) for row in rows] != []
        entries = b"".join(entry for rows in leaves(wide, 10**6) for _index, entry in rows)
        assert b'"extract"' not in entries
    else:
        text = b"".join(block for _number, block in export.blocks(wide, Format.JSON_LINES))
        assert text.count(b"\n") == Event.objects.filter(operation="destroy").count()
        assert str(inside.context).encode() in text
    assert scope.operations == ("destroy",)


@COMMITTED
def test_order_is_not_made_and_not_given_when_the_mandate_has_ended(auditor, seat):
    make_event()
    make_checkpoint()
    scope = scope_of(auditor)
    first, second = (
        orders.order(actor=auditor.actor, wanted=LogFilter(within=scope), form=Format.ZIP, since=None) for _ in range(2)
    )
    orders.make(first.pk)
    mandates.end(mandate_id=scope.mandate, how="early", by=uuid4(), at=clock.now())
    orders.make(second.pk)

    assert LogExport.objects.get(pk=second.pk).state == "cancelled"
    assert seat.get(reverse("audit:file", args=[first.pk])).status_code == 403
    make_mandate(auditor=auditor.pk, operations=("destroy",))
    assert seat.get(reverse("audit:file", args=[first.pk])).status_code == 404


@COMMITTED
def test_export_says_what_it_was_limited_to(auditor, seat, tmp_path):
    two()
    make_checkpoint()
    scope = scope_of(auditor, operations=("destroy",))
    ordered = orders.order(actor=auditor.actor, wanted=LogFilter(within=scope), form=Format.ZIP, since=None)
    orders.make(ordered.pk)

    taken = b"".join(seat.get(reverse("audit:file", args=[ordered.pk])).streaming_content)

    assert "operations=destroy" in zipfile.ZipFile(io.BytesIO(taken)).read("export.json").decode()

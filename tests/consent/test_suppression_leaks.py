"""An address that was suppressed stands nowhere: not in a row, not in the log, not in what the application printed."""

from collections.abc import Collection
from secrets import token_hex

import pytest

from access.roles import Role
from accounts.services import delete_account
from consent.leaving import leave
from consent.suppressed import Suppression
from consent.suppression import digest_of
from notifications import dispatch
from operator_portal.embedded.home import SUPERUSER
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.places.everywhere import Places
from operator_portal.scanning.report import Report, Verdict
from operator_portal.scanning.scan import scan
from operator_portal.testing.databases import SlotDatabase
from personal_data.models import Subject
from retention.destruction import destroy_due
from tests.consent.test_unsubscribe import LATER, ONE_CLICK
from tests.factories.accounts import make_user, sign_in
from tests.factories.consent import GIVEN_AT, make_consent, publish
from tests.factories.notifications import AT
from tests.factories.suppression import SUPPRESSED_AT, make_news, way_out

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = ("database", "database-files", "broker")


def looked_for(database: SlotDatabase, *needles: str, places: Collection[str] = PLACES) -> Report:
    url = database.services.home.database_url(SUPERUSER, database.name)
    everywhere = Places(database_url=url)
    try:
        return scan(everywhere.named(places), Needles.of(list(needles), local_parts=True), quiet=True)
    finally:
        everywhere.close()


def test_suppressed_addresses_stand_nowhere_in_the_clear(client, slot_database, mailoutbox, caplog, capsys):
    publish()
    by_link, by_staff, by_service, gone = (f"canary-{token_hex(6)}@example.org" for _ in range(4))
    people = {address: make_user(address=address) for address in (by_link, by_service, gone)}
    for user in people.values():
        make_consent(subject_id=user.subject_id)
        dispatch.dispatch(make_news(subject_id=user.subject_id).pk, at=AT)
    assert {letter.to[0] for letter in mailoutbox} == set(people)

    token = way_out(subject_id=people[by_link].subject_id, address=by_link).token
    client.post(f"/unsubscribe/{token}/", ONE_CLICK, content_type="application/x-www-form-urlencoded")
    clerk = sign_in(client, make_user(address="clerk@example.org", role=Role.STAFF))
    for act in ("check", "add"):
        clerk.post("/admin/consent/suppression/add/", {"address": by_staff, "scope": "*", act: "1"})
    leave(
        way_out(subject_id=people[by_service].subject_id, address=by_service),
        channel=Suppression.Channel.FEEDBACK,
        reason=Suppression.Reason.COMPLAINT,
        at=SUPPRESSED_AT,
    )
    delete_account(user=people[gone], at=GIVEN_AT)
    destroy_due(LATER)
    assert Subject.objects.get(pk=people[gone].subject_id).destroyed_at
    client.post(f"/w/{way_out(subject_id=people[gone].subject_id, address=gone).token}/", {"stop": "yes"})
    for user in (people[by_link], people[by_service]):
        dispatch.dispatch(make_news(subject_id=user.subject_id).pk, at=AT)

    assert Suppression.objects.count() == 4
    report = looked_for(slot_database, by_link, by_staff, by_service, gone, token)

    assert report.verdict is Verdict.CLEAN, report.lines()
    printed = caplog.text + "".join(capsys.readouterr())
    assert [word for word in (by_link, by_staff, by_service, gone, token) if word in printed] == []


def test_the_search_would_find_what_stands_there(slot_database):
    """So that the silence above says something: a digest is there, and is found."""
    address = f"canary-{token_hex(6)}@example.org"
    publish()
    leave(
        way_out(subject_id=make_user(address=address).subject_id, address=address),
        channel=Suppression.Channel.PAGE,
        at=SUPPRESSED_AT,
    )
    with slot_database.superuser() as connection:
        connection.execute("CREATE TABLE careless (digest bytea, note text)")
        connection.execute("INSERT INTO careless VALUES (%s, %s)", [digest_of(address), address])
        try:
            assert looked_for(slot_database, address, places=["database"]).verdict is Verdict.FOUND
        finally:
            connection.execute("DROP TABLE careless")

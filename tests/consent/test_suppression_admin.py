"""The list at the desk and for auditors: counts and codes, never an address."""

import pytest
from django.http import HttpResponse

from access.roles import Role
from consent.suppressed import Suppression
from consent.suppression import digest_of
from processing_log.models import Event
from tests.factories.accounts import make_user, sign_in
from tests.factories.suppression import make_suppression

pytestmark = pytest.mark.usefixtures("published")

LIST = "/admin/consent/suppression/"
ADD = f"{LIST}add/"
CANARY = "canary.of.the.desk@example.org"


@pytest.fixture
def desk(client, request):
    role = getattr(request, "param", Role.STAFF)
    client.cookies["django_language"] = "en"
    return sign_in(client, make_user(address=f"{role.value}@example.org", role=role))


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("desk", [Role.STAFF, Role.OFFICER], indirect=True)
def test_staff_put_an_address_on_the_list_and_nothing_keeps_it(desk):
    response = desk.post(ADD, {"address": CANARY, "scope": "*", "add": "1"}, follow=True)

    page = text(response)
    assert "The address is on the list." in page
    assert CANARY not in page
    row = Suppression.objects.get()
    assert (bytes(row.address_digest), row.scope, row.reason, row.channel) == (
        digest_of(CANARY),
        "*",
        "objection",
        "desk",
    )
    event = Event.objects.get(fact="address_suppressed")
    assert (event.subject, event.reason) == (None, "objection *")


def test_address_that_is_there_already_is_told_so(desk):
    make_suppression(address=CANARY)

    response = desk.post(ADD, {"address": CANARY, "scope": "ads", "add": "1"}, follow=True)

    assert "The address was on the list already." in text(response)
    assert Suppression.objects.count() == 1


def test_check_says_by_purpose_and_changes_nothing(desk):
    make_suppression(address=CANARY, scope="ads")

    page = text(desk.post(ADD, {"address": CANARY.upper(), "scope": "*", "check": "1"}))

    assert page.count("the list does not forbid it") == 1
    assert "wrote to the operator" in page
    assert Suppression.objects.count() == 1
    assert Event.objects.filter(fact="suppression_checked").count() == 1


@pytest.mark.parametrize("address", ["", "no address", "a@b@c", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_refused_in_words(desk, address):
    page = text(desk.post(ADD, {"address": address, "scope": "*", "add": "1"}))

    assert "errorlist" in page
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("desk", [Role.ADMIN], indirect=True)
def test_administrator_sees_the_rows_and_may_not_ask_for_an_address(desk):
    assert desk.get(LIST).status_code == 200
    assert desk.get(ADD).status_code == desk.post(ADD, {"address": CANARY, "check": "1"}).status_code == 403


def test_list_asks_the_database_as_often_for_any_number_of_rows(desk, django_assert_max_num_queries):
    for number in range(3):
        make_suppression(address=f"person-{number}@example.org")

    with django_assert_max_num_queries(14):
        assert text(desk.get(LIST)).count("wrote to the operator") >= 3


@pytest.mark.parametrize("desk", [Role.AUDITOR], indirect=True)
def test_auditor_sees_counts(desk):
    assert "The list is empty" in text(desk.get("/audit/suppressions/"))
    make_suppression(address=CANARY)
    make_suppression(scope="ads", reason=Suppression.Reason.COMPLAINT)

    page = text(desk.get("/audit/suppressions/"))

    assert "reported as spam" in page
    assert "2 rows in all" in page
    assert CANARY not in page
    assert digest_of(CANARY).hex()[:8] not in page

"""Keys of other systems on the desk."""

import re

import pytest
from django.test import Client

from access.roles import Role
from processing_log.models import Event
from systems.models import SystemKey
from tests.factories.accounts import make_user, sign_in
from tests.factories.personal_data import make_subject
from tests.factories.systems import ask, make_system

pytestmark = pytest.mark.django_db
ADD = "/admin/systems/systemkey/add/"
LIST = "/admin/systems/systemkey/"
FORM = {"name": "crm", "purposes": ["account", "ads"], "per_minute": "600", "term": "90"}


def desk(client: Client, role: Role) -> Client:
    sign_in(client, make_user(address=f"{role}@example.org", role=role))
    return client


def test_administrator_makes_a_key_that_opens_and_is_shown_once(client):
    page = desk(client, Role.ADMIN).post(ADD, FORM)

    (secret,) = re.findall(r"opk_[\w-]{43}", page.content.decode())
    assert "no-store" in page.headers["Cache-Control"]
    assert ask({"purpose": "account", "subject": str(make_subject().pk)}, key=secret).json()["may"] is True
    key = SystemKey.objects.get()
    shown_later = client.get(LIST).content + client.get(f"{LIST}{key.pk}/change/").content
    assert b"crm" in shown_later
    assert b"opk_" not in shown_later
    event = Event.objects.filter(fact="system_key_made").get()
    assert (event.actor_kind, event.reason) == ("admin", "system crm")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Анна Белова"}, {"name": ""}, {"purposes": []}, {"purposes": ["nothing"]}, {"per_minute": "0"},
        {"term": "1"},
    ],
)  # fmt: skip
def test_form_is_shown_again_when_something_is_wrong(client, wrong):
    page = desk(client, Role.ADMIN).post(ADD, {**FORM, **wrong})

    assert b"errorlist" in page.content
    assert not SystemKey.objects.exists()


def test_second_key_of_a_system_is_refused_in_words(client):
    make_system(name="crm")

    page = desk(client, Role.ADMIN).post(ADD, FORM, headers={"accept-language": "en"})

    assert "This system has a key." in page.content.decode()
    assert SystemKey.objects.count() == 1


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMIN])
def test_officer_and_administrator_revoke(client, role):
    made = make_system()
    question = {"purpose": "account", "subject": str(make_subject().pk)}
    revoke = f"{LIST}{made.row.pk}/revoke/"
    assert desk(client, role).get(f"{LIST}{made.row.pk}/change/").content.count(revoke.encode()) == 1

    answers = [client.post(revoke) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert ask(question, key=made.secret).status_code == 401
    assert Event.objects.filter(fact="system_key_revoked").count() == 1
    assert revoke.encode() not in client.get(f"{LIST}{made.row.pk}/change/").content


def test_officer_makes_no_key_and_staff_see_none(client):
    made = make_system()
    assert desk(client, Role.OFFICER).get(ADD).status_code == 403

    other = desk(Client(), Role.STAFF)

    assert {other.get(LIST).status_code, other.get(ADD).status_code} == {403}
    assert other.post(f"{LIST}{made.row.pk}/revoke/").status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_list_counts_what_was_asked(client, rows):
    for number in range(rows):
        made = make_system(name=f"system-{number}")
        ask({"purpose": "account", "subject": str(make_subject().pk)}, key=made.secret)

    page = desk(client, Role.ADMIN).get(LIST).content.decode()

    assert page.count('field-asked">1<') == rows

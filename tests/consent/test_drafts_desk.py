"""Drafts at the operator's desk: an officer writes beside the findings, a second person publishes."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from access.roles import Role
from accounts.models import User
from consent.drafts import Draft
from consent.models import PolicyVersion
from law import clock
from processing_log.models import Event
from tests.factories.accounts import make_user, sign_in

pytestmark = pytest.mark.usefixtures("published")
LIST = "/admin/consent/draft/"


def desk(role: Role, address: str = "") -> tuple[Client, User]:
    user = make_user(address=address or f"{role.value}@example.org", role=role)
    client = sign_in(Client(headers={"accept-language": "en"}), user, second_factor=True)
    return client, user


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return str(response.content, "utf-8")


def begin(client: Client, document: str = "policy") -> Draft:
    day = clock.now().date() + timedelta(days=30)
    response = client.post(f"{LIST}add/", {"document": document, "effective_on": day.isoformat()})
    draft = Draft.objects.latest("begun_at")
    assert (response.status_code, response["Location"]) == (302, f"{LIST}{draft.pk}/change/")
    return draft


def save(client: Client, draft: Draft, old: str, new: str, **more: str) -> Any:
    data = {
        "effective_on": draft.effective_on.isoformat(),
        "text_ru": draft.text_ru.replace(old, new).replace("\n", "\r\n"),
        "text_en": draft.text_en.replace("\n", "\r\n"),
        **more,
    }
    return client.post(f"{LIST}{draft.pk}/save/", data, follow=True)


def publish(client: Client, draft: Draft) -> Any:
    """By the button of the page as it is now, or as whoever has no button would try."""
    found = re.search(r'name="seen" value="(\w+)"', text(client.get(f"{LIST}{draft.pk}/change/")))
    return client.post(f"{LIST}{draft.pk}/publish/", {"seen": found[1] if found else ""}, follow=True)


def test_officer_writes_and_administrator_publishes():
    officer, _ = desk(Role.OFFICER)
    admin, administrator = desk(Role.ADMIN)
    draft = begin(officer)

    html = text(save(officer, draft, "постоянно размещена", "всегда размещена", submit="yes"))
    assert "Handed over. A second person can publish it now." in html
    html = text(admin.get(f"{LIST}{draft.pk}/change/"))
    assert "всегда " in html
    assert "Nothing: purposes, data, recipients and operations are as they were." in html

    html = text(publish(admin, draft))
    assert "Personal data policy, version 2, is published." in html
    row = PolicyVersion.objects.get(number=2)
    assert row.draft_id == draft.pk
    assert Draft.objects.get(pk=draft.pk).approver == administrator.pk
    assert "\r" not in Draft.objects.get(pk=draft.pk).text_ru
    assert Event.objects.filter(fact="draft_published", actor_id=str(administrator.pk)).count() == 1


def test_findings_stand_beside_the_text_with_line_and_reason_and_nothing_is_handed_over():
    officer, _ = desk(Role.OFFICER)
    draft = begin(officer)

    html = text(
        save(officer, draft, "9.1. Политика", "9.1. Пользуясь сайтом, вы соглашаетесь на всё. Политика", submit="yes")
    )

    assert "The draft is saved, and not handed over" in html
    assert "1 finding refuses this text." in html
    line = next(n for n, words in enumerate(Draft.objects.get().text_ru.splitlines(), 1) if words.startswith("9.1."))
    assert f"line {line}" in html
    assert "To use the service is no consent" in html
    assert "<q>Пользуясь сайтом, вы соглашаетесь</q>" in html
    assert Draft.objects.get().state == "written"


def test_author_is_not_offered_to_publish_and_is_refused():
    officer, _ = desk(Role.OFFICER)
    draft = begin(officer)
    save(officer, draft, "постоянно размещена", "всегда размещена", submit="yes")

    html = text(officer.get(f"{LIST}{draft.pk}/change/"))
    assert "Publish, for ever" not in html
    assert "Take it back" in html
    assert "a second person has to" in text(publish(officer, draft))
    assert PolicyVersion.objects.count() == 1


def test_second_officer_reads_and_gives_back_but_does_not_write():
    officer, _ = desk(Role.OFFICER)
    second, _ = desk(Role.OFFICER, "second@example.org")
    draft = begin(officer)

    assert "draft-text" not in text(second.get(f"{LIST}{draft.pk}/change/"))
    assert "Only the one who began the draft writes it." in text(save(second, draft, "Политика", "Полис"))

    save(officer, draft, "постоянно размещена", "всегда размещена", submit="yes")
    assert "back with its author" in text(second.post(f"{LIST}{draft.pk}/return/", follow=True))
    assert Draft.objects.get().state == "written"


def test_draft_can_be_dropped_and_begun_again():
    officer, _ = desk(Role.OFFICER)
    draft = begin(officer)

    again = officer.post(f"{LIST}add/", {"document": "policy", "effective_on": "2030-01-01"})
    assert "A draft of this text is open already" in text(again)

    assert "The draft is dropped." in text(officer.post(f"{LIST}{draft.pk}/drop/", follow=True))
    assert begin(officer).number == 2
    assert "another state now" in text(officer.post(f"{LIST}{draft.pk}/drop/", follow=True))


def test_form_without_words_says_so():
    officer, _ = desk(Role.OFFICER)
    draft = begin(officer)

    html = text(officer.post(f"{LIST}{draft.pk}/save/", {"effective_on": "tomorrow", "text_ru": "", "text_en": ""}))

    assert html.count("This field is required.") == 2
    assert "Enter a valid date." in html


def test_second_person_publishes_no_words_that_came_after_they_had_opened_the_page():
    officer, _ = desk(Role.OFFICER)
    admin, _ = desk(Role.ADMIN)
    draft = begin(officer)
    save(officer, draft, "постоянно размещена", "всегда размещена", submit="yes")
    opened = text(admin.get(f"{LIST}{draft.pk}/change/"))
    officer.post(f"{LIST}{draft.pk}/return/")
    save(officer, Draft.objects.get(pk=draft.pk), "всегда размещена", "размещена навсегда", submit="yes")

    found = re.search(r'name="seen" value="(\w+)"', opened)
    assert found
    html = text(admin.post(f"{LIST}{draft.pk}/publish/", {"seen": found[1]}, follow=True))

    assert "the text was changed since you opened it" in html
    assert PolicyVersion.objects.count() == 1


def test_text_of_a_consent_is_drafted_by_its_purpose():
    officer, _ = desk(Role.OFFICER)
    admin, _ = desk(Role.ADMIN)
    draft = begin(officer, "ads")

    save(officer, draft, "по моей воле", "своей волей", submit="yes")
    publish(admin, draft)

    html = text(admin.get(f"{LIST}{draft.pk}/change/"))
    assert "Advertising by e-mail, version 2" in html
    assert "See it on the portal" in html


def test_list_shows_open_drafts_first():
    officer, _ = desk(Role.OFFICER)
    officer.post(f"{LIST}{begin(officer).pk}/drop/")
    begin(officer, "ads")

    html = text(officer.get(LIST))

    assert html.index("Advertising by e-mail") < html.index("Personal data policy</a>")


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_staff_and_administrators_do_not_write(role):
    client, _ = desk(role)

    assert client.get(f"{LIST}add/").status_code == 403

"""Each kind of request, from the person's page to the desk and back; a refusal by two; a word that waits."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from playwright.sync_api import Page, expect

from access.roles import Role
from accounts.models import User
from personal_data.models import Subject
from retention.models import Destruction
from subject_requests.kinds import OUTCOME_OF, RequestKind, State
from subject_requests.models import Request
from tests.factories.accounts import make_user, sign_in
from tests.journeys import acts

pytestmark = pytest.mark.django_db(transaction=True)

#: These end what is held: asked last.
LAST = (RequestKind.UNNEEDED, RequestKind.DESTRUCTION)


def enter(page: Page, user: User, base: str, language: str) -> Page:
    """Signed in already, with a second factor where one is needed."""
    session = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [
            {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base},
            {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base},
        ]
    )
    return page


def file(page: Page, kind: RequestKind) -> Request:
    page.goto("/me/requests/new/")
    page.locator(f"[name=kinds][value={kind.value}]").check()
    if kind == RequestKind.CLARIFICATION:
        page.locator("[name=new_last_name]").fill("Смирнова")
    page.locator("main form [type=submit]").first.click()
    page.wait_for_url("**/me/requests/*-*/")
    expect(page.locator("ul.clocks > li")).to_have_count(len(kind.rules))
    return Request.objects.latest("received_at", "number")


def answer(page: Page, filed: Request) -> None:
    page.goto(f"/admin/subject_requests/request/{filed.pk}/change/")
    page.locator("form[action$='/take/'] [type=submit]").click()
    if filed.asks(RequestKind.UNNEEDED):
        page.locator("details:has(form[action$='/parts/']) summary").click()
        page.locator("form[action$='/parts/'] [name=everything]").check()
        page.locator("form[action$='/parts/'] [type=submit]").click()
    page.locator("form[action$='/answer/'] [type=submit]").click()
    expect(page.locator("ul.messagelist .success")).to_be_visible()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_each_kind_is_asked_for_answered_and_carried_out(portal, open_browser, language):
    vera = enter(open_browser(), make_user(address="vera@example.org", last_name="Старая"), portal.url, language)
    clerk = enter(open_browser(), make_user(address="clerk@example.org", role=Role.STAFF), portal.url, language)

    for kind in (*(kind for kind in RequestKind if kind not in LAST), *LAST):
        filed = file(vera, kind)
        if filed.is_open:
            answer(clerk, filed)
        filed.refresh_from_db()
        assert (filed.state, filed.outcomes) == (State.ANSWERED, [OUTCOME_OF[kind]])
        vera.goto(f"/me/requests/{filed.pk}/")
        with translation.override(language):
            expect(vera.locator("main")).to_contain_text(str(State.ANSWERED.label))

    assert Subject.objects.get(pk=Request.objects.latest("received_at").subject_id).blocked_at


@pytest.mark.parametrize("language", ["ru", "en"])
def test_part_that_is_not_needed_goes_alone_and_the_person_reads_what_went(portal, open_browser, language):
    vera = enter(open_browser(), make_user(address="vera@example.org", last_name="Старая"), portal.url, language)
    clerk = enter(open_browser(), make_user(address="clerk@example.org", role=Role.STAFF), portal.url, language)
    filed = file(vera, RequestKind.UNNEEDED)

    clerk.goto(f"/admin/subject_requests/request/{filed.pk}/change/")
    clerk.locator("form[action$='/take/'] [type=submit]").click()
    clerk.locator("details:has(form[action$='/parts/']) summary").click()
    expect(clerk.locator("form[action$='/parts/'] [value='category email']")).to_have_count(0)
    clerk.locator("form[action$='/parts/'] [value^='accounts.Profile.last_name']").check()
    clerk.locator("form[action$='/parts/'] [type=submit]").click()
    clerk.locator("form[action$='/answer/'] [type=submit]").click()
    expect(clerk.locator("ul.messagelist .success")).to_be_visible()

    record = Destruction.objects.get()
    vera.goto(f"/me/requests/{filed.pk}/")
    expect(vera.locator("main")).to_contain_text(record.number)
    vera.locator("main a[href*='/receipts/']").first.click()
    expect(vera.locator("main")).to_contain_text(record.number)
    vera.goto("/me/profile/")
    expect(vera.locator("[name=last_name]")).to_have_value("")
    assert Subject.objects.get(pk=filed.subject_id).blocked_at is None


def test_refusal_takes_two_and_a_question_is_answered_on_the_way(portal, open_browser):
    vera = enter(open_browser(), make_user(address="vera@example.org"), portal.url, "ru")
    clerk = enter(open_browser(), make_user(address="clerk@example.org", role=Role.STAFF), portal.url, "ru")
    officer = enter(open_browser(), make_user(address="officer@example.org", role=Role.OFFICER), portal.url, "ru")
    filed = file(vera, RequestKind.ACCESS)
    at_desk = f"/admin/subject_requests/request/{filed.pk}/change/"

    clerk.goto(at_desk)
    clerk.locator("form[action$='/take/'] [type=submit]").click()
    clerk.locator("details:has(form[action$='/ask/']) summary").click()
    clerk.locator("form[action$='/ask/'] [name=text]").fill("За какой год? Ответьте на ivan@example.org")
    clerk.locator("form[action$='/ask/'] [type=submit]").click()
    expect(clerk.locator("form[action$='/ask/'] [name=checked]")).to_be_visible()
    clerk.locator("form[action$='/ask/'] [name=text]").fill("За какой год?")
    clerk.locator("form[action$='/ask/'] [type=submit]").click()

    vera.reload()
    expect(vera.get_by_text("За какой год?")).to_be_visible()
    vera.locator("form[action$='/add/'] [name=text]").fill("За прошлый")
    vera.locator("form[action$='/add/'] [type=submit]").click()

    clerk.goto(at_desk)
    clerk.locator("details:has(form[action$='/refuse/']) summary").click()
    clerk.locator("form[action$='/refuse/'] [name=norm]").select_option("152-FZ 14.6")
    clerk.locator("form[action$='/refuse/'] [name=text]").fill("Мы ответили вам две недели назад.")
    clerk.locator("form[action$='/refuse/'] [type=submit]").click()
    expect(clerk.locator("form[action$='/confirm/']")).to_have_count(0)
    vera.reload()
    expect(vera.get_by_text("две недели назад")).to_have_count(0)

    officer.goto("/admin/")
    officer.get_by_role("link", name=filed.number).first.click()
    officer.locator("form[action$='/confirm/'] [type=submit]").click()

    acts.until(lambda: Request.objects.get().state == State.REFUSED, what="the refusal")
    vera.reload()
    expect(vera.get_by_text("две недели назад")).to_be_visible()

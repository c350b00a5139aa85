from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse

from accounts.models import User
from consent.models import Acknowledgement, LedgerEntry, PolicyVersion, Screen, Served
from law import clock
from personal_data.models import Subject
from profiles import current
from tests.factories.consent import make_consent, make_withdrawal, show, text_of
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.usefixtures("published")
JOINED_AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


@pytest.fixture
def user() -> User:
    return User.objects.create(subject=make_subject(), email="token@s.invalid", date_joined=JOINED_AT)


@pytest.fixture
def signed_in(client, user):
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return str(response.content, "utf-8")


def test_consents_page_sends_a_stranger_to_sign_in(client):
    response = client.get("/me/consents/")

    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/me/consents/")


def test_consents_page_offers_each_consent_apart_and_nothing_ticked(signed_in):
    html = text(signed_in.get("/me/consents/"))

    assert html.count("Read and decide") == 4
    assert "checked" not in html
    assert "<form" not in html.split("<main")[1].split("consent-advertising")[1].split("</section>")[0]


def nonce_on(html: str) -> str:
    return html.split('name="nonce" value="')[1].split('"', maxsplit=1)[0]


def test_consent_page_gives_with_one_button_that_belongs_to_the_page(signed_in, user):
    nonce = nonce_on(text(signed_in.get("/me/consents/surveys/")))

    response = signed_in.post("/me/consents/surveys/give/", {"nonce": nonce}, follow=True)

    assert "Your consent is registered." in text(response)
    entry = LedgerEntry.objects.get()
    shown = text_of("surveys").sha256_en
    assert (entry.subject_id, entry.purpose, entry.language, entry.sha256) == (user.subject_id, "surveys", "en", shown)
    assert Subject.objects.get(pk=user.subject_id).open_purposes == ["surveys"]


def test_give_without_the_number_of_the_page_changes_nothing(signed_in):
    response = signed_in.post("/me/consents/surveys/give/", {}, follow=True)

    assert "Your answer came without the text it belongs to." in text(response)
    assert response.redirect_chain == [("/me/consents/surveys/", 302)]
    assert LedgerEntry.objects.count() == 0


def test_give_with_the_number_of_another_person_changes_nothing(signed_in):
    nonce = show(subject_id=make_subject().pk, purpose="surveys", at=clock.now()).nonce

    response = signed_in.post("/me/consents/surveys/give/", {"nonce": nonce}, follow=True)

    assert "Your answer belongs to another page." in text(response)
    assert LedgerEntry.objects.count() == 0


def test_give_with_a_page_that_was_answered_shows_it_anew(signed_in):
    nonce = nonce_on(text(signed_in.get("/me/consents/surveys/")))
    signed_in.post("/me/consents/surveys/give/", {"nonce": nonce})
    signed_in.post("/me/consents/surveys/withdraw/")

    response = signed_in.post("/me/consents/surveys/give/", {"nonce": nonce}, follow=True)

    assert "This page was answered already." in text(response)
    assert nonce_on(text(response)) != nonce
    assert LedgerEntry.objects.in_force().count() == 0


def test_give_with_a_page_that_lay_open_too_long_shows_it_anew(signed_in):
    with time_machine.travel(JOINED_AT, tick=False):
        nonce = nonce_on(text(signed_in.get("/me/consents/surveys/")))
        with time_machine.travel(JOINED_AT + timedelta(hours=24), tick=False):
            response = signed_in.post("/me/consents/surveys/give/", {"nonce": nonce}, follow=True)

    assert "This page lay open for more than a day." in text(response)
    assert LedgerEntry.objects.count() == 0


def test_give_twice_says_so(signed_in, user):
    make_consent(subject_id=user.subject_id)

    response = signed_in.post("/me/consents/advertising/give/", {"nonce": "whatever"}, follow=True)

    assert "You have given this consent already." in text(response)


def test_give_by_somebody_blocked_says_so(signed_in, user):
    nonce = nonce_on(text(signed_in.get("/me/consents/surveys/")))
    user.subject.block(at=JOINED_AT)

    response = signed_in.post("/me/consents/surveys/give/", {"nonce": nonce}, follow=True)

    assert "Your data is blocked" in text(response)
    assert LedgerEntry.objects.count() == 0
    assert "<button" not in text(signed_in.get("/me/consents/surveys/")).split('id="decide"')[1].split("</main>")[0]


def test_consent_page_that_a_browser_fetches_ahead_is_not_shown(signed_in):
    response = signed_in.get("/me/consents/surveys/", headers={"Sec-Purpose": "prefetch;prerender"})

    assert response.status_code == 503
    assert Served.objects.count() == 0


def test_consent_page_that_is_reloaded_is_one_showing(signed_in):
    pages = [text(signed_in.get("/me/consents/surveys/")) for _ in range(3)]
    signed_in.head("/me/consents/surveys/")

    assert len({nonce_on(page) for page in pages}) == 1
    assert Served.objects.count() == 1


def test_consent_page_in_another_language_is_another_showing(signed_in):
    text(signed_in.get("/me/consents/surveys/"))
    signed_in.cookies["django_language"] = "ru"
    text(signed_in.get("/me/consents/surveys/"))

    assert sorted(Served.objects.values_list("language", flat=True)) == ["en", "ru"]
    assert Screen.objects.count() == 2


def test_withdraw_takes_one_press_on_the_list(signed_in, user):
    make_consent(subject_id=user.subject_id)
    assert 'action="/me/consents/advertising/withdraw/"' in text(signed_in.get("/me/consents/"))

    response = signed_in.post("/me/consents/advertising/withdraw/", follow=True)

    assert "Your consent is withdrawn." in text(response)
    assert Subject.objects.get(pk=user.subject_id).open_purposes == []


def test_withdraw_what_is_not_in_force_says_so(signed_in):
    response = signed_in.post("/me/consents/advertising/withdraw/", follow=True)

    assert "This consent is not in force." in text(response)


@pytest.mark.parametrize("act", ["give", "withdraw"])
def test_act_on_a_consent_by_get_is_refused(signed_in, act):
    assert signed_in.get(f"/me/consents/advertising/{act}/").status_code == 405


def test_consent_page_shows_the_history(signed_in, user):
    make_consent(subject_id=user.subject_id)
    make_withdrawal(subject_id=user.subject_id)

    html = text(signed_in.get("/me/consents/advertising/"))

    assert html.index("Consent withdrawn") < html.index("Consent given")
    assert html.count(text_of("ads").sha256) == 2


def test_consent_page_of_a_purpose_without_consent_is_not_found(signed_in):
    assert signed_in.get("/me/consents/account/").status_code == 404


def test_acknowledge_registers_the_version_and_stops_asking(signed_in, user):
    shown = PolicyVersion.objects.get().sha256_en
    assert shown in text(signed_in.get("/me/consents/"))

    response = signed_in.post("/me/consents/policy/acknowledge/", {"shown": shown}, follow=True)

    assert Acknowledgement.objects.get().subject_id == user.subject_id
    assert shown not in text(response)


def test_consents_of_somebody_else_are_not_shown(signed_in):
    make_consent(subject_id=make_subject().pk)

    assert "Withdraw the consent" not in text(signed_in.get("/me/consents/"))


def test_consents_page_asks_the_database_as_often_for_any_history(signed_in, user, django_assert_max_num_queries):
    for purpose in ("ads", "surveys", "ads_measurement"):
        make_consent(subject_id=user.subject_id, purpose=purpose)
        make_withdrawal(subject_id=user.subject_id, purpose=purpose)

    with django_assert_max_num_queries(14):
        text(signed_in.get("/me/consents/"))


def test_consent_that_is_not_offered_any_more_stays_to_be_seen_and_withdrawn(signed_in, user, monkeypatch):
    entry = make_consent(subject_id=user.subject_id, purpose="surveys")
    slug, profile = entry.text.slug, current()
    left = {code: purpose for code, purpose in profile.purposes.items() if code != "surveys"}
    monkeypatch.setattr("profiles.loader.load", lambda _name: profile.model_copy(update={"purposes": left}))

    html = text(signed_in.get("/me/consents/"))
    assert "not used any more" in html
    assert f"/me/consents/{entry.pk}/receipt/" in html
    page = text(signed_in.get(f"/me/consents/{slug}/"))
    assert "Withdraw the consent" in page
    assert 'name="nonce"' not in page
    assert signed_in.post(f"/me/consents/{slug}/give/").status_code == 404

    text(signed_in.post(f"/me/consents/{slug}/withdraw/", follow=True))
    assert LedgerEntry.objects.latest("turn").kind == "withdrawn"
    assert "This consent is not asked for any more." in text(signed_in.get(f"/me/consents/{slug}/"))

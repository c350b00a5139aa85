"""Shown and given are two events, joined by a number that works once."""

import json
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError
from django.utils.html import strip_tags

from accounts.models import User
from consent import screens, tokens
from consent.models import LedgerEntry, Screen, Served
from consent.selectors import show_consent
from consent.services import NotShown, NotTheTextShown, give_consent
from consent.showing import Fault
from processing_log.models import Event
from profiles.documents import sha256
from tests.factories.consent import GIVEN_AT, make_consent, make_withdrawal, press, publish_next, show, text_of
from tests.factories.personal_data import make_subject, person

pytestmark = pytest.mark.usefixtures("published")
DAY = timedelta(days=1)


def give(subject, nonce: str, *, purpose: str = "surveys", at=GIVEN_AT):
    return give_consent(subject_id=subject.pk, purpose=purpose, nonce=nonce, actor=person(subject.pk), at=at)


def refusal_of(subject, nonce: str, **changes) -> Fault:
    with pytest.raises(NotShown) as refused:
        give(subject, nonce, **changes)
    assert LedgerEntry.objects.in_force().filter(subject=subject).count() == 0
    return refused.value.fault


def test_show_writes_down_person_text_language_and_screen_and_keeps_the_number_as_a_digest():
    subject = make_subject()

    shown = show(subject_id=subject.pk, purpose="surveys", language="en")

    served = Served.objects.get()
    text = text_of("surveys")
    assert (served.subject_id, served.text, served.language, served.sha256) == (subject.pk, text, "en", text.sha256_en)
    assert (served.at, served.expires_at) == (GIVEN_AT, GIVEN_AT + DAY)
    assert bytes(served.nonce_digest) == tokens.digest(shown.nonce)
    assert Screen.objects.get().content == shown.screen.canonical
    assert Event.objects.filter(fact="consent_shown", subject=subject.pk, context=served.act).count() == 1


def test_give_ties_the_entry_to_what_was_shown():
    subject = make_subject()

    entry = press(subject_id=subject.pk, purpose="surveys")

    assert entry.served == Served.objects.get()
    assert entry.channel == "portal"


def test_show_again_is_the_same_showing_until_its_last_hour():
    subject = make_subject()
    first = show(subject_id=subject.pk, purpose="surveys").nonce

    assert show(subject_id=subject.pk, purpose="surveys", at=GIVEN_AT + timedelta(hours=22)).nonce == first
    assert show(subject_id=subject.pk, purpose="surveys", at=GIVEN_AT + timedelta(hours=23, minutes=30)).nonce != first


def test_give_refuses_a_number_that_nobody_was_given():
    assert refusal_of(make_subject(), "no such number") == Fault.UNKNOWN


def test_give_refuses_the_number_of_somebody_else():
    nonce = show(subject_id=make_subject().pk, purpose="surveys").nonce

    assert refusal_of(make_subject(), nonce) == Fault.ANOTHERS


def test_give_refuses_the_number_of_another_purpose():
    subject = make_subject()
    nonce = show(subject_id=subject.pk, purpose="site_improvement").nonce

    assert refusal_of(subject, nonce) == Fault.ANOTHERS


def test_give_refuses_a_number_that_was_used():
    subject = make_subject()
    nonce = show(subject_id=subject.pk, purpose="surveys").nonce
    give(subject, nonce)
    make_withdrawal(subject_id=subject.pk, purpose="surveys", at=GIVEN_AT)

    assert refusal_of(subject, nonce) == Fault.USED


@pytest.mark.parametrize("late", [timedelta(0), DAY])
def test_give_refuses_a_number_after_a_day(late):
    subject = make_subject()
    nonce = show(subject_id=subject.pk, purpose="surveys").nonce

    assert refusal_of(subject, nonce, at=GIVEN_AT + DAY + late) == Fault.EXPIRED


def test_give_refuses_a_text_that_is_not_the_newest_any_more():
    subject = make_subject()
    nonce = show(subject_id=subject.pk, purpose="surveys").nonce
    publish_next("surveys")

    with pytest.raises(NotTheTextShown):
        give(subject, nonce)


def test_database_refuses_one_showing_for_two_entries():
    subject = make_subject()
    entry = press(subject_id=subject.pk, purpose="surveys")
    make_withdrawal(subject_id=subject.pk, purpose="surveys")

    entry.pk, entry.turn, entry._state.adding = None, 3, True
    with pytest.raises(IntegrityError, match="served_id"):
        entry.save(force_insert=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"served": "of somebody else"},
        {"at": GIVEN_AT + DAY},
        {"at": GIVEN_AT - DAY},
        {"language": "en"},
    ],
)
def test_database_refuses_a_consent_that_was_not_shown(changes):
    subject = make_subject()
    show(subject_id=subject.pk, purpose="surveys")
    text, served = text_of("surveys"), Served.objects.get()
    if "served" in changes:
        show(subject_id=make_subject().pk, purpose="surveys")
        changes = {"served": Served.objects.exclude(pk=served.pk).get()}
    language = changes.get("language", "ru")
    values = {"served": served, "at": GIVEN_AT, "language": "ru", "sha256": text.hash_in(language)} | changes

    with pytest.raises(IntegrityError, match="nothing proves this consent"):
        LedgerEntry.objects.create(
            subject=subject, purpose="surveys", turn=1, kind="given", text=text, act=served.act, **values
        )


def test_database_refuses_a_consent_that_was_given_without_a_showing():
    text = text_of("surveys")

    with pytest.raises(IntegrityError, match="ledger_entry_given_has_its_proof"):
        LedgerEntry.objects.create(
            subject=make_subject(),
            purpose="surveys",
            turn=1,
            kind="given",
            text=text,
            language="ru",
            sha256=text.sha256,
            at=GIVEN_AT,
            act=make_subject().pk,
        )


# --- the screen -----------------------------------------------------------------------------------------------------


def test_screen_hash_is_of_canonical_json():
    screen = screens.screen_of(show_consent(text_of("ads"), "ru"))

    content = json.loads(screen.canonical)

    assert screen.sha256 == sha256(screen.canonical)
    assert screens.canonical(content) == screen.canonical
    assert (content["format"], content["language"], content["purpose"]) == (screens.FORMAT, "ru", "ads")
    assert content["text"] == {"slug": "advertising", "version": 1, "sha256": text_of("ads").sha256}


def test_screen_differs_by_language_text_and_label():
    one = screens.screen_of(show_consent(text_of("ads"), "ru"))

    assert one.sha256 != screens.screen_of(show_consent(text_of("ads"), "en")).sha256
    assert one.sha256 != screens.screen_of(show_consent(text_of("surveys"), "ru")).sha256
    assert one.sha256 != sha256(one.canonical.replace("Даю согласие", "Да"))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("slug", ["advertising", "surveys"])
def test_page_shows_exactly_the_words_of_its_screen_and_in_their_order(client, language, slug):
    user = User.objects.create(subject=make_subject(), email="token@s.invalid", date_joined=GIVEN_AT)
    client.force_login(user)
    client.cookies["django_language"] = language

    html = client.get(f"/me/consents/{slug}/").content.decode()

    page = flat(unescape(strip_tags(html.split("<main")[1].split("</main>")[0])))
    blocks = json.loads(Screen.objects.get().content)["blocks"]
    place = page.index(flat(blocks[0]["text"]))
    for block in blocks:
        place = page.index(flat(block["text"]), place) + len(flat(block["text"]))
    assert len(blocks) > 10


def flat(text: str) -> str:
    return " ".join(text.split())


def test_database_refuses_a_screen_under_a_wrong_hash():
    with pytest.raises(IntegrityError, match="screen_hash_is_of_its_words"):
        Screen.objects.create(sha256="0" * 64, content="{}", first_shown_at=GIVEN_AT)


def test_a_thousand_people_before_one_page_are_one_screen():
    for _ in range(3):
        make_consent(subject_id=make_subject().pk, purpose="surveys")

    assert (Screen.objects.count(), Served.objects.count()) == (1, 3)

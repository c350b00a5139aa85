"""Consents of other kinds than LOYAL CLUB's, by an operator profile of the tests: in writing, and to dissemination."""

import shutil
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import User
from consent import services, terms
from consent.dissemination import DisseminationChoice
from consent.models import ConsentTextVersion, LedgerEntry, Screen, Term
from consent.publication import NothingChosen, WrongChoice, may_disseminate
from personal_data.models import Subject
from profiles.errors import InvalidProfile
from profiles.loader import HERE, load
from tests.factories.consent import make_withdrawal, press, show
from tests.factories.papers import ONE, make_paper_consent
from tests.factories.personal_data import make_subject, person

pytestmark = pytest.mark.django_db
#: A Friday.
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PURPOSES = """
[purposes.honours]
clauses = ["3.6•1"]
basis = "6.1.1"
dissemination = true
subject_kinds = ["user"]
categories = ["email", "name"]
operations = ["store", "use", "transfer", "delete", "destroy"]
method = "automated"
title.ru = "Доска почёта"
title.en = "Roll of honour"
description.ru = "Показать всем на сайте, кто участвует."
description.en = "To show everybody on the site who takes part."
basis_note.ru = "Ваше отдельное согласие"
basis_note.en = "Your separate consent"

[purposes.health]
clauses = ["3.6•1"]
basis = "6.1.1"
form = "written"
subject_kinds = ["user"]
categories = ["request"]
operations = ["store", "use", "delete", "destroy"]
method = "mixed"
title.ru = "Особый случай"
title.en = "A special case"
description.ru = "Рассмотреть особый случай."
description.en = "To look into a special case."
basis_note.ru = "Ваше письменное согласие"
basis_note.en = "Your consent in writing"
"""
MORE = {
    "honours": ("subject", "resources", "conditions", "transfer"),
    "health": ("subject", "representative", "signature"),
}
SECTION = {"ru": "\n## {%s} Ещё раздел\n\nСказано то, что нужно.\n", "en": "\n## {%s} One more section\n\nAs needed.\n"}


@pytest.fixture
def folder(tmp_path, settings):
    """LOYAL CLUB with two purposes more; each has a text of its own kind."""
    folder = Path(shutil.copytree(HERE / "loyal_club", tmp_path / "club"))
    with (folder / "purposes.toml").open("a", encoding="utf-8") as file:
        file.write(PURPOSES)
    for purpose, codes in MORE.items():
        for language, section in SECTION.items():
            text = (folder / f"consents/surveys.1.{language}.md").read_text(encoding="utf-8")
            more = "".join(section % code for code in codes)
            (folder / f"consents/{purpose}.1.{language}.md").write_text(text + more, encoding="utf-8")
        toml = (folder / "consents/surveys.1.toml").read_text(encoding="utf-8")
        (folder / f"consents/{purpose}.1.toml").write_text(toml.replace("surveys", purpose), encoding="utf-8")
    settings.OPERATOR_PROFILE = str(folder)
    yield folder
    load.cache_clear()


@pytest.fixture
def published(folder) -> None:
    call_command("apply_profile", str(folder), stdout=StringIO())


@pytest.fixture
def page(client, published):
    subject = make_subject()
    client.force_login(User.objects.create(subject=subject, email="token@s.invalid", date_joined=FRIDAY))
    client.cookies["django_language"] = "en"
    client.subject = subject
    return client


def faults(folder: Path) -> str:
    load.cache_clear()
    with pytest.raises(InvalidProfile) as refused:
        load(str(folder))
    return str(refused.value)


def cut(folder: Path, purpose: str, code: str) -> None:
    for language, section in SECTION.items():
        path = folder / f"consents/{purpose}.1.{language}.md"
        path.write_text(path.read_text(encoding="utf-8").replace(section % code, ""), encoding="utf-8")


# --- in writing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", MORE["health"])
def test_written_text_that_lacks_one_of_the_nine_items_is_refused(folder, code):
    cut(folder, "health", code)

    assert f"has no section '{code}' (152-FZ, 9.4, items 1, 2 and 9)" in faults(folder)


def test_text_by_click_has_no_signature(folder):
    path = folder / "consents/surveys.1.ru.md"
    path.write_text(path.read_text(encoding="utf-8") + SECTION["ru"] % "signature", encoding="utf-8")
    path = folder / "consents/surveys.1.en.md"
    path.write_text(path.read_text(encoding="utf-8") + SECTION["en"] % "signature", encoding="utf-8")

    assert "has the section 'signature', which a consent of this kind has not" in faults(folder)


def test_database_refuses_a_written_text_that_lacks_an_item(published):
    row = ConsentTextVersion.objects.get(purpose="surveys")
    row.pk, row.version, row.form, row.sha256 = None, 2, "written", "0" * 64

    with pytest.raises(IntegrityError, match="lacks the section"), transaction.atomic():
        row.save(force_insert=True)


def test_another_kind_needs_another_version(published, folder):
    path = folder / "purposes.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('form = "written"\n', ""), encoding="utf-8")
    for code in MORE["health"]:
        cut(folder, "health", code)
    load.cache_clear()

    with pytest.raises(CommandError, match="another form needs its next version"):
        call_command("apply_profile", str(folder), stdout=StringIO())


def test_written_consent_has_no_button_and_its_page_says_how(page):
    html = page.get("/me/consents/health/").content.decode()

    assert "This consent is given in writing" in html
    assert 'name="nonce"' not in html
    assert "/privacy/consents/health/v/1/form/" in html
    assert Screen.objects.count() == 0


def test_written_consent_by_a_number_of_its_own_making_is_refused(published):
    subject = make_subject()
    nonce = show(subject_id=subject.pk, purpose="health", at=FRIDAY).nonce

    with pytest.raises(services.OnPaperOnly):
        services.give_consent(subject_id=subject.pk, purpose="health", nonce=nonce, actor=person(subject.pk), at=FRIDAY)


def test_form_to_print_has_all_items_the_operator_filled_in_and_lines_for_the_person(page):
    html = page.get("/privacy/consents/health/v/1/form/").content.decode()

    for section in ConsentTextVersion.objects.get(purpose="health").document.en.sections:
        assert f'id="part-{section.code}"' in html
    assert "127495" in html
    assert html.count("Identity document: number, date of issue, issued by") == 2
    assert html.count("Signature") == 1


def test_written_consent_is_given_on_paper(published):
    entry = make_paper_consent(subject_id=make_subject().pk, purpose="health", at=FRIDAY)

    assert entry.channel == "paper"


# --- to dissemination -------------------------------------------------------------------------------------------------


ALLOWED = {"email": ("banned",), "name": ("conditions", "look_only")}


def give(subject: Subject, choices, at: datetime = FRIDAY):
    nonce = show(subject_id=subject.pk, purpose="honours", at=at).nonce
    return services.give_consent(
        subject_id=subject.pk, purpose="honours", nonce=nonce, actor=person(subject.pk), at=at, choices=choices
    )


@pytest.mark.parametrize("code", MORE["honours"])
def test_text_of_dissemination_that_lacks_what_is_asked_is_refused(folder, code):
    cut(folder, "honours", code)

    assert f"has no section '{code}' (152-FZ, 10.1; Roskomnadzor's Order 18)" in faults(folder)


def test_dissemination_keeps_each_ban_and_condition_and_starts_d19(published):
    subject = make_subject()

    entry = give(subject, ALLOWED)

    kept = DisseminationChoice.objects.filter(entry=entry).values_list("category", "decision", "conditions")
    assert list(kept) == [("email", "banned", []), ("name", "conditions", ["look_only"])]
    term = Term.objects.get(entry=entry)
    assert (term.rule, term.due_on, term.is_running) == ("D19", date(2026, 11, 25), True)
    assert may_disseminate(subject.pk, "honours", "name") == ("conditions", ["look_only"])
    assert may_disseminate(subject.pk, "honours", "email") is None
    terms.meet(term_id=term.pk, actor=ONE, at=FRIDAY)


@pytest.mark.parametrize(
    ("choices", "refusal"),
    [
        ({}, NothingChosen),
        ({"email": ("allowed",)}, NothingChosen),
        ({"email": ("banned",), "name": ("banned",)}, NothingChosen),
        ({"email": ("allowed",), "name": ("",)}, NothingChosen),
        ({"email": ("allowed", "look_only"), "name": ("banned",)}, WrongChoice),
        ({"email": ("conditions",), "name": ("banned",)}, WrongChoice),
        ({"email": ("conditions", "whatever"), "name": ("banned",)}, WrongChoice),
        ({"email": ("allowed",), "name": ("banned",), "request": ("allowed",)}, WrongChoice),
    ],
)
def test_silence_and_nonsense_allow_nothing(published, choices, refusal):
    subject = make_subject()

    with pytest.raises(refusal):
        give(subject, choices)

    assert LedgerEntry.objects.count() == 0
    assert Subject.objects.get(pk=subject.pk).open_purposes == []


def test_demand_to_stop_closes_at_once_and_starts_d20_beside_the_others(published):
    subject = make_subject()
    give(subject, ALLOWED)

    withdrawal = make_withdrawal(subject_id=subject.pk, purpose="honours", at=FRIDAY)

    found = {term.rule: (term.due_on, term.how) for term in Term.objects.filter(entry=withdrawal)}
    assert found["D20"] == (date(2026, 11, 20), "stopped")
    assert set(found) == {"D13", "D14", "D20"}
    assert Term.objects.get(rule="D19").how == "stopped"
    assert may_disseminate(subject.pk, "honours", "name") is None
    assert Subject.objects.get(pk=subject.pk).open_purposes == []


def test_page_of_dissemination_asks_about_each_category_and_chooses_nothing(page):
    html = page.get("/me/consents/honours/").content.decode()

    assert "checked" not in html
    for category in ("email", "name"):
        assert html.count(f'name="decision-{category}"') == 3
    nonce = html.split('name="nonce" value="')[1].split('"')[0]
    silent = page.post("/me/consents/honours/give/", {"nonce": nonce}).content.decode()
    assert "Please decide about each of the data" in silent
    said = {"nonce": nonce, "decision-email": "banned", "decision-name": "allowed"}
    assert "Your consent is registered." in page.post("/me/consents/honours/give/", said, follow=True).content.decode()
    assert may_disseminate(page.subject.pk, "honours", "name") == ("allowed", [])


def test_dissemination_on_paper_takes_its_conditions_along(published):
    choices = {category: list(choice) for category, choice in ALLOWED.items()}

    entry = make_paper_consent(subject_id=make_subject().pk, purpose="honours", at=FRIDAY, choices=choices)

    assert entry.choices.count() == 2


def test_loyal_club_disseminates_nothing_and_its_pages_do_not_speak_of_it(client):
    load.cache_clear()
    profile = load("loyal_club")
    assert not any(purpose.dissemination for purpose in profile.purposes.values())
    assert not any(purpose.form == "written" for purpose in profile.purposes.values())
    call_command("apply_profile", "loyal_club", stdout=StringIO())
    client.force_login(User.objects.create(subject=make_subject(), email="t@s.invalid", date_joined=FRIDAY))

    pages = ["/me/consents/", *(f"/me/consents/{text.slug}/" for text in ConsentTextVersion.objects.all())]
    for path in pages:
        html = client.get(path).content.decode()
        assert "decision-" not in html
        assert "показывать всем" not in html
    assert press(subject_id=make_subject().pk, purpose="surveys", at=FRIDAY).choices.count() == 0

"""What is done today against what people have agreed to."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, local
from threading import Event as Signal

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.models import MailAddress
from accounts.services import delete_account
from consent import mailbox, reach, tokens
from consent.evidence import evidence_of
from consent.facts import Fact
from consent.models import LedgerEntry, PolicyVersion, Term
from consent.publishing import publish_profile
from consent.rebuilding import rebuild
from consent.services import AlreadyInForce, NotTheTextShown, rebuild_open_purposes
from consent.suppression import is_suppressed
from personal_data.errors import NoConsent
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from profiles import current, load
from profiles.errors import InvalidProfile
from profiles.reach import hash_of
from retention.models import Clock
from retention.services import CONSENT_WITHDRAWN
from tests.factories.accounts import make_user
from tests.factories.consent import PUBLISHED_AT, make_consent, make_withdrawal, press, publish, text_of
from tests.factories.papers import by_guardian, make_paper, make_paper_consent
from tests.factories.personal_data import make_subject, person
from tests.factories.profiles import copy_profile, narrow_ads, next_policy, next_text, rewrite, widen_ads
from tests.factories.suppression import make_suppression

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, settings) -> Path:
    folder = copy_profile(tmp_path)
    settings.OPERATOR_PROFILE = str(folder)
    publish()
    return folder


def apply(folder: Path):
    load.cache_clear()
    return publish_profile(current(), actor=Actor.system("test"), at=PUBLISHED_AT)


def open_purposes(subject: Subject) -> list[str]:
    return Subject.objects.get(pk=subject.pk).open_purposes


def advertised_to(subject: Subject) -> bool:
    with processing("ads", actor=Actor.system("campaign")):
        return bool(MailAddress.objects.get(subject=subject).address)


def test_version_keeps_the_data_map_of_its_day_with_its_hash(folder):
    row = PolicyVersion.objects.get()

    assert row.data_map["purposes"]["ads"]["categories"] == ["correspondence", "email", "name"]
    assert row.data_map["purposes"]["ads"]["title"]["ru"] == "Реклама по электронной почте"
    assert row.data_map["recipients"]["yookassa"]["en"].startswith("YooKassa")
    assert row.data_map_sha256 == hash_of(row.data_map)


def test_widened_purpose_is_on_hold_until_the_person_consents_anew(folder):
    subject = make_subject()
    with processing("account", actor=person(subject.pk)):
        MailAddress.objects.create(subject=subject, address="somebody@example.org")
    make_consent(subject_id=subject.pk)
    assert advertised_to(subject)

    widen_ads(folder)
    next_policy(folder)
    next_text(folder)
    published = apply(folder)

    assert [(each.purpose, each.held) for each in published.settled] == [("ads", 1)]
    with pytest.raises(NoConsent):
        advertised_to(subject)

    make_consent(subject_id=subject.pk)
    assert advertised_to(subject)
    turns = LedgerEntry.objects.filter(subject=subject).order_by("turn").values_list("turn", "kind", "text__version")
    assert list(turns) == [(1, "given", 1), (2, "replaced", 1), (3, "given", 2)]


def test_renewed_consent_starts_none_of_the_terms_of_a_withdrawal(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    widen_ads(folder)
    next_text(folder)
    apply(folder)

    given = make_consent(subject_id=subject.pk)

    assert not Term.objects.exists()
    assert not Clock.objects.filter(subject=subject, trigger=CONSENT_WITHDRAWN).exists()
    replaced = LedgerEntry.objects.get(kind="replaced")
    assert (replaced.act, replaced.channel, replaced.at) == (given.act, "mail_link", given.at)
    assert evidence_of(replaced.pk).is_sound


def test_consent_on_hold_is_renewed_on_paper(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    widen_ads(folder)
    next_text(folder)
    apply(folder)

    make_paper_consent(subject_id=subject.pk, purpose="ads", **by_guardian())

    turns = LedgerEntry.objects.filter(subject=subject).order_by("turn").values_list("kind", "channel", "given_by")
    assert list(turns)[1:] == [("replaced", "paper", "guardian"), ("given", "paper", "guardian")]
    assert open_purposes(subject) == ["ads"]


def test_paper_with_the_old_text_does_not_renew(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    old = text_of("ads")
    widen_ads(folder)
    next_text(folder)
    apply(folder)

    with pytest.raises(AlreadyInForce):
        make_paper(subject_id=subject.pk, purpose="ads", text_id=old.pk)


def test_text_that_is_still_to_come_renews_nothing_yet(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    widen_ads(folder)
    next_text(folder)
    rewrite(folder / "consents/ads.2.toml", "version = 2", "version = 2\neffective_on = 2026-03-01")

    assert apply(folder).uncovered == ("ads",)
    with pytest.raises(AlreadyInForce):
        make_consent(subject_id=subject.pk, at=datetime(2026, 2, 28, tzinfo=UTC))
    make_consent(subject_id=subject.pk, at=datetime(2026, 3, 1, tzinfo=UTC))
    assert open_purposes(subject) == ["ads"]


def test_consent_to_less_than_is_done_lifts_no_suppression(folder):
    user = make_user(address="somebody@example.org", at=PUBLISHED_AT)
    make_suppression(address="somebody@example.org")
    widen_ads(folder)
    apply(folder)

    make_consent(subject_id=user.subject_id)

    assert is_suppressed("somebody@example.org", "ads")


def test_rebuild_of_everybody_agrees_with_what_is_on_hold(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    widen_ads(folder)
    apply(folder)

    assert [one for batch in rebuild(actor=Actor.system("test")) for one in batch.differences] == []
    assert open_purposes(subject) == []


def test_each_person_on_hold_finds_it_in_their_log(folder):
    people = [make_subject() for _ in range(3)]
    for subject in people[:2]:
        make_consent(subject_id=subject.pk)

    widen_ads(folder)
    apply(folder)

    held = Event.objects.filter(fact=Fact.CONSENT_ON_HOLD).values_list("subject", "reason")
    assert set(held) == {(subject.pk, "ads") for subject in people[:2]}


def test_everybody_is_put_on_hold_in_one_statement(folder):
    for _ in range(3):
        make_consent(subject_id=make_subject().pk)
    widen_ads(folder)

    with CaptureQueriesContext(connection) as queries:
        apply(folder)

    updates = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert len(updates) == 1


def test_consent_cannot_be_renewed_by_a_text_that_does_not_say_what_is_done(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    widen_ads(folder)

    published = apply(folder)

    assert published.uncovered == ("ads",)
    with pytest.raises(AlreadyInForce):
        make_consent(subject_id=subject.pk)
    newcomer = make_subject()
    make_consent(subject_id=newcomer.pk)
    assert open_purposes(newcomer) == []


def test_consent_to_a_harmless_new_text_stays_in_force(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    next_text(folder)

    apply(folder)

    assert open_purposes(subject) == ["ads"]
    with pytest.raises(AlreadyInForce):
        make_consent(subject_id=subject.pk)


def test_other_consents_stay_in_force(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk, purpose="surveys")
    make_consent(subject_id=subject.pk, purpose="ads")
    widen_ads(folder)

    apply(folder)

    assert open_purposes(subject) == ["surveys"]


def test_consent_is_off_hold_when_the_widening_is_taken_back(folder):
    subject, gone = make_subject(), make_subject()
    for each in (subject, gone):
        make_consent(subject_id=each.pk)
    widen_ads(folder)
    apply(folder)
    make_withdrawal(subject_id=gone.pk)
    narrow_ads(folder)

    published = apply(folder)

    assert [(each.purpose, each.released) for each in published.settled] == [("ads", 1)]
    assert (open_purposes(subject), open_purposes(gone)) == (["ads"], [])


def test_consent_on_hold_can_be_withdrawn(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    widen_ads(folder)
    apply(folder)

    entry = make_withdrawal(subject_id=subject.pk)

    assert (entry.turn, entry.kind, open_purposes(subject)) == (2, "withdrawn", [])


def test_rebuild_open_purposes_leaves_out_what_is_on_hold(folder):
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    widen_ads(folder)
    load.cache_clear()

    with processing("rights", actor=Actor.system("test")):
        assert rebuild_open_purposes(subject_id=subject.pk)

    assert open_purposes(subject) == []
    assert reach.on_hold().count() == 1


def test_wider_processing_without_consent_needs_a_version_that_says_so(folder):
    at_subscription = 'clauses = ["3.5", "5.2", "5.12"]\nbasis = "6.1.5"\nsubject_kinds = ["user"]\ncategories = ['
    rewrite(folder / "purposes.toml", at_subscription, at_subscription + '"request", ')

    with pytest.raises(InvalidProfile, match=r"purposes\.subscription: reaches further than version 1 .*request"):
        apply(folder)
    assert PolicyVersion.objects.count() == 1

    next_policy(folder, effective_on="2026-01-11")  # tomorrow is too late for what is done today
    with pytest.raises(InvalidProfile, match="has to come with it"):
        apply(folder)

    rewrite(folder / "policy/2.toml", "2026-01-11", "2026-01-10")
    assert apply(folder).policies == (2,)


def test_new_text_names_what_it_covers(folder):
    widen_ads(folder)
    next_text(folder)
    apply(folder)

    assert text_of("ads").reach["categories"] == ["correspondence", "email", "name", "request"]


def test_consent_on_hold_ends_with_the_account(folder):
    user = make_user(address="somebody@example.org", at=PUBLISHED_AT)
    make_consent(subject_id=user.subject_id)
    widen_ads(folder)
    apply(folder)

    delete_account(user=user, at=PUBLISHED_AT)

    assert LedgerEntry.objects.filter(subject=user.subject_id).latest("turn").kind == "withdrawn"


@pytest.mark.django_db(transaction=True)
def test_nobody_slips_through_while_a_version_is_published(folder, monkeypatch):
    """Whoever gives a consent to the old text at that moment, in a process that still runs by the narrower profile, is
    put on hold with the others, or refused."""
    people = [make_subject() for _ in range(40)]
    codes = {subject.pk: tokens.link_code_of(press(subject_id=subject.pk, at=PUBLISHED_AT).pk) for subject in people}
    ready, somebody = Barrier(5), Signal()
    covered, thread = reach.is_covered, local()
    monkeypatch.setattr(reach, "is_covered", lambda *given: getattr(thread, "is_old", False) or covered(*given))

    def give(mine: list[Subject]) -> None:
        thread.is_old = True
        ready.wait()
        for subject in mine:
            with suppress(NotTheTextShown):
                mailbox.confirm(code=codes[subject.pk], actor=person(subject.pk), at=PUBLISHED_AT)
            somebody.set()
        connections.close_all()

    def widen() -> None:
        ready.wait()
        somebody.wait(timeout=10)
        apply(folder)
        connections.close_all()

    widen_ads(folder)
    next_text(folder)
    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(give, people[start::4]) for start in range(4)] + [pool.submit(widen)]
        for each in done:
            each.result()

    assert LedgerEntry.objects.exists()
    assert Subject.objects.filter(open_purposes__contains=["ads"]).count() == 0
